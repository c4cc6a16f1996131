// What convert does with records that are not as they should be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "training/data/convert.h"

namespace privet {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

struct Converted {
  std::vector<LabeledRecord> records;
  ConvertReport report;
};

absl::StatusOr<Converted> TryConvert(const std::string& content, const ConvertOptions& options = {}) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("convert_" + std::to_string(getpid()))).string();
  std::ofstream(file, std::ios::binary) << content;
  Converted converted;
  auto report =
      ConvertFile(file, options, [&](const LabeledRecord& record) { converted.records.push_back(record); });
  std::filesystem::remove(file);
  if (!report.ok()) return report.status();
  converted.report = *std::move(report);
  return converted;
}

Converted ConvertText(const std::string& content, const ConvertOptions& options = {}) {
  auto converted = TryConvert(content, options);
  EXPECT_TRUE(converted.ok()) << converted.status().message();
  return converted.ok() ? *std::move(converted) : Converted();
}

std::string FaultOf(const std::string& content) {
  return std::string(TryConvert(content).status().message());
}

TEST(ConvertFaultsTest, ColumnsInGbkAreListedNotDecoded) {
  const Converted converted = ConvertText("\xCD\xF5 B-PER\n\xE5 I-PER\n\nAnn B-PER\n");
  EXPECT_EQ(converted.report.unusable_count, 1);
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_EQ(converted.records[0].text, "Ann");
}

TEST(ConvertFaultsTest, WhatIsNeitherJsonNorColumnsIsGuessedToBeNothing) {
  for (const char* const content :
       {"text,label\nAnna Seekrit,PERSON\n", "Dear Ms Seekrit,\n\nI write to you about\n",
        "Anna B-PER\nSeekrit\n", "Anna B-PER\nSeekrit B:PER\n", "Anna\t\n"}) {
    EXPECT_THAT(FaultOf(content), HasSubstr("ends in no tag")) << content;
    EXPECT_THAT(FaultOf(content), Not(HasSubstr("Seekrit")));
  }
  EXPECT_THAT(FaultOf("Anna O\n\nAnna O\nSeekrit HERO\n"), HasSubstr(":4: ends in no tag"));
}

TEST(ConvertFaultsTest, ColumnsThatWereAskedForAreReadWhereAllLinesHaveTags) {
  ConvertOptions options;
  options.shape = AnnotationShape::Columns;
  const Converted converted = ConvertText(
      "Anna B-PER\n\nAnna B-PER\nSeekrit HERO\n\n{\"text\": \"Anna\", \"spans\": [[0, 4, \"PERSON\"]]}\n",
      options);
  EXPECT_EQ(converted.records.size(), 1);
  ASSERT_EQ(converted.report.unusable.size(), 2);
  EXPECT_THAT(converted.report.unusable[0].origin, EndsWith(":3"));
  EXPECT_THAT(converted.report.unusable[0].reason, HasSubstr("line 4 ends in no tag"));
  EXPECT_TRUE(converted.report.unknown_labels.empty());
}

TEST(ConvertFaultsTest, ALineLongerThanAnyIsListed) {
  ConvertOptions options;
  options.unit = OffsetUnit::CodePoints;  // known, so that it is read once
  EXPECT_EQ(ConvertText(std::string((64 << 20) + 1, 'a'), options).report.unusable_count, 1);
}

TEST(ConvertFaultsTest, ARecordKeepsWhatItSaysItCovers) {
  const Converted converted = ConvertText(R"({"text":"Ann","spans":[[0,3,"PERSON"]],"covers":["PERSON"]})");
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_EQ(converted.records[0].covers, TypeSet().set(IndexOf(EntityType::PERSON)));
  EXPECT_EQ(ConvertText(R"({"text":"Ann","spans":[],"covers":["NOBODY"]})").report.unusable_count, 1);
  EXPECT_EQ(ConvertText(R"({"text":"Ann","spans":[],"covers":"PERSON"})").report.unusable_count, 1);
}

