#include "training/judge/breakdown.h"

#include <gtest/gtest.h>

#include "tests/training_judge/sample_texts.h"

namespace privet {
namespace {

using enum EntityType;

TEST(BreakdownTest, TellsSeenFormsFromUnseenOnesAndCountsCodePoints) {
  SurfaceForms training;
  training.Add(RecordOf("王小明和海淀", {{"王小明", PERSON}, {"海淀", LOCATION}}));
  const std::string text = "王小明, 李雷 and 海淀";
  const LabeledRecord record = RecordOf(text, {{"王小明", PERSON}, {"李雷", PERSON}, {"海淀", PERSON}});
  Breakdown breakdown(&training);
  breakdown.Add(record, record.spans,
                std::vector{FindingOf(text, "王小明", PERSON), FindingOf(text, "李", PERSON)});
  // 海淀 was seen, but as a place.
  EXPECT_EQ(breakdown.by_seen[0].entities, 1u);
  EXPECT_EQ(breakdown.by_seen[0].found_exactly, 1u);
  EXPECT_EQ(breakdown.by_seen[1].entities, 2u);
  EXPECT_EQ(breakdown.by_seen[1].found_exactly, 0u);
  EXPECT_EQ(breakdown.by_seen[1].found_overlapping, 1u);
  EXPECT_EQ(breakdown.by_entity_length[0].name, "1-2");
  EXPECT_EQ(breakdown.by_entity_length[0].entities, 2u);
  EXPECT_EQ(breakdown.by_entity_length[1].name, "3-4");
  EXPECT_EQ(breakdown.by_entity_length[1].entities, 1u);
  EXPECT_EQ(breakdown.by_text_length[0].entities, 3u);
}

TEST(BreakdownTest, SeenFormsAreWhatEscapeSequencesStandFor) {
  SurfaceForms training;
  training.Add(RecordOf(R"(name=\u738b\u5c0f\u660e)", {{R"(\u738b\u5c0f\u660e)", PERSON}}));
  EXPECT_TRUE(training.Contains("王小明", PERSON));
}

TEST(BreakdownTest, WithoutTrainingTextNothingIsSeenOrUnseen) {
  Breakdown breakdown(nullptr);
  EXPECT_TRUE(breakdown.by_seen.empty());
  const LabeledRecord record = RecordOf(std::string(6000, 'a'), {{std::string(40, 'a'), OTHER_ID}});
  breakdown.Add(record, record.spans, {});
  EXPECT_EQ(breakdown.by_text_length.back().name, "5001+");
  EXPECT_EQ(breakdown.by_text_length.back().entities, 1u);
  EXPECT_EQ(breakdown.by_entity_length.back().entities, 1u);
}

}  // namespace
}  // namespace privet
