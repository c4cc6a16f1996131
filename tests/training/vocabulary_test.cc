#include "training/data/vocabulary.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "qwen3/tokenizer.h"

namespace privet {
namespace {

const std::vector<std::string> kCorpus = {"the thing and the other thing", "王小明住在北京", "and the thing",
                                          "北京"};

PrunedVocabulary Prune(const PruneOptions& options) {
  return PruneVocabulary(ReadTokenizerSpec("tests/qwen3/small_tokenizer").value(), options,
                         [](const auto& take) {
                           for (const std::string& text : kCorpus) take(text);
                           return absl::OkStatus();
                         })
      .value();
}

std::shared_ptr<const Tokenizer> Load(const PrunedVocabulary& pruned) {
  const auto folder = std::filesystem::temp_directory_path() / ("vocabulary_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "tokenizer.json") << pruned.tokenizer_json;
  auto tokenizer = Tokenizer::Load(folder);
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status().message();
  return *tokenizer;
}

std::vector<Token> Encode(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<Token> tokens;
  tokenizer.Encode(text, &tokens);
  return tokens;
}

TEST(VocabularyTest, FrequentTokensStayWholeAndEveryTextCanStillBeWritten) {
  const PrunedVocabulary pruned = Prune({.size = 400, .least_count = 1, .isolate_han = false});
  const auto small = Load(pruned);
  const auto large = Tokenizer::Load("tests/qwen3/small_tokenizer").value();
  EXPECT_EQ(small->vocabulary_size(), static_cast<size_t>(pruned.size));
  const auto original_ids = OriginalIds(ParseTokenizerJson(pruned.tokenizer_json, "small").value(),
                                        ReadTokenizerSpec("tests/qwen3/small_tokenizer").value());
  ASSERT_TRUE(original_ids.ok()) << original_ids.status().message();
  ASSERT_EQ(original_ids->size(), small->vocabulary_size());
  EXPECT_EQ(original_ids->end()[-2], 1500) << "<|endoftext|>, which both have";
  EXPECT_EQ(original_ids->back(), -1) << "<|mask|>, which is new";
  for (const std::string& text : kCorpus) {
    const auto tokens = Encode(*small, text);
    const auto before = Encode(*large, text);
    ASSERT_EQ(tokens.size(), before.size()) << text;
    for (size_t i = 0; i < tokens.size(); ++i) {
      EXPECT_EQ(tokens[i].bytes, before[i].bytes);
      EXPECT_EQ((*original_ids)[static_cast<size_t>(tokens[i].id)], before[i].id);
    }
  }
  EXPECT_EQ(pruned.whole_tokens, pruned.corpus_tokens);
  // What never occurred falls apart into bytes, and covers the text all the same.
  const auto other = Encode(*small, "Qwertz 張");
  EXPECT_EQ(other.front().bytes.begin, 0);
  EXPECT_EQ(other.back().bytes.end, std::string("Qwertz 張").size());
}

TEST(VocabularyTest, ATokenizerOfOtherTokensWasNotMadeOfIt) {
  const auto large = ReadTokenizerSpec("tests/qwen3/small_tokenizer").value();
  const auto small = ParseTokenizerJson(Prune({.size = 258}).tokenizer_json, "small").value();
  EXPECT_TRUE(OriginalIds(small, large).ok());
  EXPECT_EQ(OriginalIds(large, small).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(VocabularyTest, HanCharactersStandAlone) {
  const auto tokenizer = Load(Prune({.size = 400, .least_count = 1}));
  for (const Token& token : Encode(*tokenizer, "王小明住在北京")) EXPECT_EQ(token.bytes.size(), 3);
}

TEST(VocabularyTest, TheSizeIsNeverExceeded) {
  EXPECT_EQ(Prune({.size = 258, .least_count = 1}).size, 258);
  EXPECT_LE(Prune({.size = 262, .least_count = 1}).size, 262);
  const auto refused = PruneVocabulary(ReadTokenizerSpec("tests/qwen3/small_tokenizer").value(),
                                       {.size = 200}, [](const auto&) { return absl::OkStatus(); });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace privet
