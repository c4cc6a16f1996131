#include "training/data/record_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace privet {
namespace {

using testing::HasSubstr;

TEST(RecordReaderTest, RangesOfCodePointsBecomeBytes) {
  const auto record = ParseRecord(R"({"text": "😀王小明 calls", "spans": [[1, 4, "PERSON"]]})");
  ASSERT_TRUE(record.ok()) << record.status().message();
  ASSERT_EQ(record->spans.size(), 1);
  EXPECT_EQ(record->spans[0].span, (Span{4, 13}));
  EXPECT_EQ(record->spans[0].type, EntityType::PERSON);
  EXPECT_TRUE(record->covers.all());
}

TEST(RecordReaderTest, LearningSeesWhatEscapeSequencesStandFor) {
  auto record = *ParseRecord(R"({"text": "n=%E7%8E%8B%E5%BC%BA&x", "spans": [[2, 20, "PERSON"]]})");
  Unescape(&record);
  EXPECT_EQ(record.text, "n=王强&x");
  EXPECT_EQ(record.spans[0].span, (Span{2, 8}));
  // Marks inside of a sequence mean the sequence.
  record = *ParseRecord(R"({"text": "%E7%8E%8B", "spans": [[0, 3, "PERSON"], [3, 6, "PERSON"]]})");
  Unescape(&record);
  EXPECT_EQ(record.text, "%E7%8E%8B");
}

TEST(RecordReaderTest, WhatIsWrittenReadsBackTheSame) {
  const std::string line = R"({"text":"a 王小明","spans":[[2,5,"PERSON"]],"covers":["PERSON","ADDRESS"]})";
  const auto record = ParseRecord(line);
  ASSERT_TRUE(record.ok()) << record.status().message();
  const auto again = ParseRecord(WriteRecord(*record));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->spans, record->spans);
  EXPECT_EQ(again->covers, record->covers);
  EXPECT_EQ(again->covers.count(), 2);
}

TEST(RecordReaderTest, ProposalsAreInOrderAndReadBackTheSame) {
  const auto record = ParseRecord(
      R"({"text":"a 王小明","spans":[],"proposals":[[2,5,"PERSON",0.75],[2,4,"PERSON",0.25],[0,1,"ADDRESS",0.02]]})");
  ASSERT_TRUE(record.ok()) << record.status().message();
  ASSERT_TRUE(record->proposals.has_value());
  ASSERT_EQ(record->proposals->size(), 3);
  EXPECT_EQ((*record->proposals)[0], (Proposal{{0, 1}, EntityType::ADDRESS, 0.02}));
  EXPECT_EQ((*record->proposals)[1], (Proposal{{2, 8}, EntityType::PERSON, 0.25}));
  EXPECT_EQ((*record->proposals)[2], (Proposal{{2, 11}, EntityType::PERSON, 0.75}));
  EXPECT_EQ(ParseRecord(WriteRecord(*record))->proposals, record->proposals);
}

TEST(RecordReaderTest, NothingProposedIsNotNobodyAsked) {
  EXPECT_FALSE(ParseRecord(R"({"text": "a", "spans": []})")->proposals.has_value());
  const auto asked = ParseRecord(R"({"text": "a", "spans": [], "proposals": []})");
  ASSERT_TRUE(asked->proposals.has_value());
  EXPECT_THAT(WriteRecord(*asked), HasSubstr(R"("proposals":[])"));
}

TEST(RecordReaderTest, OtherFieldsAreKeptForWhoAsks) {
  const std::string line = R"({"text":"a","spans":[],"id":7,"source":"mail"})";
  EXPECT_EQ(WriteRecord(ParseRecord(line, OtherFields::Keep).value()), line);
  EXPECT_EQ(WriteRecord(ParseRecord(line).value()), R"({"text":"a","spans":[]})");
}

TEST(RecordReaderTest, OtherFieldsAreWrittenAsTheyWere) {
  const std::string line =
      R"({"text":"a","spans":[],"price":19.90,"id":123456789012345678901234567890,"z":-0,"big":1e400,"a":"\u738b"})";
  const auto record = ParseRecord(line, OtherFields::Keep);
  ASSERT_TRUE(record.ok()) << record.status().message();
  EXPECT_EQ(WriteRecord(*record), line);
  EXPECT_FALSE(ParseRecord(R"({"text":"a","spans":[[0,1e400,"PERSON"]]})").ok());
}

