#include "stage2_filter/span_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

#include "qwen3/safetensors.h"

namespace privet {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kHidden = 5, kSize = 3, kWidths = 2;
const std::vector<std::string> kClasses = {"PERSON", "O", "ADDRESS"};

// A head with random numbers, in a folder of its own.
class SpanHeadTest : public testing::Test {
 protected:
  SpanHeadTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("head.") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    for (const char* name : {"begin.weight", "end.weight", "inside.weight"}) Add(name, {kSize, kHidden});
    Add("width.weight", {kWidths, kSize});
    Add("hidden.bias", {kSize});
    Add("type.weight", {3, kSize});
    Add("type.bias", {3});
  }
  ~SpanHeadTest() override { std::filesystem::remove_all(folder_); }

  void Add(const std::string& name, const std::vector<int64_t>& shape) {
    size_t size = 1;
    for (const int64_t dimension : shape) size *= static_cast<size_t>(dimension);
    std::vector<float>& values = values_[name];
    values.resize(size);
    for (float& value : values) value = normal_(random_);
    shapes_[name] = shape;
  }

  absl::StatusOr<std::pair<SpanHead, LinearMap>> Load(const std::vector<std::string>& classes = kClasses) {
    std::vector<FloatTensor> tensors;
    for (const auto& [name, values] : values_) tensors.push_back({name, shapes_[name], values.data()});
    const absl::Status written = WriteSafetensors(folder_ / "head.safetensors", tensors);
    EXPECT_TRUE(written.ok()) << written;
    return SpanHead::Load(folder_, classes, kHidden);
  }
  std::string Fault(const std::vector<std::string>& classes = kClasses) {
    return std::string(Load(classes).status().message());
  }

  // The formula of span_head.h, step by step.
  std::vector<double> Probabilities(const std::vector<std::vector<float>>& h, TokenRange span) {
    std::vector<double> scores(kClasses.size()), x(kSize);
    for (size_t k = 0; k < kSize; ++k) {
      const size_t width = std::min<size_t>(span.size(), kWidths) - 1;
      double sum = values_["hidden.bias"][k] + values_["width.weight"][width * kSize + k];
      for (size_t j = 0; j < kHidden; ++j) {
        double mean = 0;
        for (size_t t = span.begin; t < span.end; ++t) mean += h[t][j] / static_cast<double>(span.size());
        sum += values_["begin.weight"][k * kHidden + j] * h[span.begin][j] +
               values_["end.weight"][k * kHidden + j] * h[span.end - 1][j] +
               values_["inside.weight"][k * kHidden + j] * mean;
      }
      x[k] = 0.5 * sum * (1 + std::erf(sum / std::sqrt(2.0)));
    }
    double total = 0;
    for (size_t c = 0; c < scores.size(); ++c) {
      double score = values_["type.bias"][c];
      for (size_t k = 0; k < kSize; ++k) score += values_["type.weight"][c * kSize + k] * x[k];
      total += scores[c] = std::exp(score);
    }
    for (double& score : scores) score /= total;
    return scores;
  }

  std::filesystem::path folder_;
  std::map<std::string, std::vector<float>> values_;
  std::map<std::string, std::vector<int64_t>> shapes_;
  std::mt19937 random_{7};
  std::normal_distribution<float> normal_;
};

TEST_F(SpanHeadTest, ReadsEachSpanAsItsFormulaSays) {
  const auto loaded = Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const auto& [head, map] = *loaded;
  ASSERT_EQ(map.outputs, 3 * kSize);
  std::vector<std::vector<float>> hidden(6, std::vector<float>(kHidden));
  std::vector<float> rows;
  for (std::vector<float>& h : hidden) {
    for (float& value : h) value = normal_(random_);
    for (int64_t o = 0; o < map.outputs; ++o) {
      float sum = 0;
      for (int64_t j = 0; j < kHidden; ++j)
        sum += map.weight[static_cast<size_t>(o * kHidden + j)] * h[static_cast<size_t>(j)];
      rows.push_back(sum);
    }
  }
  std::vector<TokenRange> spans;
  for (size_t b = 0; b < hidden.size(); ++b) {
    for (size_t e = b + 1; e <= hidden.size(); ++e) spans.push_back({b, e});
  }
  const auto readings = head.Read(rows, spans);
  ASSERT_TRUE(readings.ok()) << readings.status();
  for (size_t s = 0; s < spans.size(); ++s) {
    const std::vector<double> expected = Probabilities(hidden, spans[s]);
    EXPECT_NEAR(ProbabilityOf((*readings)[s], EntityType::PERSON), expected[0], 1e-5) << s;
    EXPECT_NEAR(ProbabilityOf((*readings)[s], EntityType::ADDRESS), expected[2], 1e-5) << s;
  }
  EXPECT_EQ(head.types().count(), 2u);
}

TEST_F(SpanHeadTest, SaysWhatIsWrongWithItsFile) {
  Add("type.weight", {4, kSize});
  EXPECT_THAT(Fault(),
              HasSubstr("head.safetensors: tensor 'type.weight': has shape [4, 3], but [3, 3] is needed"));
  Add("type.weight", {3, kSize});
  Add("end.weight", {kSize, kHidden + 1});
  EXPECT_THAT(Fault(), HasSubstr("tensor 'end.weight': has shape [3, 6], but [3, 5] is needed"));
  values_.erase("end.weight");
  EXPECT_THAT(Fault(), HasSubstr("tensor 'end.weight': missing"));
  Add("end.weight", {kSize, kHidden});
  Add("begin.weight", {kSize * kHidden});
  EXPECT_THAT(Fault(), HasSubstr("tensor 'begin.weight': has shape [15], but a matrix is needed"));
  std::filesystem::remove(folder_ / "head.safetensors");
  EXPECT_FALSE(SpanHead::Load(folder_, kClasses, kHidden).ok());
}

TEST_F(SpanHeadTest, RefusesAHeadThatHoldsWhatIsNoNumber) {
  values_["type.bias"][1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Fault(), HasSubstr("tensor 'type.bias': holds what is no number"));
}

TEST_F(SpanHeadTest, SaysWhatIsWrongWithItsClasses) {
  EXPECT_THAT(Fault({"O", "B-PERSON", "ADDRESS"}),
              HasSubstr("id2label[1]: a span head's classes are O and ids"));
  EXPECT_THAT(Fault({"O", "PERSON", "PERSON"}), HasSubstr("id2label[2]: stands twice"));
  EXPECT_THAT(Fault({"PERSON", "ADDRESS", "LOCATION"}), HasSubstr("must have O"));
  EXPECT_THAT(Fault({"O"}), HasSubstr("and a type"));
}

TEST_F(SpanHeadTest, WhatIsNoNumberIsAnError) {
  const auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  std::vector<float> rows(3 * kSize, 0);
  rows[4] = std::nanf("");
  EXPECT_TRUE(absl::IsInternal(loaded->first.Read(rows, std::vector<TokenRange>{{0, 1}}).status()));
}

}  // namespace
}  // namespace privet