TEST(ConvertFaultsTest, ALabelStudioRegionWithoutALabelMakesItsTaskUnusable) {
  const Converted converted = ConvertText(
      R"([{"data":{"text":"Ann"},"annotations":[{"result":[{"value":{"start":0,"end":3,"labels":[]}}]}]},
          {"data":{"text":"Ann"},"annotations":[{"result":[{"value":{"choices":["ok"]}}]}]}])");
  EXPECT_EQ(converted.report.unusable_count, 1);
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_TRUE(converted.records[0].spans.empty());
}

TEST(ConvertFaultsTest, ATaskThatNobodyAnnotatedIsNoTextWithoutEntities) {
  EXPECT_EQ(ConvertText(R"([{"data":{"text":"Ann"},"annotations":[]}])").report.unusable_count, 1);
}

TEST(ConvertFaultsTest, ASkippedAnnotationCountsForNothingAndFurtherOnesAreCounted) {
  const Converted converted = ConvertText(
      R"([{"data":{"text":"Ann"},"annotations":[{"was_cancelled":true,"result":[]}]},
          {"data":{"text":"Ann"},"annotations":[{"was_cancelled":false}]},
          {"data":{"text":"Ann"},"annotations":[{"was_cancelled":true,"result":[]},
            {"result":[{"value":{"start":0,"end":3,"labels":["PER"]}}]}, {"result":[]}]}])");
  ASSERT_EQ(converted.report.unusable.size(), 2);
  EXPECT_EQ(converted.report.unusable[0].reason, "all its annotations were cancelled");
  EXPECT_THAT(converted.report.unusable[1].reason, HasSubstr("no list \"result\""));
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_EQ(converted.records[0].spans.size(), 1);
  EXPECT_EQ(converted.report.left_out_annotations, 1);
}

TEST(ConvertFaultsTest, OffsetsOutOfPlaceAreNoReasonToLookForTheValue) {
  for (const char* const content :
       {R"({"text":"SEKRIT","spans":[[-1,3,"PERSON"]]})",
        R"({"text":"SEKRIT","spans":[[18446744073709551615,3,"PERSON"]]})",
        R"({"text":"Ann","entities":[{"start":-1,"end":3,"label":"PER","text":"Ann"}]})",
        R"({"text":"Ann","entities":[{"start":0.0,"end":3.0,"label":"PER","text":"Ann"}]})",
        R"({"text":"Ann","entities":[{"start":0,"label":"PER","text":"Ann"}]})",
        R"({"text":"Ann","label":{"name":{"Ann":[]}}})"}) {
    EXPECT_EQ(ConvertText(content).report.unusable_count, 1) << content;
  }
  EXPECT_EQ(ConvertText(R"({"text":"Ann","entities":[{"start":null,"end":null,"label":"PER","text":"Ann"}]})")
                .records.size(),
            1);
}

TEST(ConvertFaultsTest, AValueThatIsNotAtItsOffsetsMakesItsRecordUnusable) {
  for (const char* const content :
       {R"({"text":"Anna lives","entities":[{"start":0,"end":4,"label":"PER","text":"Bob"}]})",
        R"({"text":"Anna lives","label":{"name":{"Bob":[[0,3]]}}})"}) {
    const Converted converted = ConvertText(content);
    EXPECT_EQ(converted.report.mismatched, 1);
    ASSERT_EQ(converted.report.unusable.size(), 1);
    EXPECT_THAT(converted.report.unusable[0].reason, HasSubstr("offsets [0, 4) is not what stands there"));
    EXPECT_THAT(converted.report.unusable[0].reason, Not(HasSubstr("Bob")));
  }
  const Converted folded =
      ConvertText(R"({"text":"Ann\r\nLee","entities":[{"start":0,"end":8,"label":"PER","text":"ann lee"}]})");
  EXPECT_EQ(folded.records.size(), 1) << "a tokenizer's word";
}