TEST(RecordReaderTest, SaysWhyALineCannotBeUsedAndQuotesNoText) {
  const auto reason = [](const char* line) { return std::string(ParseRecord(line).status().message()); };
  EXPECT_THAT(reason("[1]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(reason(R"({"spans": []})"), HasSubstr("no \"text\""));
  EXPECT_THAT(reason(R"({"text": "secret words"})"), HasSubstr("no list \"spans\""));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [[2, 9, "PERSON"]]})"),
              HasSubstr("beyond the text's 6 code points"));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [[2, 2, "PERSON"]]})"), HasSubstr("empty"));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [[0, 3, "PERSON"], [2, 4, "PERSON"]]})"),
              HasSubstr("overlap"));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [[0, 3, "PERSON"], [4, 6, "PER"]]})"),
              HasSubstr("label number 2 of \"spans\" is not an entity type"));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [], "covers": ["PERSON", "secret"]})"),
              HasSubstr("label number 2 of \"covers\""));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [], "proposals": [[0, 9, "PERSON", 0.5]]})"),
              HasSubstr("proposal [0, 9) is empty or beyond"));
  EXPECT_THAT(reason(R"({"text": "secret", "spans": [], "proposals": [[0, 3, "PERSON", 1.5]]})"),
              HasSubstr("a proposal must be"));
  EXPECT_EQ(reason(R"({"text": "secret", "spans": [[0, 3, "secret"]]})").find("secret"), std::string::npos);
  EXPECT_EQ(reason(R"({"text": "secret", "spans": [], "covers": ["secret"]})").find("secret"),
            std::string::npos);
  EXPECT_EQ(reason(R"({"text": "secret", "spans": [], "proposals": [[0, 3, "secret", 0.5]]})").find("secret"),
            std::string::npos);
}

TEST(RecordReaderTest, SaysAtWhichByteALineIsNoJsonAndQuotesNothing) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"{\"text\": \"\xCD\xF5 secret\"}", "is not UTF-8 at byte 12"},
      {R"({"text": "secret",})", "is not JSON at byte 19"},
      {R"({"text": secret})", "is not JSON at byte 10"},
      {"[1e999]", "a number that is too large"},
      {"{", "ends at byte 1, before its JSON does; a record must stand on one line"},
      {R"({"text": "secret)", "ends at byte 16, before its JSON does"},
      {R"({"text": "secret"} secret)", "has more behind its JSON, at byte 20"},
      {"{\"text\": \"secret\"}\r{\"text\": \"secret\"}", "at byte 20; lines must end with a line feed"},
      {std::string(100, '['), "nests more than 64 levels"},
      {std::string((64 << 20) + 1, ' '), "is longer than 67108864 bytes"}};
  for (const auto& [line, fault] : faults) {
    const std::string reason(ParseRecord(line).status().message());
    EXPECT_THAT(reason, HasSubstr(fault));
    EXPECT_THAT(reason, testing::Not(HasSubstr("secret")));
  }
}

TEST(RecordReaderTest, AFileListsItsUnusableLinesByNumber) {
  const auto file =
      std::filesystem::temp_directory_path() / ("records_" + std::to_string(getpid()) + ".jsonl");
  std::ofstream(file) << R"({"text": "a", "spans": []})"
                      << "\n\nbroken\n"
                      << R"({"text": "b", "spans": []})";
  const auto read = ReadRecordFile(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->records.size(), 2);
  ASSERT_EQ(read->unusable_count, 1);
  EXPECT_EQ(read->unusable[0].origin, file.string() + ":3");
  EXPECT_EQ(read->records[1].origin, file.string() + ":4");
  EXPECT_FALSE(ReadRecordFile("/nowhere.jsonl").ok());
  EXPECT_EQ(ReadRecordFile("/proc/self/mem").status().message(), "/proc/self/mem: reading failed");
}

}  // namespace
}  // namespace privet
