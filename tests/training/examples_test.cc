#include "training/learn/examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "training/data/record_reader.h"

namespace privet {
namespace {

using testing::ElementsAre;

std::vector<std::string> NamesOf(const std::vector<int32_t>& labels, const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const int32_t label : labels)
    result.push_back(label == kAnyLabel ? "any" : names[static_cast<size_t>(label)]);
  return result;
}

class ExamplesTest : public testing::Test {
 protected:
  ExamplesTest()
      : tokenizer_(Tokenizer::Load("tests/qwen3/small_tokenizer").value()),
        labels_(BioesLabels({EntityType::PERSON, EntityType::ADDRESS})),
        scheme_(LabelScheme::FromLabels(labels_).value()) {}

  std::vector<Example> Examples(const std::string& line, const WindowSizes& sizes = {}) {
    return ExamplesOf(ParseRecord(line).value(), *tokenizer_, sizes, scheme_, &counts_);
  }

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<std::string> labels_;
  LabelScheme scheme_;
  TargetCounts counts_;
};

TEST_F(ExamplesTest, TypesBecomeBioesLabels) {
  EXPECT_THAT(labels_, ElementsAre("O", "B-PERSON", "I-PERSON", "E-PERSON", "S-PERSON", "B-ADDRESS",
                                   "I-ADDRESS", "E-ADDRESS", "S-ADDRESS"));
}

TEST_F(ExamplesTest, TokensOfAnEntityAreMarkedFromBeginToEnd) {
  const auto examples = Examples(R"({"text": "12345 6", "spans": [[0, 3, "PERSON"], [6, 7, "PERSON"]]})");
  ASSERT_EQ(examples.size(), 1);
  // Each digit is a token, and so is the space.
  EXPECT_THAT(NamesOf(examples[0].labels, labels_),
              ElementsAre("B-PERSON", "I-PERSON", "E-PERSON", "O", "O", "O", "S-PERSON"));
  EXPECT_TRUE(examples[0].present.test(IndexOf(EntityType::PERSON)));
  EXPECT_EQ(counts_.entities, 2);
  EXPECT_EQ(counts_.between_tokens, 0);
}

TEST_F(ExamplesTest, TypesThatAreNotLearnedAreOutside) {
  const auto examples = Examples(R"({"text": "12", "spans": [[0, 2, "IBAN"]]})");
  EXPECT_THAT(NamesOf(examples[0].labels, labels_), ElementsAre("O", "O"));
  EXPECT_TRUE(examples[0].present.none());
}

TEST_F(ExamplesTest, WhatASourceDoesNotMarkStaysOpen) {
  const auto examples = Examples(R"({"text": "12", "spans": [], "covers": ["PERSON"]})");
  EXPECT_FALSE(examples[0].open_types.test(IndexOf(EntityType::PERSON)));
  EXPECT_TRUE(examples[0].open_types.test(IndexOf(EntityType::ADDRESS)));
}

TEST_F(ExamplesTest, PiecesOfEntitiesThatAWindowsEdgeCutAreUnknown) {
  std::string digits;
  for (int i = 0; i < 40; ++i) digits += static_cast<char>('0' + i % 10);
  const auto examples = Examples(R"({"text": ")" + digits + R"(", "spans": [[2, 38, "PERSON"]]})", {16, 4});
  ASSERT_GT(examples.size(), 2);
  for (const Example& example : examples) {
    for (size_t i = 0; i < example.labels.size(); ++i) {
      const std::string name = NamesOf(example.labels, labels_)[i];
      EXPECT_TRUE(name == "O" || name == "any") << name << " at " << i;
    }
    EXPECT_TRUE(example.present.none());
  }
}

TEST_F(ExamplesTest, EntitiesWhoseBordersLieInTokensAreCounted) {
  // A span of one character that is only a part of a token.
  std::vector<Token> tokens;
  const std::string text = "1 =-=- 2";
  tokenizer_->Encode(text, &tokens);
  const auto wide =
      std::find_if(tokens.begin(), tokens.end(), [](const Token& token) { return token.bytes.size() > 2; });
  ASSERT_NE(wide, tokens.end());
  const std::string begin = std::to_string(wide->bytes.begin + 1);
  const std::string end = std::to_string(wide->bytes.begin + 2);
  Examples(R"({"text": ")" + text + R"(", "spans": [[)" + begin + ", " + end + R"(, "PERSON"]]})");
  EXPECT_EQ(counts_.entities, 1);
  EXPECT_EQ(counts_.between_tokens, 1);
}

// Each digit is a token. The person is [2, 4).
TEST_F(ExamplesTest, DoubtIsWhatAModelThatDidNotSeeTheTextGotWrong) {
  const auto examples = Examples(
      R"({"text": "0123456789", "spans": [[2, 4, "PERSON"]], "proposals": [[2, 4, "PERSON", 0.75],
          [2, 5, "PERSON", 0.125], [6, 7, "PERSON", 0.25], [6, 8, "ADDRESS", 0.5], [9, 10, "IBAN", 0.9]]})");
  ASSERT_EQ(examples.size(), 1);
  // Of the entity what its own span lacks; behind it the reading that reaches too far; then two readings of
  // one token; a type that nobody learns is nothing.
  EXPECT_THAT(examples[0].doubt, ElementsAre(0, 0, 0.25, 0.25, 0.125, 0, 0.75, 0.5, 0, 0));
}

