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

TEST_F(SecondStageTest, ASpanHeadCannotPropose) {
  TrainingConfig config;
  config.head = "span";
  EXPECT_THAT(CheckStage(config, 1).message(), HasSubstr("head.kind: span is for --stage 2"));
  EXPECT_TRUE(CheckStage(config, 2).ok());
}

}  // namespace
}  // namespace privet
