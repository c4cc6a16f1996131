#include "training/judge/risk_control.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace privet {
namespace {

TEST(RiskControlTest, TheHighestThresholdWhoseCorrectedMeanIsWithinAlpha) {
  // 19 documents without loss and one that loses all from the third threshold on: (sum + 1) / 21.
  std::vector<LossCurve> documents(19, LossCurve{0, 0, 0, 0.2});
  documents.push_back({0, 0, 1, 1});
  EXPECT_EQ(HighestSafeThreshold(documents, 0.05), 1u);    // (0 + 1) / 21
  EXPECT_EQ(HighestSafeThreshold(documents, 0.0953), 2u);  // (1 + 1) / 21
  EXPECT_EQ(HighestSafeThreshold(documents, 0.3), 3u);     // (4.8 + 1) / 21
  EXPECT_EQ(HighestSafeThreshold(documents, 0.04), std::nullopt);
  EXPECT_EQ(HighestSafeThreshold({}, 0.5), std::nullopt);
}

TEST(RiskControlTest, ALossThatFallsIsRaisedToTheRunningMaximum) {
  EXPECT_EQ(Monotone({0, 0.5, 0.25, 0.25, 1}), (LossCurve{0, 0.5, 0.5, 0.5, 1}));
  EXPECT_EQ(Monotone({}), LossCurve{});
}

TEST(RiskControlTest, SaysHowManyDocumentsABoundNeeds) {
  EXPECT_EQ(LeastDocuments(0.05), 19u);
  EXPECT_EQ(LeastDocuments(0.01), 99u);
  EXPECT_EQ(LeastDocuments(0.3), 3u);
  const std::vector<LossCurve> enough(19, LossCurve{0});
  EXPECT_TRUE(HighestSafeThreshold(enough, 0.05).has_value());
  EXPECT_FALSE(HighestSafeThreshold(std::span(enough).first(18), 0.05).has_value());
}

// A document of a few entities, each with a score; some documents are harder than others. Overlaps make the
// loss fall now and then as the threshold rises.
LossCurve DrawDocument(std::mt19937* random) {
  constexpr size_t kThresholds = 50;
  std::uniform_real_distribution<double> uniform(0, 1);
  const size_t entities = 1 + (*random)() % 8;
  const double hardness = uniform(*random) < 0.15 ? 0.5 : 3;
  LossCurve losses(kThresholds);
  for (size_t e = 0; e < entities; ++e) {
    const double score = std::pow(uniform(*random), 1 / hardness);
    const double lost_below =
        uniform(*random) < 0.02 ? uniform(*random) * 0.3 : 0;  // to what a low threshold lets in
    for (size_t i = 0; i < kThresholds; ++i) {
      const double threshold = static_cast<double>(i) / kThresholds;
      if (score < threshold || threshold < lost_below) losses[i] += 1 / static_cast<double>(entities);
    }
  }
  return losses;
}

TEST(RiskControlTest, TheBoundHoldsOnFreshDocuments) {
  std::mt19937 random(11);
  for (const auto& [documents, alpha] : {std::pair<size_t, double>{60, 0.1}, {200, 0.1}, {40, 0.3}}) {
    // Each repetition calibrates anew and draws one fresh document, as the theorem speaks of both.
    constexpr int kRepetitions = 4000;
    double risk = 0, square = 0;
    int bounded = 0;
    for (int i = 0; i < kRepetitions; ++i) {
      std::vector<LossCurve> curves;
      for (size_t d = 0; d < documents; ++d) curves.push_back(Monotone(DrawDocument(&random)));
      const auto index = HighestSafeThreshold(curves, alpha);
      const LossCurve fresh = DrawDocument(&random);
      // Where no threshold is safe nothing is promised, and the lowest is taken.
      const double loss = fresh[index.value_or(0)];
      bounded += index.has_value() ? 1 : 0;
      risk += loss / kRepetitions;
      square += loss * loss / kRepetitions;
    }
    const double error = std::sqrt((square - risk * risk) / kRepetitions);
    EXPECT_LE(risk, alpha + 3 * error) << documents << " documents";
    // And it is no idle bound: threshold zero everywhere would pass too.
    EXPECT_GE(risk, alpha / 3) << documents << " documents";
    EXPECT_GE(bounded, kRepetitions * 0.95);
  }
}

}  // namespace
}  // namespace privet
