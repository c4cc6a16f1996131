#include "training/judge/matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/training_judge/sample_texts.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::Optional;

const std::string kText = "王小明住在北京市海淀区, call Ann Lee";

std::vector<Finding> Found(const Pieces& pieces) {
  std::vector<Finding> findings;
  for (const auto& [piece, type] : pieces) findings.push_back(FindingOf(kText, piece, type));
  return findings;
}

TEST(MatchingTest, ExactMeansTheSameBordersAndTheSameType) {
  const LabeledRecord record =
      RecordOf(kText, {{"王小明", PERSON}, {"北京市海淀区", ADDRESS}, {"Ann Lee", PERSON}});
  const auto findings = Found({{"王小明", PERSON}, {"北京市", ADDRESS}, {"Ann Lee", LOCATION}});
  const Matched exact = MatchSpans(record.spans, findings, Match::Exact);
  EXPECT_THAT(exact.found, ElementsAre(true, false, false));
  EXPECT_THAT(exact.right, ElementsAre(true, false, false));
  const Matched overlap = MatchSpans(record.spans, findings, Match::Overlap);
  EXPECT_THAT(overlap.found, ElementsAre(true, true, false));
  EXPECT_THAT(overlap.right, ElementsAre(true, true, false));
}

TEST(MatchingTest, AnEntityInTwoPiecesIsFoundByOverlapAndBothPiecesAreRight) {
  const LabeledRecord record = RecordOf(kText, {{"北京市海淀区", ADDRESS}});
  const auto findings = Found({{"北京市", ADDRESS}, {"海淀区", ADDRESS}});
  TypeCounts counts;
  counts.Add(record.spans, findings, Match::Overlap);
  EXPECT_EQ(counts.micro(), (Counts{.entities = 1, .found = 1, .findings = 2, .right = 2}));
  TypeCounts exact;
  exact.Add(record.spans, findings, Match::Exact);
  EXPECT_EQ(exact.micro(), (Counts{.entities = 1, .found = 0, .findings = 2, .right = 0}));
}

TEST(MatchingTest, TheSecondOfTwoEqualFindingsIsWrong) {
  const LabeledRecord record = RecordOf(kText, {{"王小明", PERSON}});
  const Matched exact =
      MatchSpans(record.spans, Found({{"王小明", PERSON}, {"王小明", PERSON}}), Match::Exact);
  EXPECT_THAT(exact.found, ElementsAre(true));
  EXPECT_THAT(exact.right, ElementsAre(true, false));
}

TEST(MatchingTest, SpansThatOnlyTouchDoNotOverlap) {
  const LabeledRecord record = RecordOf(kText, {{"北京市", ADDRESS}});
  const Matched overlap =
      MatchSpans(record.spans, Found({{"海淀区", ADDRESS}, {"住在", ADDRESS}}), Match::Overlap);
  EXPECT_THAT(overlap.found, ElementsAre(false));
}

TEST(MatchingTest, AnEntityThatWasTakenForAnotherTypeIsRedactedAllTheSame) {
  const LabeledRecord record =
      RecordOf(kText, {{"王小明", PERSON}, {"北京市海淀区", ADDRESS}, {"Ann Lee", PERSON}});
  const auto findings = Found({{"王小明", PERSON}, {"北京市", LOCATION}, {"call", ORGANIZATION}});
  TypeCounts counts;
  counts.Add(record.spans, findings, Match::AnyType);
  EXPECT_EQ(counts.by_type[IndexOf(PERSON)], (Counts{.entities = 2, .found = 1, .findings = 1, .right = 1}));
  EXPECT_EQ(counts.by_type[IndexOf(ADDRESS)], (Counts{.entities = 1, .found = 1}));
  EXPECT_EQ(counts.by_type[IndexOf(LOCATION)], (Counts{.findings = 1, .right = 1}));
  EXPECT_EQ(counts.by_type[IndexOf(ORGANIZATION)], (Counts{.findings = 1}));
}

TEST(MatchingTest, WhatARecordDoesNotCoverIsNotJudged) {
  LabeledRecord record = RecordOf(kText, {{"王小明", PERSON}, {"北京市", LOCATION}});
  record.covers = TypeSet();
  record.covers.set(IndexOf(PERSON));
  EXPECT_EQ(JudgedEntities(record), (std::vector<LabeledSpan>{{SpanOf(kText, "王小明"), PERSON}}));
  const auto judged = JudgedFindings(record, Found({{"王小明", PERSON}, {"海淀区", LOCATION}}));
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged[0].type, PERSON);
}

TEST(MatchingTest, ScoresFollowTheirFormulas) {
  const Counts counts = {.entities = 10, .found = 6, .findings = 8, .right = 6};
  EXPECT_THAT(counts.precision(), Optional(DoubleEq(0.75)));
  EXPECT_THAT(counts.recall(), Optional(DoubleEq(0.6)));
  EXPECT_THAT(counts.f(1), Optional(DoubleEq(2 * 6.0 / 18)));
  EXPECT_THAT(counts.f(2), Optional(DoubleEq(5 * 6.0 / (4 * 10 + 8))));
  EXPECT_EQ(Counts{}.f(1), std::nullopt);
  EXPECT_EQ((Counts{.entities = 3}).f(1), 0);
  EXPECT_EQ((Counts{.entities = 3}).precision(), std::nullopt);
}

TEST(MatchingTest, MacroCountsEachTypeThatHasEntitiesAlike) {
  TypeCounts counts;
  counts.by_type[IndexOf(PERSON)] = {.entities = 100, .found = 100, .findings = 100, .right = 100};
  counts.by_type[IndexOf(ADDRESS)] = {.entities = 2, .found = 1, .findings = 4, .right = 1};
  counts.by_type[IndexOf(LOCATION)] = {.findings = 5};  // no entities: only micro sees it
  const MacroScores macro = MacroOf(counts);
  EXPECT_EQ(macro.types, 2u);
  EXPECT_THAT(macro.recall, Optional(DoubleEq(0.75)));
  EXPECT_THAT(macro.precision, Optional(DoubleEq(0.625)));
  EXPECT_THAT(macro.f1, Optional(DoubleEq((1 + 1.0 / 3) / 2)));
  EXPECT_THAT(counts.micro().precision(), Optional(DoubleEq(101.0 / 109)));
}

}  // namespace
}  // namespace privet
