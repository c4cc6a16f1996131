// Folders of tokenizer files for tests.
#ifndef PRIVET_TESTS_QWEN3_TOKENIZER_FOLDER_H_
#define PRIVET_TESTS_QWEN3_TOKENIZER_FOLDER_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "qwen3/tokenizer.h"

namespace privet {

inline constexpr const char* kSmallTokenizer = "tests/qwen3/small_tokenizer";
inline constexpr const char* kFullTokenizer = "../shared/qwen_tokenizer";
inline constexpr const char* kHanPattern = R"([\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\x{20000}-\x{323AF}])";

inline std::string Slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A folder of the running test's own, removed with it.
class TestFolder {
 public:
  TestFolder() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) /
            (std::string(test->test_suite_name()) + "." + test->name() + "." + std::to_string(count_++));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

inline nlohmann::json SmallTokenizerJson() {
  return nlohmann::json::parse(Slurp(std::filesystem::path(kSmallTokenizer) / "tokenizer.json"));
}

// Where the Split that isolates Han characters stands, if anywhere.
enum class HanSplit { kNone, kFirst, kLast };

inline nlohmann::json WithHanSplit(nlohmann::json tokenizer, HanSplit place) {
  if (place == HanSplit::kNone) return tokenizer;
  const nlohmann::json split = {
      {"type", "Split"}, {"pattern", {{"Regex", kHanPattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  nlohmann::json& steps = tokenizer["pre_tokenizer"]["pretokenizers"];
  steps.insert(steps.begin() + (place == HanSplit::kFirst ? 0 : 1), split);
  return tokenizer;
}

inline std::shared_ptr<const Tokenizer> LoadJson(const nlohmann::json& tokenizer) {
  const TestFolder folder;
  folder.Write("tokenizer.json", tokenizer.dump());
  auto loaded = Tokenizer::Load(folder.path());
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return loaded.ok() ? *loaded : nullptr;
}

inline std::vector<Token> TokensOf(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<Token> tokens;
  tokenizer.Encode(text, &tokens);
  return tokens;
}

inline std::ostream& operator<<(std::ostream& out, const Token& token) {
  return out << token.id << "@" << token.bytes.begin << ".." << token.bytes.end;
}

}  // namespace privet

#endif  // PRIVET_TESTS_QWEN3_TOKENIZER_FOLDER_H_
