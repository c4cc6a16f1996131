#include "training/learn/fold_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/training/tiny_run.h"
#include "training/data/record_reader.h"

namespace privet {
namespace {

using testing::HasSubstr;
using testing::Not;

class FoldRunsTest : public TinyRun {
 protected:
  FoldRunsTest() {
    // Short enough that no two are near-copies.
    std::ofstream records(folder_ / "train.jsonl");
    for (const std::string name : {"Ann", "Bob", "Cy", "Dan", "Eve", "Flo", "Gil", "Hal", "Ida", "Jo", "Kim",
                                   "Lea", "Max", "Ned", "Ola", "Pia"}) {
      const std::string size = std::to_string(name.size());
      records << R"({"text": ")" << name << R"( calls", "spans": [[0, )" << size << R"(, "PERSON"]]})"
              << "\n"
              << R"({"text": "to )" << name << R"(", "spans": [[3, )" << 3 + name.size() << R"(, "PERSON"]]})"
              << "\n";
    }
    records.close();
    config_ = Config("folds");
    config_.steps = 40;
    options_.folds = 2;
    options_.out = (folder_ / "proposals.jsonl").string();
    options_.train.say = [this](const std::string& line) { said_ += line + "\n"; };
  }

  FoldResult ProposeAll() {
    said_.clear();
    const auto result = ProposeInFolds(config_, options_);
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.ok() ? *result : FoldResult();
  }
  std::string Fault() { return std::string(ProposeInFolds(config_, options_).status().message()); }
  static std::vector<LabeledRecord> Read(const std::filesystem::path& file) {
    const auto read = ReadRecordFile(file);
    EXPECT_TRUE(read.ok()) << read.status().message();
    return read.ok() ? read->records : std::vector<LabeledRecord>();
  }

  TrainingConfig config_;
  FoldOptions options_;
  std::string said_;
};

TEST_F(FoldRunsTest, SnippetsTeachEveryFoldAndSwappedRecordsAreReadAsTheyAre) {
  std::ofstream(folder_ / "snippets.txt") << "{PER_EN} calls {MOBILE}\nto {PER_EN}\n";
  config_.train[0].swap = true;
  DataSource snippets;
  snippets.path = (folder_ / "snippets.txt").string();
  snippets.templates = true;
  config_.train.push_back(snippets);
  config_.steps = 4;
  const FoldResult result = ProposeAll();
  EXPECT_EQ(result.counts.records, 32);
  const std::vector<LabeledRecord> before = Read(folder_ / "train.jsonl");
  const std::vector<LabeledRecord> after = Read(options_.out);
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].text, before[i].text);
    EXPECT_TRUE(after[i].proposals.has_value());
  }
  TrainingConfig fold;
  ASSERT_TRUE(ReadTrainingConfig((folder_ / "folds/fold2/config.yaml").string(), &fold).ok());
  ASSERT_EQ(fold.train.size(), 2U);
  EXPECT_TRUE(fold.train[0].swap);
  EXPECT_TRUE(fold.train[1].templates);
  EXPECT_THAT(fold.types, testing::UnorderedElementsAre("PERSON", "PHONE_NUMBER"));
}

TEST_F(FoldRunsTest, RecordsThatAreListedTwiceAreReadOnce) {
  config_.train.push_back(config_.train[0]);
  config_.train[0].weight = 3;
  config_.train[1].swap = true;
  config_.steps = 2;
  const FoldResult result = ProposeAll();
  EXPECT_EQ(result.counts.records, 32);
  ASSERT_EQ(result.files.size(), 2) << "one of them dev";
  EXPECT_EQ(result.files[0].path, options_.out);
  EXPECT_EQ(result.files[0].source.weight, 4);
  EXPECT_EQ(Read(options_.out).size(), 32);
  TrainingConfig fold;
  ASSERT_TRUE(ReadTrainingConfig((folder_ / "folds/fold1/config.yaml").string(), &fold).ok());
  ASSERT_EQ(fold.train.size(), 2U) << "as they are, and swapped";
  EXPECT_EQ(Read(fold.train[0].path).size(), Read(fold.train[1].path).size());
}

