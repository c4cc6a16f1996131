#include "training/data/unfinished_proposals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace privet {
namespace {

namespace fs = std::filesystem;

class UnfinishedProposalsTest : public testing::Test {
 protected:
  UnfinishedProposalsTest()
      : folder_(fs::temp_directory_path() / ("unfinished_proposals" + std::to_string(getpid()))),
        file_(folder_ / "out.jsonl"),
        unfinished_(folder_ / "out.jsonl.unfinished") {
    fs::create_directories(folder_);
  }
  ~UnfinishedProposalsTest() override { fs::remove_all(folder_); }

  // Four records, of which the first `proposed` have been proposed in.
  static std::vector<LabeledRecord> Records(size_t proposed) {
    std::vector<LabeledRecord> records;
    for (const char* const name : {"Ann", "Bob", "Cy", "Eve"}) {
      const std::string text = std::string(name) + " calls";
      const Span span = {0, std::string(name).size()};
      LabeledRecord& record = records.emplace_back();
      record.text = text;
      record.spans = {{span, EntityType::PERSON}};
      if (records.size() <= proposed) record.proposals = {{span, EntityType::PERSON, 0.5}};
    }
    return records;
  }

  // How many of the records get their proposals back.
  size_t DoneBefore(const std::string& made_by, std::vector<LabeledRecord> records) const {
    auto unfinished = UnfinishedProposals::Open(file_, made_by, &records);
    EXPECT_TRUE(unfinished.ok()) << unfinished.status();
    for (size_t i = 0; i < records.size(); ++i) {
      const auto& proposals = records[i].proposals;
      EXPECT_EQ(proposals.has_value(), i < unfinished->done());
      if (proposals.has_value()) {
        EXPECT_EQ(proposals->size(), 1);
      }
    }
    return unfinished->done();
  }

  // Has so many records done.
  void GoOn(size_t until) const {
    std::vector<LabeledRecord> records = Records(0);
    auto unfinished = UnfinishedProposals::Open(file_, "a bundle", &records);
    ASSERT_TRUE(unfinished.ok()) << unfinished.status();
    records = Records(until);
    const size_t done = unfinished->done();
    ASSERT_TRUE(unfinished->Append(std::span(records).subspan(done, until - done)).ok());
    EXPECT_EQ(unfinished->done(), until);
  }

  const fs::path folder_, file_, unfinished_;
};

TEST_F(UnfinishedProposalsTest, TheSameCommandGoesOnWhereItWas) {
  GoOn(2);
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_EQ(DoneBefore("a bundle", Records(0)), 2);
  GoOn(3);
  EXPECT_EQ(DoneBefore("a bundle", Records(0)), 3);
  std::vector<LabeledRecord> records = Records(0);
  UnfinishedProposals::Open(file_, "a bundle", &records)->Remove();
  EXPECT_FALSE(fs::exists(unfinished_));
}

TEST_F(UnfinishedProposalsTest, AnotherCommandBeginsAnew) {
  GoOn(2);
  EXPECT_EQ(DoneBefore("another bundle", Records(0)), 0);
  EXPECT_EQ(DoneBefore("a bundle", Records(0)), 0) << "what was made by another is gone";
}

TEST_F(UnfinishedProposalsTest, ALineThatIsCutShortOrOfAnotherRecordIsDoneAgain) {
  GoOn(3);
  fs::resize_file(unfinished_, fs::file_size(unfinished_) - 1);  // of the last line feed
  EXPECT_EQ(DoneBefore("a bundle", Records(0)), 2);
  GoOn(4);
  EXPECT_EQ(DoneBefore("a bundle", Records(0)), 4);
  std::vector<LabeledRecord> changed = Records(0);
  changed[1].text = "Ben calls";
  EXPECT_EQ(DoneBefore("a bundle", changed), 1);
  changed = Records(0);
  changed[0].spans.clear();
  EXPECT_EQ(DoneBefore("a bundle", changed), 0);
}

TEST_F(UnfinishedProposalsTest, NothingIsKeptBesideADevice) {
  std::vector<LabeledRecord> records = Records(0);
  auto unfinished = UnfinishedProposals::Open("/dev/null", "a bundle", &records);
  ASSERT_TRUE(unfinished.ok()) << unfinished.status();
  EXPECT_TRUE(unfinished->path().empty());
  EXPECT_TRUE(unfinished->Append(records).ok());
  EXPECT_EQ(unfinished->done(), 4);
}

TEST_F(UnfinishedProposalsTest, AFolderThatIsNotThereIsAnError) {
  std::vector<LabeledRecord> records = Records(0);
  const auto unfinished = UnfinishedProposals::Open(folder_ / "none/out.jsonl", "a bundle", &records);
  EXPECT_TRUE(absl::IsUnavailable(unfinished.status()));
  EXPECT_NE(unfinished.status().message().find("out.jsonl.unfinished: cannot be written: No such file"),
            std::string::npos)
      << unfinished.status();
}

}  // namespace
}  // namespace privet
