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

TEST(BreakdownTest, ScoresTextsByLanguageAndByFile) {
  Breakdown breakdown(nullptr);
  const std::string chinese = "王小明来了", english = "Li Lei came";
  LabeledRecord one = RecordOf(chinese, {{"王小明", PERSON}}), two = RecordOf(english, {{"Li Lei", PERSON}});
  one.origin = "/data/zh.jsonl:1";
  two.origin = "/data/en.jsonl:7";
  breakdown.Add(one, one.spans, std::vector{FindingOf(chinese, "王小明", PERSON)});
  breakdown.Add(two, two.spans,
                std::vector{FindingOf(english, "Li", PERSON), FindingOf(english, "came", PERSON)});
  two.origin = "/data/en.jsonl:8";
  breakdown.Add(two, two.spans, {});
  ASSERT_EQ(breakdown.by_language.size(), 2u);
  EXPECT_EQ(breakdown.by_language[0].texts, 1u);
  EXPECT_EQ(breakdown.by_language[0].exact, (Counts{1, 1, 1, 1}));
  EXPECT_EQ(breakdown.by_language[1].texts, 2u);
  EXPECT_EQ(breakdown.by_language[1].exact, (Counts{2, 0, 2, 0}));
  EXPECT_EQ(breakdown.by_language[1].overlap, (Counts{2, 1, 2, 1}));
  ASSERT_EQ(breakdown.by_file.size(), 2u);
  EXPECT_EQ(breakdown.by_file[0].name, "/data/zh.jsonl");
  EXPECT_EQ(breakdown.by_file[1].name, "/data/en.jsonl");
  EXPECT_EQ(breakdown.by_file[1].exact, breakdown.by_language[1].exact);
}

TEST(BreakdownTest, CountsWhichTypesAreTakenForWhich) {
  Breakdown breakdown(nullptr);
  const std::string text = "华阳集团, 海淀区中关村, 王小明, 李雷";
  const LabeledRecord record = RecordOf(
      text, {{"华阳集团", ORGANIZATION}, {"海淀区中关村", ADDRESS}, {"王小明", PERSON}, {"李雷", PERSON}});
  breakdown.Add(record, record.spans,
                std::vector{FindingOf(text, "华阳集团", PERSON), FindingOf(text, "海淀", ORGANIZATION),
                            FindingOf(text, "区中关村", LOCATION), FindingOf(text, "王", PERSON),
                            FindingOf(text, "小明", LOCATION)});
  ASSERT_EQ(breakdown.confusions.size(), 2u);  // something of 王小明 was found as what it is
  const Confusion& company = breakdown.confusions.at({ORGANIZATION, PERSON});
  EXPECT_EQ(company.entities, 1u);
  EXPECT_EQ(company.with_borders, 1u);
  const Confusion& address = breakdown.confusions.at({ADDRESS, LOCATION});  // which has more of it
  EXPECT_EQ(address.entities, 1u);
  EXPECT_EQ(address.with_borders, 0u);
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
