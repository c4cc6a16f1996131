#include "training/judge/curve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace privet {
namespace {

using ::testing::DoubleEq;
using ::testing::Optional;

TEST(CurveTest, IsWhatCountingAtEachThresholdGives) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<ScoredFinding> findings(random() % 12);
    for (ScoredFinding& f : findings) f = {static_cast<double>(random() % 5) / 4, random() % 2 == 0};
    const size_t entities = findings.size() + random() % 5 + 1;
    const auto curve = PrecisionRecallCurve(findings, entities);
    std::vector<double> thresholds = {1, 0.75, 0.5, 0.25, 0};
    size_t at = 0;
    double area = 0, before = 0;
    for (const double threshold : thresholds) {
      const auto kept = [&](const ScoredFinding& f) { return f.score >= threshold; };
      const auto equal = [&](const ScoredFinding& f) { return f.score == threshold; };
      if (std::none_of(findings.begin(), findings.end(), equal)) continue;
      const auto count = static_cast<double>(std::count_if(findings.begin(), findings.end(), kept));
      const auto right = static_cast<double>(std::count_if(
          findings.begin(), findings.end(), [&](const ScoredFinding& f) { return kept(f) && f.right; }));
      ASSERT_LT(at, curve.size());
      EXPECT_DOUBLE_EQ(curve[at].threshold, threshold);
      EXPECT_DOUBLE_EQ(curve[at].precision, right / count);
      EXPECT_DOUBLE_EQ(curve[at].recall, right / static_cast<double>(entities));
      area += (curve[at].recall - before) * curve[at].precision;
      before = curve[at].recall;
      ++at;
    }
    EXPECT_EQ(at, curve.size());
    EXPECT_NEAR(AveragePrecision(curve), area, 1e-12);
  }
}

TEST(CurveTest, AnswersWhatOneIsWorthAtTheOther) {
  // right, right, wrong, right of 4 entities
  const auto curve = PrecisionRecallCurve({{0.9, true}, {0.8, true}, {0.7, false}, {0.6, true}}, 4);
  EXPECT_THAT(RecallAtPrecision(curve, 0.97), Optional(DoubleEq(0.5)));
  EXPECT_THAT(RecallAtPrecision(curve, 0.7), Optional(DoubleEq(0.75)));
  EXPECT_THAT(PrecisionAtRecall(curve, 0.6), Optional(DoubleEq(0.75)));
  EXPECT_EQ(PrecisionAtRecall(curve, 0.9), std::nullopt);
  EXPECT_DOUBLE_EQ(AveragePrecision(curve), 0.25 + 0.25 + 0.25 * 0.75);
}

TEST(CurveTest, NothingToFindHasNoCurve) {
  EXPECT_TRUE(PrecisionRecallCurve({{0.5, false}}, 0).empty());
  EXPECT_EQ(AveragePrecision({}), 0);
}

TEST(ReliabilityTest, IsTheMeanGapBetweenScoresAndShares) {
  // Four at 0.95, three of them right; two at 0.15, none right; one at 1.
  const std::vector<ScoredFinding> findings = {{0.95, true},  {0.95, true},  {0.95, true}, {0.95, false},
                                               {0.15, false}, {0.15, false}, {1, true}};
  const Reliability reliability = ReliabilityOf(findings);
  EXPECT_EQ(reliability.bins[9].findings, 5u);
  EXPECT_DOUBLE_EQ(reliability.bins[9].mean_score, 0.96);
  EXPECT_DOUBLE_EQ(reliability.bins[9].share_right, 0.8);
  EXPECT_NEAR(reliability.expected_error, (5 * 0.16 + 2 * 0.15) / 7, 1e-12);
  EXPECT_EQ(ReliabilityOf({}).expected_error, 0);
}

}  // namespace
}  // namespace privet