TEST(ConvertFaultsTest, UnknownLabelsAreShownUnlessTheyMayBeText) {
  std::string content;
  for (const char* const label : {"Anna Seekrit", "13800138000", "Anna", "HERO", "HERO", "工号", ""})
    absl::StrAppend(&content, R"({"text":"Anna Seekrit","spans":[[0,4,")", label, "\"]]}\n");
  const Converted converted = ConvertText(content);
  EXPECT_THAT(converted.report.unknown_labels, ElementsAre(Pair("HERO", 2), Pair("工号", 1)));
  EXPECT_EQ(converted.report.hidden_labels, 4);

  content.clear();
  for (char a = 'a'; a <= 'z'; ++a) {
    for (const char b : {'x', 'y', 'z'})
      absl::StrAppend(&content, R"({"text":"Anna","spans":[[0,4,"label-)", std::string{a, b}, "\"]]}\n");
  }
  EXPECT_EQ(ConvertText(content).report.unknown_labels.size(), 50);
}

// Characters of three bytes, and marks of which both borders are multiples of three.
std::string ChineseRecords(int sound, int beyond_the_text) {
  std::string lines;
  for (int i = 0; i < sound; ++i)
    lines += R"({"text":"姓名：王小明，部门：财务部","spans":[[3,6,"PERSON"]]})"
             "\n";
  for (int i = 0; i < beyond_the_text; ++i)
    lines += R"({"text":"姓名：王小明","spans":[[3,9,"PERSON"]]})"
             "\n";
  return lines;
}

TEST(ConvertFaultsTest, AFaultyRecordDoesNotDecideWhatOffsetsCount) {
  const Converted converted = ConvertText(ChineseRecords(40, 1));
  EXPECT_EQ(converted.report.unit, OffsetUnit::CodePoints);
  EXPECT_EQ(converted.report.unusable_count, 1);
  ASSERT_EQ(converted.records.size(), 40);
  EXPECT_EQ(converted.records[0].text.substr(converted.records[0].spans[0].span.begin, 9), "王小明");
  EXPECT_EQ(converted.report.unit_doubt, "codepoints 1, utf16 1, bytes 0 of 41");
}

TEST(ConvertFaultsTest, WhereItIsNotClearWhatOffsetsCountTheUserIsAsked) {
  EXPECT_THAT(FaultOf(ChineseRecords(9, 1)),
              EndsWith("codepoints 1, utf16 1, bytes 0 of 10; --unit says what they count"));
  ConvertOptions options;
  options.unit = OffsetUnit::CodePoints;
  EXPECT_EQ(ConvertText(ChineseRecords(9, 1), options).records.size(), 9);
  // Few records are enough where most of them speak for a unit, but it is said that others do not.
  const Converted few = ConvertText(ChineseRecords(1, 1));
  EXPECT_EQ(few.report.unit, OffsetUnit::Bytes);
  EXPECT_EQ(few.report.unit_doubt, "codepoints 1, utf16 1, bytes 0 of 2");
  EXPECT_EQ(ConvertText(ChineseRecords(0, 3)).report.unit_doubt, "");
}

TEST(ConvertFaultsTest, WordsTellBytesFromCodePoints) {
  std::string lines;
  for (int i = 0; i < 5; ++i)
    lines += R"({"text":"Grüße an Ann Lee, die heute kam","spans":[[11,18,"PERSON"]]})"
             "\n";
  const Converted converted = ConvertText(lines);
  EXPECT_EQ(converted.report.unit, OffsetUnit::Bytes);
  EXPECT_EQ(converted.report.unit_doubt, "");
  EXPECT_EQ(converted.records.at(0).text.substr(11, 7), "Ann Lee");
}