TEST_F(ExamplesTest, AnEntityThatNobodyProposedIsAllDoubt) {
  const auto examples = Examples(R"({"text": "12", "spans": [[0, 1, "PERSON"]], "proposals": []})");
  EXPECT_THAT(examples[0].doubt, ElementsAre(1, 0));
}

TEST_F(ExamplesTest, OfTypesThatASourceDoesNotMarkNoProposalIsWrong) {
  const auto examples =
      Examples(R"({"text": "12", "spans": [], "covers": ["PERSON"], "proposals": [[0, 2, "ADDRESS", 0.5]]})");
  EXPECT_THAT(examples[0].doubt, ElementsAre(0, 0));
}

TEST_F(ExamplesTest, CandidatesAreWhatWasProposedAndWhatIsRight) {
  const auto examples = Examples(
      R"({"text": "0123456789", "spans": [[2, 4, "PERSON"], [8, 9, "ADDRESS"]], "covers": ["PERSON"],
          "proposals": [[2, 5, "ADDRESS", 0.1], [2, 5, "PERSON", 0.1], [6, 7, "PERSON", 0.2], [9, 10, "IBAN", 0.9]]})");
  EXPECT_THAT(examples[0].candidates,
              ElementsAre(TokenRange{2, 4}, TokenRange{2, 5}, TokenRange{6, 7}, TokenRange{8, 9}));
  constexpr SpanTruth W = SpanTruth::Wrong;
  constexpr SpanTruth R = SpanTruth::Right;
  constexpr SpanTruth O = SpanTruth::Open;
  EXPECT_THAT(LatticeOf(examples[0], scheme_).truth, ElementsAre(R, W, W, O, W, O, W, R));
}

TEST_F(ExamplesTest, CandidatesThatTouchAPieceOfACutEntityAreLeftOut) {
  std::string digits;
  for (int i = 0; i < 40; ++i) digits += static_cast<char>('0' + i % 10);
  const auto examples = Examples(
      R"({"text": ")" + digits + R"(", "spans": [[4, 38, "PERSON"]], "proposals": [[0, 2, "PERSON", 0.5],
               [2, 6, "PERSON", 0.5], [20, 22, "PERSON", 0.5]]})",
      {16, 4});
  ASSERT_GT(examples.size(), 2);
  EXPECT_THAT(examples[0].candidates, ElementsAre(TokenRange{0, 2}));
  for (size_t i = 1; i < examples.size(); ++i) {
    for (const TokenRange& candidate : examples[i].candidates) {
      EXPECT_EQ(std::count(examples[i].labels.begin() + static_cast<ptrdiff_t>(candidate.begin),
                           examples[i].labels.begin() + static_cast<ptrdiff_t>(candidate.end), kAnyLabel),
                0);
    }
  }
}

TEST_F(ExamplesTest, WithoutProposalsThereIsNoDoubt) {
  EXPECT_TRUE(Examples(R"({"text": "12", "spans": []})")[0].doubt.empty());
}

// Shares are those of what is drawn: a source's tokens have the share that its weight says, however many lie
// there.
TEST_F(ExamplesTest, SharesOfLabelsFollowTheSourcesWeights) {
  const std::filesystem::path folder = testing::TempDir();
  std::ofstream(folder / "shares_names.jsonl") << R"({"text": "1", "spans": [[0, 1, "PERSON"]]})"
                                               << "\n";
  std::ofstream(folder / "shares_nothing.jsonl") << R"({"text": "1 2 3 1 2 3", "spans": []})"
                                                 << "\n";
  TrainingConfig config;
  config.train = {{(folder / "shares_names.jsonl").string(), 3, {}},
                  {(folder / "shares_nothing.jsonl").string(), 1, {}}};
  const auto data = LoadTrainingData(config, *tokenizer_, [](const std::string&) {});
  ASSERT_TRUE(data.ok()) << data.status();
  // O, B-PERSON, I-PERSON, E-PERSON, S-PERSON
  EXPECT_THAT(data->label_shares, ElementsAre(0.25, 0, 0, 0, 0.75));
}

