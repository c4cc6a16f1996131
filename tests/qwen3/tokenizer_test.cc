#include "qwen3/tokenizer.h"

#include <string>
#include <thread>
#include <vector>

#include "core/utf8.h"
#include "tokenizer_folder.h"

namespace privet {
namespace {

std::vector<Span> RangesOf(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<Span> ranges;
  for (const Token& token : TokensOf(tokenizer, text)) ranges.push_back(token.bytes);
  return ranges;
}

// Only bytes, no merges: one token a byte, so that ranges are easy to foresee.
std::shared_ptr<const Tokenizer> BytesOnly(HanSplit place = HanSplit::kNone) {
  nlohmann::json json = SmallTokenizerJson();
  json["model"]["merges"].clear();
  return LoadJson(WithHanSplit(json, place));
}

int32_t SmallId(const std::string& token) {
  const nlohmann::json json = SmallTokenizerJson();
  for (const auto& added : json["added_tokens"]) {
    if (added["content"] == token) return added["id"];
  }
  return json["model"]["vocab"].at(token);
}

TEST(TokenizerTest, AppendsToWhatIsThere) {
  const auto tokenizer = *Tokenizer::Load(kSmallTokenizer);
  std::vector<Token> tokens = {{7, {1, 2}}};
  tokenizer->Encode("", &tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{7, {1, 2}}}));
  tokenizer->Encode("a", &tokens);
  EXPECT_EQ(tokens, (std::vector<Token>{{7, {1, 2}}, {SmallId("a"), {0, 1}}}));
}

TEST(TokenizerTest, GivesAPartOfACharacterTheRangeOfTheWhole) {
  EXPECT_EQ(RangesOf(*BytesOnly(), "é中x"),
            (std::vector<Span>{{0, 2}, {0, 2}, {2, 5}, {2, 5}, {2, 5}, {5, 6}}));
}

TEST(TokenizerTest, FindsTheWayBackThroughNfc) {
  const auto tokenizer = BytesOnly();
  // é of two code points: both its bytes come from the e; the x behind the mark is where it was.
  EXPECT_EQ(RangesOf(*tokenizer, "e\u0301x"), (std::vector<Span>{{0, 1}, {0, 1}, {3, 4}}));
  // Of é and a mark that goes below it: ẹ comes from the é, and the acute takes the place of the mark.
  EXPECT_EQ(RangesOf(*tokenizer, "\u00E9\u0323"),
            (std::vector<Span>{{0, 2}, {0, 2}, {0, 2}, {2, 4}, {2, 4}}));
  // A compatibility ideograph of three bytes becomes another of three.
  EXPECT_EQ(RangesOf(*tokenizer, "x\uF900y"), (std::vector<Span>{{0, 1}, {1, 4}, {1, 4}, {1, 4}, {4, 5}}));
  // Text before and behind an added token is normalised apart: the mark composes with nothing.
  EXPECT_EQ(RangesOf(*tokenizer, "e<tool>\u0301"), (std::vector<Span>{{0, 1}, {1, 7}, {7, 9}, {7, 9}}));
}

TEST(TokenizerTest, FindsAddedTokensLeftmostAndLongest) {
  const auto tokenizer = *Tokenizer::Load(kSmallTokenizer);
  EXPECT_EQ(
      TokensOf(*tokenizer, "<tool>s<tool><|im_end|>"),
      (std::vector<Token>{
          {SmallId("<tool>s"), {0, 7}}, {SmallId("<tool>"), {7, 13}}, {SmallId("<|im_end|>"), {13, 23}}}));
  for (const Token& token : TokensOf(*tokenizer, "<tool <|im_end| ＜tool＞")) {
    EXPECT_LT(token.id, SmallId("<|endoftext|>")) << "nothing but the whole counts";
  }
}

TEST(TokenizerTest, IsolatesHanCharactersBeforeOrBehindTheWords) {
  const std::string text = "a  中b的的";
  const auto words = [&](HanSplit place) {
    // Each of these words is one token of the vocabulary.
    std::vector<std::string> out;
    for (const Token& token : TokensOf(*LoadJson(WithHanSplit(SmallTokenizerJson(), place)), text)) {
      out.push_back(text.substr(token.bytes.begin, token.bytes.size()));
    }
    return out;
  };
  using Words = std::vector<std::string>;
  EXPECT_EQ(words(HanSplit::kFirst), (Words{"a", "  ", "中", "b", "的", "的"}));
  EXPECT_EQ(words(HanSplit::kLast), (Words{"a", " ", " ", "中", "b", "的", "的"}));
  EXPECT_EQ(words(HanSplit::kNone), (Words{"a", " ", " 中", "b", "的的"}));
}

TEST(TokenizerTest, EveryTokenOfAHanCharacterLiesInIt) {
  const auto tokenizer = *Tokenizer::Load(kSmallTokenizer);
  const auto isolating = LoadJson(WithHanSplit(SmallTokenizerJson(), HanSplit::kFirst));
  const std::string text = "龘靐齉中，王小明 123";
  for (const Token& token : TokensOf(*isolating, text)) {
    if (static_cast<unsigned char>(text[token.bytes.begin]) < 0xE4) continue;
    EXPECT_LE(token.bytes.size(), 3u);
  }
  EXPECT_NE(TokensOf(*tokenizer, "的的"), TokensOf(*isolating, "的的"));
}

TEST(TokenizerTest, TakesAMebibyteOfAnything) {
  const auto tokenizer = *Tokenizer::Load(kSmallTokenizer);
  for (const std::string_view unit :
       {"a", " ", "中", "\u0301", "e\u0301", "<", "<|im_end|>", "\n", "!", "\U0001D15E"}) {
    std::string text;
    while (text.size() < (1 << 20)) text += unit;
    const std::vector<Token> tokens = TokensOf(*tokenizer, text);
    ASSERT_FALSE(tokens.empty());
    EXPECT_LE(tokens.back().bytes.end, text.size());
    EXPECT_GE(tokens.back().bytes.end + 2, text.size()) << "at most a composed mark is left over";
  }
}

TEST(TokenizerTest, ManyThreadsShareOne) {
  const auto tokenizer = *Tokenizer::Load(kSmallTokenizer);
  const std::string text = "王小明's e\u0301 café <|im_end|> 1234 龘";
  const std::vector<Token> expected = TokensOf(*tokenizer, text);
  std::vector<std::vector<Token>> answers(4);
  std::vector<std::thread> threads;
  threads.reserve(answers.size());
  for (auto& answer : answers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) answer = TokensOf(*tokenizer, text);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) EXPECT_EQ(answer, expected);
}

}  // namespace
}  // namespace privet