TEST_F(FoldRunsTest, SeveralProcessesWouldWriteTheSameFilesAndAreRefused) {
  const std::pair<const char*, const char*> torchrun[] = {
      {"WORLD_SIZE", "2"}, {"RANK", "1"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29500"}};
  for (const auto& [name, value] : torchrun) setenv(name, value, 1);
  const auto result = ProposeInFolds(config_, options_);
  for (const auto& [name, value] : torchrun) unsetenv(name);
  EXPECT_THAT(result.status().message(), testing::HasSubstr("without torchrun"));
  EXPECT_FALSE(std::filesystem::exists(config_.output));
}

TEST_F(FoldRunsTest, EveryRecordGetsTheProposalsOfAModelThatHasNotSeenIt) {
  const FoldResult result = ProposeAll();
  const std::vector<LabeledRecord> before = Read(folder_ / "train.jsonl");
  const std::vector<LabeledRecord> after = Read(options_.out);
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].text, before[i].text) << "in the order of the source";
    EXPECT_EQ(after[i].spans, before[i].spans);
    EXPECT_TRUE(after[i].proposals.has_value());
  }
  EXPECT_EQ(result.counts.records, 32);
  EXPECT_EQ(result.counts.entities, 32);
  EXPECT_GT(result.counts.proposed_entities, 0);

  // The folds part the records, no text is in both, and none learns from what another proposed.
  std::multiset<std::string> texts;
  for (const char* const fold : {"fold1", "fold2"}) {
    for (const LabeledRecord& record : Read(folder_ / "folds" / fold / "train.1.jsonl")) {
      texts.insert(record.text);
      EXPECT_FALSE(record.proposals.has_value());
    }
  }
  EXPECT_EQ(texts.size(), 32);
  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), 32);
  // data.dev, which is no part of the folds, has proposals, too.
  EXPECT_EQ(Read(folder_ / "proposals.dev.jsonl").size(), 32);
}

TEST_F(FoldRunsTest, RecordsKeepTheirOtherFieldsOfWhichNoFoldLearns) {
  const std::string fields = R"("id":7,"sender":"Kim")";
  const std::string record = R"({"text":"mail to Kim","spans":[[8,11,"PERSON"]],)" + fields + "}";
  std::ofstream(folder_ / "train.jsonl", std::ios::app) << record << "\n";
  config_.dev[0].path = (folder_ / "dev.jsonl").string();
  std::ofstream(config_.dev[0].path) << record << "\n";
  config_.steps = 2;
  ProposeAll();
  const auto lines_with_fields = [&](const std::string& file) {
    std::ifstream in(folder_ / file);
    int64_t count = 0;
    for (std::string line; std::getline(in, line);) count += line.ends_with(fields + "}") ? 1 : 0;
    return count;
  };
  EXPECT_EQ(lines_with_fields("proposals.jsonl"), 1);
  EXPECT_EQ(lines_with_fields("proposals.dev.jsonl"), 1);
  EXPECT_EQ(lines_with_fields("folds/fold1/train.1.jsonl"), 0);
  EXPECT_EQ(lines_with_fields("folds/fold2/train.1.jsonl"), 0);
}

TEST_F(FoldRunsTest, TextsStayAsTheyAreWritten) {
  const std::string text = R"("text":"a%2540b &#38;#29579; to Kim")";
  for (const char* const file : {"train.jsonl", "dev.jsonl"})
    std::ofstream(folder_ / file, std::ios::app) << "{" << text << R"(,"spans":[[24,27,"PERSON"]]})"
                                                 << "\n";
  config_.dev[0].path = (folder_ / "dev.jsonl").string();
  config_.steps = 2;
  ProposeAll();
  int64_t learned = 0;
  for (const char* const file :
       {"folds/fold1/train.1.jsonl", "folds/fold2/train.1.jsonl", "proposals.jsonl", "proposals.dev.jsonl"}) {
    const bool written = Bytes(folder_ / file).find("{" + text) != std::string::npos;
    learned += written ? 1 : 0;
  }
  EXPECT_EQ(learned, 3) << "of the two folds one learns from it";
}

