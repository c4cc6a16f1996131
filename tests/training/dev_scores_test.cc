#include "training/learn/dev_scores.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "training/data/record_reader.h"

namespace privet {
namespace {

// Of each token a label, and how sure it is of it: logits.
class DevScoresTest : public testing::Test {
 protected:
  DevScoresTest()
      : tokenizer_(Tokenizer::Load("tests/qwen3/small_tokenizer").value()),
        labels_(BioesLabels({EntityType::PERSON, EntityType::ADDRESS})),
        scheme_(LabelScheme::FromLabels(labels_).value()) {}

  void Add(const std::string& line) {
    DevText text;
    text.record = ParseRecord(line).value();
    std::vector<Token> tokens;
    tokenizer_->Encode(text.record.text, &tokens);
    for (const Token& token : tokens) {
      text.ids.push_back(token.id);
      text.token_bytes.push_back(token.bytes);
    }
    text.windows = CutWindows(text.record.text, text.token_bytes, {});
    texts_.push_back(std::move(text));
  }

  // Scores every digit by `label_of_digit`, which says label and logit; all else is O.
  DevScores Score(const std::map<char, std::pair<std::string, float>>& label_of_digit, double at = 0.9) {
    std::map<int32_t, std::pair<size_t, float>> by_id;
    for (const auto& [digit, label] : label_of_digit) {
      std::vector<Token> tokens;
      tokenizer_->Encode(std::string(1, digit), &tokens);
      for (size_t i = 0; i < labels_.size(); ++i) {
        if (labels_[i] == label.first) by_id[tokens[0].id] = {i, label.second};
      }
    }
    const auto score = [&](const PackedTokens& tokens) {
      std::vector<float> scores(tokens.ids.size() * labels_.size(), 0.0F);
      for (size_t t = 0; t < tokens.ids.size(); ++t) {
        const auto found = by_id.find(tokens.ids[t]);
        const auto [label, logit] = found == by_id.end() ? std::pair<size_t, float>(0, 10.0F) : found->second;
        scores[t * labels_.size() + label] = logit;
      }
      return scores;
    };
    return ScoreTaggerDev(texts_, scheme_, score, 64, at).value();
  }

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<std::string> labels_;
  LabelScheme scheme_;
  std::vector<DevText> texts_;
};

TEST_F(DevScoresTest, CountsExactSpansByType) {
  Add(R"({"text": "1 2 7", "spans": [[0, 1, "PERSON"], [2, 3, "ADDRESS"]]})");
  Add(R"({"text": "1", "spans": []})");
  const DevScores scores = Score({{'1', {"S-PERSON", 10}}, {'2', {"S-PERSON", 10}}});
  EXPECT_EQ(scores.best_path.gold, 2);
  EXPECT_EQ(scores.best_path.found, 3);
  EXPECT_EQ(scores.best_path.right, 1);
  EXPECT_EQ(scores.by_type.at(EntityType::PERSON).found, 3);
  EXPECT_EQ(scores.by_type.at(EntityType::ADDRESS).gold, 1);
  EXPECT_EQ(scores.overlapping, 1) << "the address was touched, but as a person";
}

TEST_F(DevScoresTest, WhatARecordDoesNotCoverIsNotJudged) {
  Add(R"({"text": "1 2", "spans": [], "covers": ["ADDRESS"]})");
  const DevScores scores = Score({{'1', {"S-PERSON", 10}}, {'2', {"S-ADDRESS", 10}}});
  EXPECT_EQ(scores.best_path.found, 1);
}

TEST_F(DevScoresTest, TheCurveFallsFromTheSurestToTheLeastSure) {
  Add(R"({"text": "1 2 3", "spans": [[0, 1, "PERSON"], [4, 5, "PERSON"]]})");
  // '2' is wrong, and surer than '3', which is right.
  const DevScores scores =
      Score({{'1', {"S-PERSON", 9}}, {'2', {"S-PERSON", 5}}, {'3', {"S-PERSON", 3}}}, /*at=*/0.9);
  ASSERT_GE(scores.curve.size(), 3);
  EXPECT_EQ(scores.curve[0].precision, 1);
  EXPECT_EQ(scores.curve[0].recall, 0.5);
  EXPECT_EQ(scores.curve[1].precision, 0.5);
  EXPECT_EQ(scores.curve[2].recall, 1);
  EXPECT_EQ(scores.recall_at_precision, 0.5);
  EXPECT_NEAR(scores.precision_at_recall, 2.0 / 3, 1e-9);
}

}  // namespace
}  // namespace privet
