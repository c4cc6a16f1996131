// Equal to Hugging Face `tokenizers` in ids and ranges. make_tokenizer_goldens.py wrote what is expected, a
// hash a line.
#include <cstdio>
#include <sstream>

#include "tokenizer_folder.h"

namespace privet {
namespace {

constexpr const char* kTextFolder = "../shared/data/text";
constexpr HanSplit kVariants[] = {HanSplit::kNone, HanSplit::kFirst, HanSplit::kLast};

// FNV-1a over id, begin and end of every token, four bytes each.
std::string HashOf(const std::vector<Token>& tokens) {
  uint32_t hash = 0x811C9DC5;
  const auto add = [&](size_t number) {
    for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ (number >> shift & 0xFF)) * 0x01000193;
  };
  for (const Token& token : tokens) {
    add(static_cast<size_t>(token.id));
    add(token.bytes.begin);
    add(token.bytes.end);
  }
  char text[9];
  std::snprintf(text, sizeof(text), "%08x", hash);
  return text;
}

std::vector<std::string> HardLines() {
  return nlohmann::json::parse(Slurp("tests/qwen3/hard_lines.json")).get<std::vector<std::string>>();
}

// Row i holds the hashes of hard line i: three variants of the small vocabulary, three of the full one.
std::vector<std::vector<std::string>> HardLineGoldens() {
  std::vector<std::vector<std::string>> rows;
  std::istringstream in(Slurp("tests/qwen3/hard_lines.golden"));
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    rows.emplace_back(std::istream_iterator<std::string>(fields), std::istream_iterator<std::string>());
  }
  return rows;
}

void ExpectHardLines(const nlohmann::json& plain, size_t first_column) {
  const std::vector<std::string> lines = HardLines();
  const std::vector<std::vector<std::string>> goldens = HardLineGoldens();
  ASSERT_GE(lines.size(), 300u);
  ASSERT_EQ(lines.size(), goldens.size());
  for (size_t variant = 0; variant < std::size(kVariants); ++variant) {
    const auto tokenizer = LoadJson(WithHanSplit(plain, kVariants[variant]));
    ASSERT_NE(tokenizer, nullptr);
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::vector<Token> tokens = TokensOf(*tokenizer, lines[i]);
      EXPECT_EQ(HashOf(tokens), goldens[i].at(first_column + variant))
          << "line " << i << " of hard_lines.json, variant " << variant << ": "
          << testing::PrintToString(tokens);
    }
  }
}

// The full vocabulary as a tokenizer.json, which nobody ships but which has the same content.
nlohmann::json FullTokenizerJson() {
  nlohmann::json json = SmallTokenizerJson();
  nlohmann::json& model = json["model"];
  model["vocab"] = nlohmann::json::parse(Slurp(std::string(kFullTokenizer) + "/vocab.json"));
  model["merges"] = nlohmann::json::array();
  std::istringstream merges(Slurp(std::string(kFullTokenizer) + "/merges.txt"));
  for (std::string line; std::getline(merges, line);) {
    if (!line.starts_with("#version")) model["merges"].push_back(line);
  }
  int id = static_cast<int>(model["vocab"].size());
  for (nlohmann::json& token : json["added_tokens"]) token["id"] = id++;
  return json;
}

TEST(TokenizerParityTest, HardLinesWithTheSmallVocabulary) { ExpectHardLines(SmallTokenizerJson(), 0); }

TEST(TokenizerParityTest, HardLinesWithTheFullVocabulary) {
  if (!std::filesystem::exists(kFullTokenizer)) GTEST_SKIP() << kFullTokenizer << " is not there";
  ExpectHardLines(FullTokenizerJson(), 3);
}

// The vectors of another implementation for the same vocabulary.
TEST(TokenizerParityTest, Vectors) {
  if (!std::filesystem::exists(kFullTokenizer)) GTEST_SKIP() << kFullTokenizer << " is not there";
  const auto tokenizer = Tokenizer::Load(kFullTokenizer);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 151643u);
  const auto vectors = nlohmann::json::parse(Slurp(std::string(kFullTokenizer) + "/vectors.json"));
  ASSERT_EQ(vectors.size(), 13u);
  for (const auto& vector : vectors) {
    std::vector<int32_t> ids;
    for (const Token& token : TokensOf(**tokenizer, vector[0].get<std::string>())) ids.push_back(token.id);
    EXPECT_EQ(ids, vector[1].get<std::vector<int32_t>>()) << vector[0];
  }
}

TEST(TokenizerParityTest, TwentyThousandLinesOfRunningText) {
  for (const char* path : {kFullTokenizer, kTextFolder}) {
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  }
  std::vector<std::shared_ptr<const Tokenizer>> tokenizers = {*Tokenizer::Load(kFullTokenizer)};
  nlohmann::json with_added = FullTokenizerJson();
  with_added["added_tokens"].clear();
  for (const HanSplit place : {HanSplit::kFirst, HanSplit::kLast}) {
    tokenizers.push_back(LoadJson(WithHanSplit(with_added, place)));
    ASSERT_NE(tokenizers.back(), nullptr);
  }

  std::vector<std::string> lines;
  std::string file;
  size_t checked = 0;
  size_t differing = 0;
  std::istringstream in(Slurp("tests/qwen3/text_lines.golden"));
  for (std::string row; std::getline(in, row);) {
    if (row.starts_with("# ")) {
      file = row.substr(2);
      std::istringstream content(Slurp(std::filesystem::path(kTextFolder) / file));
      lines.clear();
      for (std::string line; std::getline(content, line);) lines.push_back(line);
      continue;
    }
    std::istringstream fields(row);
    size_t number = 0;
    fields >> number;
    ASSERT_LT(number, lines.size()) << file;
    ++checked;
    for (size_t variant = 0; variant < tokenizers.size(); ++variant) {
      std::string expected;
      fields >> expected;
      if (HashOf(TokensOf(*tokenizers[variant], lines[number])) == expected) continue;
      if (++differing <= 10)
        ADD_FAILURE() << file << " line " << number << ", counted from 0, variant " << variant;
    }
  }
  EXPECT_EQ(checked, 20000u);
  EXPECT_EQ(differing, 0u);
}

}  // namespace
}  // namespace privet
