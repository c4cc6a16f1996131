#include "qwen3/tokenizer_spec.h"

#include <gmock/gmock.h>

#include <functional>

#include "qwen3/byte_level.h"
#include "qwen3/qwen_split.h"
#include "tokenizer_folder.h"

namespace privet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

std::string ErrorOf(const json& tokenizer) {
  return std::string(ParseTokenizerJson(tokenizer.dump(), "x/tokenizer.json").status().message());
}

// merges.txt of a tokenizer.json.
std::string MergesText(const json& tokenizer) {
  std::string text = "#version: 0.2\n";
  for (const json& merge : tokenizer["model"]["merges"]) {
    text += merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
  }
  return text;
}

TEST(TokenizerSpecTest, MergesInEitherFormAreTheSame) {
  json pairs = SmallTokenizerJson();
  json strings = pairs;
  ASSERT_TRUE(pairs["model"]["merges"][0].is_array());
  for (json& merge : strings["model"]["merges"]) {
    merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
  }
  const std::string text = "王小明天去北京 hello world";
  EXPECT_EQ(TokensOf(*LoadJson(pairs), text), TokensOf(*LoadJson(strings), text));
}

TEST(TokenizerSpecTest, VocabularyAndMergesFilesAreTheSame) {
  const json small = SmallTokenizerJson();
  const TestFolder folder;
  folder.Write("vocab.json", small["model"]["vocab"].dump());
  folder.Write("merges.txt", MergesText(small));
  json decoder;
  for (json token : small["added_tokens"]) {
    const std::string id = std::to_string(token["id"].get<int>());
    token.erase("id");
    decoder[id] = token;
  }
  folder.Write("tokenizer_config.json", json({{"added_tokens_decoder", decoder}}).dump());
  const auto tokenizer = Tokenizer::Load(folder.path());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 1505u);
  const std::string text = "<|im_start|>王小明e\u0301天's <tool>s\r\n";
  EXPECT_EQ(TokensOf(**tokenizer, text), TokensOf(*LoadJson(small), text));
}

TEST(TokenizerSpecTest, AcceptsWhatDoesNotTouchTokens) {
  json tokenizer = SmallTokenizerJson();
  tokenizer["post_processor"] = {
      {"type", "Sequence"},
      {"processors", {{{"type", "ByteLevel"}, {"trim_offsets", false}}, {{"type", "TemplateProcessing"}}}}};
  tokenizer["truncation"] = {{"max_length", 8}};
  tokenizer["model"]["continuing_subword_prefix"] = "";
  tokenizer["model"]["unk_token"] = "<unk>";
  EXPECT_EQ(ErrorOf(tokenizer), "");
  tokenizer["normalizer"] = nullptr;
  const auto spec = ParseTokenizerJson(tokenizer.dump(), "f");
  ASSERT_TRUE(spec.ok());
  EXPECT_FALSE(spec->nfc);
}

