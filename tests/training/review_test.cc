#include "training/data/audit/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "training/data/audit/suspects.h"

namespace privet {
namespace {

using testing::HasSubstr;

class ReviewTest : public testing::Test {
 protected:
  std::string Apply(const std::string& records, const std::string& reviewed) {
    const auto folder = std::filesystem::temp_directory_path() / ("review_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "records.jsonl") << records;
    std::ofstream(folder / "reviewed.jsonl") << reviewed;
    std::ostringstream out;
    const auto report = ApplyReview(folder / "records.jsonl", folder / "reviewed.jsonl", out);
    std::filesystem::remove_all(folder);
    EXPECT_TRUE(report.ok()) << report.status().message();
    if (report.ok()) report_ = *report;
    return out.str();
  }

  ReviewReport report_;
};

TEST_F(ReviewTest, AcceptedSuggestionsAreTakenAndAllElseStaysAsItIs) {
  EXPECT_EQ(Apply(R"({"text": "Ann met Bob", "spans": [[0,3,"PERSON"]],  "source": "mail"}
{"text": "Acme of Ann", "spans": [[0,4,"PERSON"],[8,11,"PERSON"]]}
{"text": "the sea",  "spans": []}
)",
                  R"({"line":1,"marked":[],"suggested":[[8,11,"PERSON"]],"value":"Bob","accept":true}
{"line":2,"marked":[[0,4,"PERSON"]],"suggested":[[0,4,"ORGANIZATION"]],"value":"Acme","accept":true}
{"line":2,"marked":[[8,11,"PERSON"]],"suggested":[],"value":"Ann","accept":false}
{"line":3,"marked":[],"suggested":[[4,7,"LOCATION"]],"value":"sea"}
)"),
            R"({"text":"Ann met Bob","spans":[[0,3,"PERSON"],[8,11,"PERSON"]],"source":"mail"}
{"text":"Acme of Ann","spans":[[0,4,"ORGANIZATION"],[8,11,"PERSON"]]}
{"text": "the sea",  "spans": []}
)");
  EXPECT_EQ(report_.records, 3);
  EXPECT_EQ(report_.changed, 2);
  EXPECT_EQ(report_.applied, 2);
  EXPECT_EQ(report_.declined, 1);
  EXPECT_EQ(report_.undecided, 1);
}

TEST_F(ReviewTest, AMarkMayBecomeSeveral) {
  EXPECT_THAT(
      Apply(
          R"({"text":"王小明、李小红","spans":[[0,7,"PERSON"]]})",
          R"({"line":1,"marked":[[0,7,"PERSON"]],"suggested":[[0,3,"PERSON"]],"value":"王小明、李小红","accept":true}
{"line":1,"marked":[[0,7,"PERSON"]],"suggested":[[4,7,"PERSON"]],"value":"王小明、李小红","accept":true})"),
      HasSubstr(R"("spans":[[0,3,"PERSON"],[4,7,"PERSON"]])"));
  EXPECT_EQ(report_.applied, 2);
}

TEST_F(ReviewTest, WhatDoesNotFitIsCountedListedAndNotApplied) {
  const std::string record = R"({"text":"Ann met Bob","spans":[[0,3,"PERSON"]]})";
  EXPECT_EQ(
      Apply(record + "\n", R"({"line":1,"marked":[[0,2,"PERSON"]],"suggested":[],"value":"An","accept":true}
{"line":1,"marked":[],"suggested":[[8,11,"PERSON"]],"value":"Eve","accept":true}
{"line":1,"marked":[],"suggested":[[8,99,"PERSON"]],"value":"Bob","accept":true}
{"line":7,"marked":[],"suggested":[[8,11,"PERSON"]],"value":"Bob","accept":true}
{"line":1,"marked":[],"suggested":[[2,7,"PERSON"]],"value":"n met","accept":true}
{"line":1,"accept":"yes"}
broken
)"),
      record + "\n");
  EXPECT_EQ(report_.applied, 0);
  EXPECT_EQ(report_.stale, 4);
  EXPECT_EQ(report_.crossing, 1);
  EXPECT_EQ(report_.unusable, 2);
  ASSERT_EQ(report_.listed.size(), 7);
  for (size_t i = 0; i < report_.listed.size(); ++i)
    EXPECT_THAT(report_.listed[i].origin, testing::EndsWith(":" + std::to_string(i + 1)));
  for (const UnusableLine& line : report_.listed) EXPECT_EQ(line.reason.find("Bob"), std::string::npos);
}

TEST_F(ReviewTest, FaultsAreListedByLineAndAFileWithoutAnySuspectIsAnError) {
  const std::string record = R"({"text":"Ann met Bob","spans":[[0,3,"PERSON"]]})";
  std::string reviewed = R"({"line":1,"marked":[],"suggested":[[8,11,"PERSON"]],"value":"Bob"})";
  for (int i = 2; i <= 12; ++i) reviewed += "\nbroken";
  Apply(record + "\n", reviewed);
  ASSERT_EQ(report_.listed.size(), 11);
  for (size_t i = 0; i < report_.listed.size(); ++i)
    EXPECT_THAT(report_.listed[i].origin, testing::EndsWith(":" + std::to_string(i + 2)));

  const auto folder = std::filesystem::temp_directory_path() / ("no_suspects_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "records.jsonl") << record << "\n";
  std::ostringstream out;
  EXPECT_THAT(ApplyReview(folder / "records.jsonl", folder / "records.jsonl", out).status().message(),
              HasSubstr("records.jsonl: none of its 1 lines is a suspect; the first, "));
  std::ofstream(folder / "nothing.jsonl") << "";
  EXPECT_TRUE(ApplyReview(folder / "records.jsonl", folder / "nothing.jsonl", out).ok());
  std::filesystem::remove_all(folder);
}

TEST(ProposalsTest, AreReadAndALineWithBrokenOnesIsListed) {
  const auto file = std::filesystem::temp_directory_path() / ("proposals_" + std::to_string(getpid()));
  std::ofstream(file) << R"({"text": "见王小明", "spans": [], "proposals": [[1, 4, "PERSON", 0.97]]})"
                      << "\n"
                      << R"({"text": "见王小明", "spans": []})"
                      << "\n"
                      << R"({"text": "见", "spans": [], "proposals": [[0, 4, "PERSON", 0.5]]})"
                      << "\n"
                      << R"({"text": "见", "spans": [], "proposals": [[0, 1, "PERSON", 1.5]]})"
                      << "\n"
                      << std::string(100000, '[') << "\n";
  const auto audited = ReadAuditedFile(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(audited.ok());
  ASSERT_EQ(audited->records.size(), 2);
  const std::vector<Proposal> proposals = audited->proposals[0].value_or(std::vector<Proposal>());
  ASSERT_EQ(proposals.size(), 1);
  EXPECT_EQ(proposals[0].span, (Span{3, 12}));
  EXPECT_EQ(proposals[0].probability, 0.97);
  EXPECT_FALSE(audited->proposals[1].has_value());
  EXPECT_EQ(audited->unusable_count, 3);
}

}  // namespace
}  // namespace privet