TEST(ConvertFaultsTest, AnAnswerBelongsToTheQuestionBeforeIt) {
  const Converted converted =
      ConvertText(R"({"messages":[{"role":"user","content":"Ann called"},)"
                  R"({"role":"assistant","content":"[{\"type\":\"PER\",\"text\":\"Ann\"}]"},)"
                  R"({"role":"user","content":"thanks"}]})");
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_EQ(converted.records[0].text, "Ann called");
}

TEST(ConvertFaultsTest, WhatIsNestedTooDeeplyIsUnusableAndNoMore) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  for (const std::string& content :
       {R"({"text":"Ann","spans":[],"more":)" + deep + "}\n" + R"({"text":"Ann","spans":[]})",
        R"([{"text":"Ann","spans":[],"more":)" + deep + R"(},{"text":"Ann","spans":[]}])",
        R"({"input":"Ann","output":")" + deep + "\"}\n" + R"({"text":"Ann","spans":[]})"}) {
    const Converted converted = ConvertText(content);
    EXPECT_EQ(converted.report.unusable_count, 1);
    EXPECT_EQ(converted.records.size(), 1);
  }
}

TEST(ConvertFaultsTest, ABrokenArrayIsAnErrorThatNamesTheByte) {
  EXPECT_THAT(FaultOf(R"([{"text":"Ann","spans":[]}, {"text":)"),
              EndsWith("begins like a JSON array, but ends at byte 36, before its JSON does"));
  EXPECT_THAT(FaultOf("\xEF\xBB\xBF\n[{\"text\":\"Ann\",\"spans\":[]},]"),
              EndsWith("but is not JSON at byte 32"));
  EXPECT_THAT(FaultOf("[ O\nAnn B-PER\n"), HasSubstr("at byte 3; if it is no array, --from says"));
  for (const auto& [content, fault] : std::vector<std::pair<const char*, const char*>>{
           {R"([{"text":"Ann","spans":[]} 1])", "but has more behind its JSON, at byte 28"},
           {R"([{"text":"Ann","spans":[]}] 1)", "but has more behind its JSON, at byte 29"},
           {R"([{"text":"Ann","spans":[]})", "but ends at byte 26, before its JSON does"},
           {R"([{"text":"Ann","spans":[]}, {"text":1]])", "but is not JSON at byte 38"},
           {R"([{"text":"Ann","spans":[]}, "\x"])", "but is not JSON at byte 31"}})
    EXPECT_THAT(FaultOf(content), HasSubstr(fault)) << content;
  EXPECT_EQ(ConvertText("[ ]\n").report.unusable_count, 0);
}

TEST(ConvertFaultsTest, LinesThatAreNoJsonAreListedWithTheByte) {
  const Converted converted = ConvertText("{\"text\":\"\xCD\xF5\"}\n{\n  \"text\": \"Ann\"\n}\n");
  ASSERT_EQ(converted.report.unusable.size(), 4);
  EXPECT_EQ(converted.report.unusable[0].reason, "is not UTF-8 at byte 11");
  EXPECT_THAT(converted.report.unusable[1].reason, HasSubstr("a record must stand on one line"));
}

TEST(ConvertFaultsTest, OtherMembersOfAnArrayAreListedByIndex) {
  const Converted converted = ConvertText(R"([1, {"text":"Ann","spans":[]}, [2], "x", {"a":{"b":[]}}])");
  EXPECT_EQ(converted.report.unusable_count, 4);
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_TRUE(converted.records[0].origin.ends_with("[1]"));
}

TEST(ConvertFaultsTest, AFileWithAByteOrderMarkOrAFullWidthBeginningIsReadWhole) {
  EXPECT_EQ(ConvertText("\xEF\xBB\xBF{\"text\":\"Ann\",\"spans\":[]}").records.size(), 1);
  EXPECT_EQ(ConvertText("（ O\nAnn B-PER\n").records.at(0).text, "（Ann");
  EXPECT_EQ(ConvertText("").records.size(), 0);
}

}  // namespace
}  // namespace privet