TEST_F(FoldRunsTest, SeveralSourcesGiveSeveralFiles) {
  std::ofstream(folder_ / "more.jsonl") << R"({"text": "mail to Kim", "spans": [[8, 11, "PERSON"]]})"
                                        << "\n";
  config_.train.push_back({(folder_ / "more.jsonl").string(), 0.5, {"PERSON"}});
  config_.dev.clear();
  config_.steps = 2;
  const FoldResult result = ProposeAll();
  ASSERT_EQ(result.files.size(), 2);
  EXPECT_EQ(result.files[1].path, (folder_ / "proposals.2.jsonl").string());
  EXPECT_EQ(result.files[1].source.weight, 0.5);
  const auto more = Read(result.files[1].path);
  ASSERT_EQ(more.size(), 1);
  EXPECT_EQ(more[0].covers.count(), 1) << "what the source covers stays with the record";
}

TEST_F(FoldRunsTest, AStoppedRunGoesOnAndAFinishedFoldIsNotTrainedAgain) {
  config_.steps = 8;
  std::atomic<bool> stop = false;
  options_.train.stop = &stop;
  options_.train.progress = [&](const std::string& line) { stop = line.starts_with("fold 2 of 2: step 3/"); };
  EXPECT_TRUE(ProposeAll().interrupted);
  EXPECT_FALSE(std::filesystem::exists(options_.out));
  stop = false;
  options_.train.progress = {};
  EXPECT_FALSE(ProposeAll().interrupted);
  EXPECT_THAT(said_, HasSubstr("fold 1 of 2: is trained"));
  EXPECT_THAT(said_, HasSubstr("fold 2 of 2: going on after step 3"));
  const std::vector<LabeledRecord> parted = Read(options_.out);

  config_.output = (folder_ / "whole").string();
  ProposeAll();
  const std::vector<LabeledRecord> whole = Read(options_.out);
  ASSERT_EQ(parted.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(parted[i].proposals, whole[i].proposals);
}

TEST_F(FoldRunsTest, FoldersOfOtherRecordsOrAnotherConfigurationAreRefused) {
  config_.steps = 2;
  ProposeAll();
  config_.steps = 3;
  EXPECT_THAT(Fault(), HasSubstr("fold1/config.yaml: this folder holds a run with another configuration"));
  config_.steps = 2;
  options_.folds = 4;
  EXPECT_THAT(Fault(), HasSubstr("train.1.jsonl: this folder holds a fold of other records"));
  options_.train.restart = true;
  EXPECT_EQ(ProposeAll().counts.records, 32);
}

TEST_F(FoldRunsTest, TwoDoNotMakeFoldsInOneFolder) {
  config_.steps = 2;
  std::string second;
  options_.train.progress = [&](const std::string& line) {
    if (!line.starts_with("fold 1 of 2: step 1/")) return;
    FoldOptions options;
    options.out = options_.out;
    options.train.restart = true;
    second = std::string(ProposeInFolds(config_, options).status().message());
  };
  ProposeAll();
  EXPECT_THAT(second, HasSubstr("folds.lock: another trainer is at work in this folder"));
}

TEST_F(FoldRunsTest, SaysWhatIsWrongInOneLine) {
  options_.folds = 1;
  EXPECT_THAT(Fault(), HasSubstr("--folds: must lie between 2 and 100"));
  options_.folds = 33;
  EXPECT_THAT(Fault(), HasSubstr("data.train: 32 records are too few for 33 folds"));
  config_.train[0].path = (folder_ / "missing.jsonl").string();
  EXPECT_THAT(Fault(), HasSubstr("missing.jsonl: cannot be read"));
  EXPECT_THAT(Fault(), Not(HasSubstr("\n")));
}

TEST_F(FoldRunsTest, WhereItsFilesCannotBeWrittenNothingIsTrained) {
  options_.out = folder_.string();
  EXPECT_THAT(Fault(), HasSubstr(": is a folder, not a file"));
  options_.out = (folder_ / "none/proposals.jsonl").string();
  EXPECT_THAT(Fault(), HasSubstr("proposals.jsonl: cannot be written: No such file or directory"));
  std::filesystem::rename(folder_ / "train.jsonl", folder_ / "mine.dev.jsonl");
  config_.train[0].path = config_.dev[0].path = (folder_ / "mine.dev.jsonl").string();
  options_.out = (folder_ / "mine.jsonl").string();
  EXPECT_THAT(Fault(), HasSubstr("mine.dev.jsonl: is read, and would be overwritten"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "folds"));
}

}  // namespace
}  // namespace privet