TEST(TokenizerSpecTest, RefusesEverythingElseByFileKeyAndValue) {
  struct Case {
    const char* what;
    std::function<void(json*)> damage;
    const char* key;
    const char* found;
  };
  const auto step = [](json* t, size_t i) -> json& { return (*t)["pre_tokenizer"]["pretokenizers"][i]; };
  for (const Case& c : std::initializer_list<Case>{
           {"another normaliser", [](json* t) { (*t)["normalizer"]["type"] = "NFKC"; },
            "normalizer:", "NFKC"},
           {"no pre-tokenizer", [](json* t) { (*t)["pre_tokenizer"] = nullptr; }, "pre_tokenizer:", "null"},
           {"one alone",
            [](json* t) {
              (*t)["pre_tokenizer"] = {{"type", "Metaspace"}};
            },
            "pre_tokenizer:", "Metaspace"},
           {"another step",
            [&](json* t) {
              step(t, 0) = {{"type", "Digits"}};
            },
            "pretokenizers[0].type:", "Digits"},
           {"another pattern", [&](json* t) { step(t, 0)["pattern"]["Regex"] = "\\w+"; },
            "pretokenizers[0].pattern:", "w+"},
           {"a string for a pattern",
            [&](json* t) {
              step(t, 0)["pattern"] = {{"String", " "}};
            },
            "pattern:", "String"},
           {"another behaviour", [&](json* t) { step(t, 0)["behavior"] = "Removed"; },
            ".behavior:", "Removed"},
           {"inverted", [&](json* t) { step(t, 0)["invert"] = true; }, ".invert:", "true"},
           {"a prefix space", [&](json* t) { step(t, 1)["add_prefix_space"] = true; },
            ".add_prefix_space:", "true"},
           {"GPT-2's own pattern", [&](json* t) { step(t, 1).erase("use_regex"); }, ".use_regex:", "null"},
           {"no ByteLevel", [](json* t) { (*t)["pre_tokenizer"]["pretokenizers"].erase(1); },
            "pre_tokenizer:", "Sequence"},
           {"the pattern twice",
            [&](json* t) {
              (*t)["pre_tokenizer"]["pretokenizers"].insert((*t)["pre_tokenizer"]["pretokenizers"].begin(),
                                                            step(t, 0));
            },
            "pretokenizers[1].pattern:", "second time"},
           {"two classes",
            [](json* t) { *t = WithHanSplit(WithHanSplit(*t, HanSplit::kFirst), HanSplit::kLast); },
            "pretokenizers[1].pattern:", "second"},
           {"a step behind ByteLevel",
            [&](json* t) { (*t)["pre_tokenizer"]["pretokenizers"].push_back(step(t, 0)); },
            "pretokenizers[2]:", "Split"},
           {"trimmed offsets",
            [](json* t) {
              (*t)["post_processor"] = {{"type", "ByteLevel"}, {"trim_offsets", true}};
            },
            "post_processor.trim_offsets:", "true"},
           {"another post-processor",
            [](json* t) {
              (*t)["post_processor"] = {{"type", "BertProcessing"}};
            },
            "post_processor.type:", "BertProcessing"},
           {"another model", [](json* t) { (*t)["model"]["type"] = "Unigram"; }, "model.type:", "Unigram"},
           {"dropout", [](json* t) { (*t)["model"]["dropout"] = 0.1; }, "model.dropout:", "0.1"},
           {"bytes as <0x41>", [](json* t) { (*t)["model"]["byte_fallback"] = true; },
            "model.byte_fallback:", "true"},
           {"merges ignored", [](json* t) { (*t)["model"]["ignore_merges"] = true; },
            "model.ignore_merges:", "true"},
           {"a suffix", [](json* t) { (*t)["model"]["end_of_word_suffix"] = "</w>"; },
            "model.end_of_word_suffix:", "</w>"},
           {"a key that nobody knows", [](json* t) { (*t)["model"]["cache"] = 1; }, "model.", "cache"},
           {"an id below zero", [](json* t) { (*t)["model"]["vocab"]["a"] = -1; },
            "model.vocab[\"a\"]:", "-1"},
           {"an id beyond reason", [](json* t) { (*t)["model"]["vocab"]["a"] = 1LL << 40; },
            "model.vocab[\"a\"]:", "1099511627776"},
           {"an id twice", [](json* t) { (*t)["model"]["vocab"]["a"] = (*t)["model"]["vocab"]["b"]; },
            "model.vocab[\"b\"]:", "another"},
           {"a byte without a token", [](json* t) { (*t)["model"]["vocab"].erase("a"); },
            "model.vocab:", "byte 97"},
           {"a merge of strangers", [](json* t) { (*t)["model"]["merges"].push_back("a \u4E2D"); },
            "model.merges[", "vocabulary"},
           {"half a merge", [](json* t) { (*t)["model"]["merges"][3] = "a"; }, "model.merges[3]:", "\"a\""},
           {"no vocabulary", [](json* t) { (*t)["model"].erase("vocab"); }, "model.vocab:", "null"},
           {"an added token that eats spaces", [](json* t) { (*t)["added_tokens"][1]["lstrip"] = true; },
            "added_tokens[1].lstrip:", "true"},
           {"a normalised one", [](json* t) { (*t)["added_tokens"][1]["normalized"] = true; },
            "added_tokens[1].normalized:", "true"},
           {"an empty one", [](json* t) { (*t)["added_tokens"][1]["content"] = ""; },
            "added_tokens[1].content:", "\"\""},
           {"one with another id than the vocabulary's",
            [](json* t) { (*t)["added_tokens"][1]["content"] = "a"; }, "added_tokens[1].id:", "1501"},
       }) {
    json tokenizer = SmallTokenizerJson();
    c.damage(&tokenizer);
    EXPECT_THAT(ErrorOf(tokenizer),
                AllOf(HasSubstr("x/tokenizer.json: "), HasSubstr(c.key), HasSubstr(c.found)))
        << c.what;
  }
}

