// What convert does with records that are not as they should be.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "training/data/convert.h"

namespace privet {
namespace {

struct Converted {
  std::vector<LabeledRecord> records;
  ConvertReport report;
};

Converted ConvertText(const std::string& content) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("convert_" + std::to_string(getpid()))).string();
  std::ofstream(file, std::ios::binary) << content;
  Converted converted;
  auto report =
      ConvertFile(file, {}, [&](const LabeledRecord& record) { converted.records.push_back(record); });
  std::filesystem::remove(file);
  EXPECT_TRUE(report.ok());
  if (report.ok()) converted.report = *std::move(report);
  return converted;
}

TEST(ConvertFaultsTest, ColumnsInGbkAreListedNotDecoded) {
  const Converted converted = ConvertText("\xCD\xF5 B-PER\n\xE5 I-PER\n\nAnn B-PER\n");
  EXPECT_EQ(converted.report.unusable_count, 1);
  ASSERT_EQ(converted.records.size(), 1);
  EXPECT_EQ(converted.records[0].text, "Ann");
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

TEST(ConvertFaultsTest, ABrokenArrayIsAnError) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("convert_" + std::to_string(getpid()))).string();
  std::ofstream(file) << R"([{"text":"Ann","spans":[]}, {"text":)";
  const auto report = ConvertFile(file, {}, [](const LabeledRecord&) { ADD_FAILURE() << "found before"; });
  std::filesystem::remove(file);
  EXPECT_NE(report.status().message().find("--from"), std::string::npos);
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