// What is drawn anew in each pass is drawn whole: empty_share thins out other sources alone.
TEST_F(ExamplesTest, SharesOfLabelsOfSwappedRecordsAreWhole) {
  const std::filesystem::path folder = testing::TempDir();
  std::ofstream(folder / "shares_swapped.jsonl") << R"({"text": "1", "spans": [[0, 1, "PERSON"]]})"
                                                 << "\n"
                                                 << R"({"text": "1", "spans": []})"
                                                 << "\n";
  TrainingConfig config;
  config.empty_share = 0;
  config.train = {{(folder / "shares_swapped.jsonl").string(), 1, {}, false, /*swap=*/true}};
  const auto data = LoadTrainingData(config, *tokenizer_, [](const std::string&) {});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_GT(data->label_shares[0], 0);
}

TEST_F(ExamplesTest, TextsAreLearnedAndJudgedAsTheyRead) {
  const std::string file = std::string(testing::TempDir()) + "/escaped.jsonl";
  std::ofstream(file) << R"({"text": "a%2540 &#49;", "spans": [[7, 12, "PERSON"]]})"
                      << "\n";
  TrainingConfig config;
  config.train = config.dev = {{file, 1, {}}};
  const auto data = LoadTrainingData(config, *tokenizer_, [](const std::string&) {});
  ASSERT_TRUE(data.ok()) << data.status();
  ASSERT_EQ(data->dev.size(), 1);
  EXPECT_EQ(data->dev[0].record.text, "a%40 1");
  ASSERT_EQ(data->train[0].examples.size(), 1);
  EXPECT_EQ(data->train[0].examples[0].ids, data->dev[0].ids);
}

#ifndef __SANITIZE_ADDRESS__  // which takes all addresses there are
TEST_F(ExamplesTest, DataThatDoesNotFitInMemoryIsSaid) {
  const std::string file = std::string(testing::TempDir()) + "/large.jsonl";
  std::ofstream(file) << R"({"text": ")" << std::string(size_t{40} << 20, 'a') << R"(", "spans": []})"
                      << "\n";
  TrainingConfig config;
  config.train = {{file, 1, {}}};
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before = {};
  getrlimit(RLIMIT_AS, &before);
  const rlimit now = {pages * static_cast<size_t>(getpagesize()) + (size_t{60} << 20), before.rlim_max};
  setrlimit(RLIMIT_AS, &now);
  const absl::Status status = LoadTrainingData(config, *tokenizer_, [](const std::string&) {}).status();
  setrlimit(RLIMIT_AS, &before);
  std::filesystem::remove(file);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("do not fit in memory"));
}
#endif

TEST_F(ExamplesTest, SaysWhichTypesNoRecordHas) {
  const std::filesystem::path folder = testing::TempDir();
  std::ofstream(folder / "absent.jsonl") << R"({"text": "1", "spans": [[0, 1, "PERSON"]]})"
                                         << "\n";
  TrainingConfig config;
  config.types = {"PERSON", "IBAN", "VIN"};
  config.train = {{(folder / "absent.jsonl").string(), 1, {}}};
  std::vector<std::string> said;
  ASSERT_TRUE(
      LoadTrainingData(config, *tokenizer_, [&](const std::string& line) { said.push_back(line); }).ok());
  EXPECT_THAT(said, ElementsAre("data.types: no training record has any of IBAN, VIN"));
}

TEST_F(ExamplesTest, SaysWhichDevEntitiesAreNotJudged) {
  const std::filesystem::path folder = testing::TempDir();
  std::ofstream(folder / "unjudged_train.jsonl") << R"({"text": "12 3", "spans": [[0, 2, "PERSON"]]})"
                                                 << "\n";
  std::ofstream(folder / "unjudged_dev.jsonl")
      << R"({"text": "1 2 3", "spans": [[0, 1, "IBAN"], [2, 3, "PERSON"], [4, 5, "ADDRESS"]]})"
      << "\n"
      << R"({"text": "1", "spans": [[0, 1, "IBAN"]]})"
      << "\n";
  TrainingConfig config;
  config.train = {{(folder / "unjudged_train.jsonl").string(), 1, {}}};
  config.dev = {{(folder / "unjudged_dev.jsonl").string(), 1, {}}};
  std::vector<std::string> said;
  const auto warn = [&said](const std::string& line) { said.push_back(line); };
  ASSERT_TRUE(LoadTrainingData(config, *tokenizer_, warn).ok());
  ASSERT_EQ(said.size(), 1);
  EXPECT_THAT(said[0],
              testing::StartsWith("data.dev: 3 of 4 entities are not judged, as their types are not "));
  EXPECT_THAT(said[0], testing::HasSubstr("ADDRESS 1"));
  EXPECT_THAT(said[0], testing::HasSubstr("IBAN 2"));
  config.dev = config.train;
  said.clear();
  ASSERT_TRUE(LoadTrainingData(config, *tokenizer_, warn).ok());
  EXPECT_TRUE(said.empty());
}

}  // namespace
}  // namespace privet
