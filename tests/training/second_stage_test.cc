#include "training/learn/second_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace privet {
namespace {

using testing::HasSubstr;

class SecondStageTest : public testing::Test {
 protected:
  SecondStageTest() {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
               std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "best");
  }
  ~SecondStageTest() override { std::filesystem::remove_all(folder_); }

  std::string Fault(int stage) const {
    TrainingConfig config;
    config.base_folder = folder_.string();
    return std::string(CheckStage(config, stage).message());
  }
  void Write(const char* file, const char* content) const { std::ofstream(folder_ / file) << content; }

  std::filesystem::path folder_;
};

TEST_F(SecondStageTest, ABaseThatFindsEntitiesIsRefusedInStage2Alone) {
  Write("config.json", R"({"id2label": {"0": "O", "1": "B-PERSON", "2": "I-PERSON"}})");
  EXPECT_THAT(Fault(2), HasSubstr("was trained to find entities"));
  EXPECT_EQ(Fault(1), "");
  EXPECT_TRUE(WasTrainedToFindEntities(folder_));
}

TEST_F(SecondStageTest, SoIsARunThatHoldsSuchAModel) {
  Write("best/config.json", R"({"id2label": {"0": "O", "1": "PERSON"}})");
  EXPECT_THAT(Fault(2), HasSubstr("was trained to find entities"));
}

TEST_F(SecondStageTest, APlainBaseIsTaken) {
  EXPECT_EQ(Fault(2), "") << "a folder without config.json is another's error";
  Write("config.json", R"({"model_type": "qwen3"})");
  EXPECT_EQ(Fault(2), "");
  Write("config.json", R"({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})");
  EXPECT_EQ(Fault(2), "");
}

TEST_F(SecondStageTest, TheStage2OfABundleGoesOn) {
  for (const char* const stage : {"stage1", "stage2"}) {
    std::filesystem::create_directories(folder_ / stage);
    std::ofstream(folder_ / stage / "config.json") << R"({"id2label": {"0": "O", "1": "B-PERSON"}})";
    for (const char* const file : {"model.safetensors", "tokenizer.json"}) {
      std::ofstream created(folder_ / stage / file);
    }
  }
  const auto fault = [&](const std::string& base, const std::string& stage2, int stage = 2) {
    std::ofstream(folder_ / "bundle.yaml")
        << "name: b\nversion: \"1\"\ntypes: [PERSON]\nstage1: {folder: stage1}\n"
        << stage2 << "operating_points: {balanced: {tau: 0.02, min_score: 0.5}}\n";
    TrainingConfig config;
    config.base_folder = (folder_ / base).string();
    return std::string(CheckStage(config, stage).message());
  };
  const std::string stage2 = "stage2: {folder: stage2, head: tagger}\n";
  EXPECT_EQ(fault("stage2", stage2), "");
  EXPECT_EQ(fault("stage2/", stage2), "");
  EXPECT_EQ(fault("stage1", stage2, 1), "");
  EXPECT_THAT(fault("stage2", stage2, 1), HasSubstr("is the stage 2 of a bundle"));
  EXPECT_THAT(fault("stage1", stage2), HasSubstr("was trained to find entities"));
  EXPECT_THAT(fault("stage1", stage2), HasSubstr("or the stage 2 of a bundle"));
  EXPECT_THAT(fault("stage2", ""), HasSubstr("was trained to find entities")) << "no bundle's";
  EXPECT_THAT(fault("stage1", "stage2: {folder: stage1, head: tagger}\n"),
              HasSubstr("was trained to find entities"))
      << "stage 1's as well";
  EXPECT_THAT(fault("stage2", "stage2: [stage2]\n"), HasSubstr("was trained to find entities"))
      << "a bundle.yaml that cannot be read";
}

TEST_F(SecondStageTest, ASpanHeadCannotPropose) {
  TrainingConfig config;
  config.head = "span";
  EXPECT_THAT(CheckStage(config, 1).message(), HasSubstr("head.kind: span is for --stage 2"));
  EXPECT_TRUE(CheckStage(config, 2).ok());
}

}  // namespace
}  // namespace privet
