#include "training/judge/threshold_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

using enum EntityType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// So many findings of a type at each threshold, and how many of them are right.
void Add(EntityType type, const std::vector<std::pair<size_t, size_t>>& findings_right, Sweep* sweep) {
  sweep->exact.resize(sweep->thresholds.size());
  for (size_t i = 0; i < findings_right.size(); ++i) {
    const auto [findings, right] = findings_right[i];
    sweep->exact[i].by_type[IndexOf(type)] = {50, right, findings, right};
  }
}

TEST(ThresholdSweepTest, HighPrecisionReachesItsAimAtItsOwnScore) {
  Sweep sweep;
  sweep.thresholds = {0.1, 0.5, 0.7, 0.9};
  Add(PERSON, {{60, 50}, {48, 48}, {45, 40}, {40, 40}}, &sweep);  // precise at 0.5, not at 0.7
  std::vector<std::string> remarks;
  EXPECT_EQ(PreciseScores(sweep, /*least=*/0.1, /*aim=*/0.97, "", &remarks).others, 0.5);
  const MinScores raised = PreciseScores(sweep, /*least=*/0.7, /*aim=*/0.97, "", &remarks);
  EXPECT_EQ(raised.others, 0.9);
  EXPECT_THAT(raised.by_type, IsEmpty());
  EXPECT_THAT(remarks, IsEmpty());
}

TEST(ThresholdSweepTest, ATypeThatNeverReachesTheAimIsNamedWhereItHasEnoughFindings) {
  Sweep sweep;
  sweep.thresholds = {0.1, 0.5, 0.9};
  Add(PERSON, {{50, 50}, {50, 50}, {50, 50}}, &sweep);
  Add(ADDRESS, {{60, 20}, {50, 20}, {40, 20}}, &sweep);
  Add(LOCATION, {{60, 20}, {9, 9}, {2, 2}}, &sweep);  // too few from the least score on
  std::vector<std::string> remarks;
  const MinScores scores = PreciseScores(sweep, /*least=*/0.5, /*aim=*/0.97, "", &remarks);
  EXPECT_EQ(scores.others, 0.95);
  EXPECT_THAT(scores.by_type, ElementsAre(Pair(PERSON, 0.5), Pair(ADDRESS, 0.95)));
  EXPECT_THAT(remarks, ElementsAre(HasSubstr("no least score from 0.5 on gives a precision of 0.97"),
                                   HasSubstr("ADDRESS reaches the aim at no least score")));
}

}  // namespace
}  // namespace privet