TEST(TokenizerSpecTest, ShowsLittleOfADeepOrLargeValue) {
  constexpr size_t kDeep = 200000;
  std::string deep = R"({"normalizer": {"type": )" + std::string(kDeep, '[') + std::string(kDeep, ']') + "}}";
  const auto spec = ParseTokenizerJson(deep, "x");
  EXPECT_LT(spec.status().message().size(), 300u);
  json tokenizer = SmallTokenizerJson();
  tokenizer["normalizer"] = std::string(100000, 'x');
  EXPECT_LT(ErrorOf(tokenizer).size(), 300u);
}

TEST(TokenizerSpecTest, AFileCutShortNamesTheByte) {
  const std::string whole = SmallTokenizerJson().dump();
  for (const size_t size : {size_t{0}, size_t{1}, whole.size() / 2, whole.size() - 1}) {
    const auto spec = ParseTokenizerJson(whole.substr(0, size), "x/tokenizer.json");
    EXPECT_THAT(std::string(spec.status().message()), HasSubstr("x/tokenizer.json: not JSON from byte"));
  }
}

TEST(TokenizerSpecTest, AFolderWithoutFilesSaysWhatItLacks) {
  const TestFolder folder;
  EXPECT_EQ(Tokenizer::Load(folder.path()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Tokenizer::Load(folder.path()).status().message()),
              AllOf(HasSubstr("tokenizer.json"), HasSubstr("vocab.json")));
  folder.Write("vocab.json", SmallTokenizerJson()["model"]["vocab"].dump());
  EXPECT_THAT(std::string(Tokenizer::Load(folder.path()).status().message()),
              HasSubstr("merges.txt: cannot be opened"));
  folder.Write("merges.txt", "#version: 0.2\na b c d\nab\n");
  EXPECT_THAT(std::string(Tokenizer::Load(folder.path()).status().message()),
              HasSubstr("merges.txt: line 2"));
}

TEST(CodePointSetTest, AcceptsOneClassOfCodePointsAndRanges) {
  struct Case {
    const char* pattern;
    std::vector<uint32_t> in, out;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"([\u4E00-\u9FFF])", {0x4E00, 0x4E2D, 0x9FFF}, {0x4DFF, 0xA000, 'a', 0x10FFFF}},
           {"[一-鿿㐀-䶿]", {0x4E00, 0x9FFF, 0x3400, 0x4DBF}, {0x4DC0, 0x33FF}},
           {R"([\x{20000}-\x{2A6DF}\u3007])", {0x20000, 0x2A6DF, 0x3007}, {0x1FFFF, 0x2A6E0, 0x3008}},
           {R"([\u4E00-\u4EFF\u4E80-\u4F00])", {0x4E00, 0x4EFF, 0x4F00}, {0x4F01}},
       }) {
    const auto set = CodePointSet::Parse(c.pattern);
    ASSERT_TRUE(set.ok()) << c.pattern << set.status();
    for (const uint32_t code_point : c.in) EXPECT_TRUE(set->Contains(code_point)) << c.pattern << code_point;
    for (const uint32_t code_point : c.out)
      EXPECT_FALSE(set->Contains(code_point)) << c.pattern << code_point;
  }
}

TEST(CodePointSetTest, RefusesEverythingElse) {
  for (const char* pattern : {"",           "[",
                              "[]",         "中",
                              "[^中]",      "[a-z]",
                              R"(\p{Han})", R"([\p{Han}])",
                              "[中]+",      "[中][文]",
                              "[鿿-一]",  "[一-]",
                              R"([\u4E0])", R"([\x{110000}])",
                              R"([\x{}])",  R"([\x{4E00)",
                              "[中-]x",     "[中",
                              "[[中]]",     R"([\u4E00-\u])"}) {
    EXPECT_FALSE(CodePointSet::Parse(pattern).ok()) << pattern;
  }
}

TEST(ByteLevelTest, WritesEveryByteAsItsOwnCharacter) {
  std::string all, written;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
    written += ByteLevelCharacter(static_cast<uint8_t>(byte));
  }
  EXPECT_EQ(BytesOfToken(written), all);
  EXPECT_EQ(ByteLevelCharacter(' '), "Ġ");
  EXPECT_EQ(ByteLevelCharacter('\n'), "Ċ");
  EXPECT_EQ(BytesOfToken("a b"), std::nullopt);
  EXPECT_EQ(BytesOfToken("中"), std::nullopt);
}

}  // namespace
}  // namespace privet
