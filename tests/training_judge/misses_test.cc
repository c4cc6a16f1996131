#include "training/judge/misses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/training_judge/sample_texts.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const TypeSet kStage2Types = TypeSet().set(IndexOf(PERSON)).set(IndexOf(LOCATION));
const std::string kText = "王小明住在北京市海淀区";

JudgedText Text(const Pieces& entities, std::vector<ProposedSpan> proposals) {
  std::sort(proposals.begin(), proposals.end(),
            [](const ProposedSpan& a, const ProposedSpan& b) { return a.span < b.span; });
  return {RecordOf(kText, entities), std::move(proposals)};
}

std::vector<Miss> MissesOf(const JudgedText& text, const Variant& variant) {
  return FindMisses(text, variant, kStage2Types, Replay(text, variant, kStage2Types));
}

MissCause OnlyCause(const JudgedText& text, const Variant& variant) {
  const std::vector<Miss> misses = MissesOf(text, variant);
  EXPECT_EQ(misses.size(), 1u);
  return misses.at(0).cause;
}

TEST(MissesTest, WhatIsFoundExactlyIsNoMiss) {
  EXPECT_THAT(
      MissesOf(Text({{"王小明", PERSON}}, {ProposedBy(kText, "王小明", PERSON, 0.9)}), BothStages(0.5)),
      IsEmpty());
}

TEST(MissesTest, NothingOverlapsIt) {
  const JudgedText text = Text({{"王小明", PERSON}}, {ProposedBy(kText, "北京市", LOCATION, 0.9)});
  EXPECT_EQ(OnlyCause(text, BothStages(0.5)), MissCause::NoCandidate);
  EXPECT_FALSE(MissesOf(text, BothStages(0.5))[0].within_reach);
}

TEST(MissesTest, BelowTauItWasNotProposedButIsWithinReach) {
  const JudgedText text = Text({{"王小明", PERSON}}, {ProposedBy(kText, "王小明", PERSON, 0.02)});
  const std::vector<Miss> misses = MissesOf(text, BothStages(0.5));
  ASSERT_EQ(misses.size(), 1u);
  EXPECT_EQ(misses[0].cause, MissCause::NoCandidate);
  EXPECT_TRUE(misses[0].within_reach);
}

TEST(MissesTest, OnlyOtherBorders) {
  EXPECT_EQ(OnlyCause(Text({{"北京市海淀区", LOCATION}}, {ProposedBy(kText, "北京市", LOCATION, 0.9)}),
                      BothStages(0.5)),
            MissCause::Border);
}

TEST(MissesTest, ThereButBelowTheLeastScore) {
  EXPECT_EQ(
      OnlyCause(Text({{"王小明", PERSON}}, {ProposedBy(kText, "王小明", PERSON, 0.3, 0.3)}), BothStages(0.5)),
      MissCause::Threshold);
  // Stage 2 helped, not enough.
  EXPECT_EQ(
      OnlyCause(Text({{"王小明", PERSON}}, {ProposedBy(kText, "王小明", PERSON, 0.1, 0.7)}), BothStages(0.5)),
      MissCause::Threshold);
}

TEST(MissesTest, StageOneAloneWouldHaveKeptIt) {
  EXPECT_EQ(OnlyCause(Text({{"王小明", PERSON}}, {ProposedBy(kText, "王小明", PERSON, 0.8, 0.01)}),
                      BothStages(0.5)),
            MissCause::Stage2);
}

TEST(MissesTest, ItsBordersAreAnotherType) {
  EXPECT_EQ(
      OnlyCause(Text({{"北京市", PERSON}}, {ProposedBy(kText, "北京市", LOCATION, 0.9)}), BothStages(0.5)),
      MissCause::Type);
  // Dropped, but no threshold would have made a person of it.
  EXPECT_EQ(
      OnlyCause(Text({{"北京市", PERSON}}, {ProposedBy(kText, "北京市", LOCATION, 0.3)}), BothStages(0.5)),
      MissCause::Type);
  // Kept as both, and the other won the span: a rule of a type that no stage knows.
  ProposedSpan both = ProposedBy(kText, "北京市", LOCATION, 0.6);
  both.rules.push_back(FindingOf(kText, "北京市", ADDRESS, 0.95));
  EXPECT_EQ(OnlyCause(Text({{"北京市", LOCATION}}, {both}), BothStages(0.5)), MissCause::Type);
}

TEST(MissesTest, KeptButLostAnOverlap) {
  EXPECT_EQ(OnlyCause(Text({{"北京市", LOCATION}}, {ProposedBy(kText, "北京市", LOCATION, 0.55),
                                                    ProposedBy(kText, "北京市海淀区", LOCATION, 0.9)}),
                      BothStages(0.5)),
            MissCause::Selection);
}

TEST(MissesTest, WhatTheRecordDoesNotCoverIsNoMiss) {
  JudgedText text = Text({{"王小明", PERSON}, {"北京市", LOCATION}}, {});
  text.record.covers = TypeSet().set(IndexOf(LOCATION));
  const std::vector<Miss> misses = MissesOf(text, BothStages(0.5));
  ASSERT_EQ(misses.size(), 1u);
  EXPECT_EQ(misses[0].entity.type, LOCATION);
}

TEST(MissesTest, AdviceSaysWhatEachCauseAsksFor) {
  MissCounts counts;
  EXPECT_THAT(AdviceOn(counts, 0.005), IsEmpty());
  counts.by_cause[static_cast<size_t>(MissCause::NoCandidate)] = 6;
  counts.by_cause[static_cast<size_t>(MissCause::Border)] = 1;
  counts.by_cause[static_cast<size_t>(MissCause::Threshold)] = 3;
  counts.within_reach = 2;
  counts.unknown_type = 1;
  EXPECT_THAT(AdviceOn(counts, 0.005), ElementsAre(HasSubstr("1 of 10 misses (10%): of types that neither"),
                                                   HasSubstr("would be at tau 0.005"),
                                                   HasSubstr("4 of 10 misses (40%): never proposed"),
                                                   HasSubstr("below the least score")));
}

}  // namespace
}  // namespace privet
