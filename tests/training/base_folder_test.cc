#include "training/learn/base_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace privet {
namespace {

using testing::HasSubstr;

class BaseFolderTest : public testing::Test {
 protected:
  BaseFolderTest() {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
               std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "best");
  }
  ~BaseFolderTest() override { std::filesystem::remove_all(folder_); }

  std::string Fault(const std::string& base) const {
    TrainingConfig config;
    config.base_folder = (folder_ / base).string();
    return std::string(CheckBaseFolder(config).message());
  }
  void Write(const char* file, const char* content) const { std::ofstream(folder_ / file) << content; }

  std::filesystem::path folder_;
};

TEST_F(BaseFolderTest, IsThere) {
  EXPECT_THAT(Fault("nowhere"), HasSubstr("base.folder: "));
  EXPECT_THAT(Fault("nowhere"), HasSubstr("nowhere: there is no such folder"));
  EXPECT_EQ(Fault("best"), "") << "what is no model shows when it is loaded";
  TrainingConfig config;
  config.base_tokenizer = (folder_ / "nowhere").string();
  EXPECT_THAT(CheckBaseFolder(config).message(), HasSubstr("base.tokenizer: "));
  config.base_tokenizer.clear();
  EXPECT_TRUE(CheckBaseFolder(config).ok());
}

TEST_F(BaseFolderTest, IsNoAdapterButMayBeAWholeModelThatWasOne) {
  Write("best/config.json", "{}");
  Write("best/adapter_config.json", R"({"base_model_name_or_path": "/models/small"})");
  EXPECT_THAT(
      Fault("best"),
      HasSubstr("best: is an adapter, which is no base: start from /models/small, or merge it into that "
                "with `trainer export --merged`"));
  Write("best/adapter_config.json", "broken");
  EXPECT_THAT(Fault("best"), HasSubstr("start from the model that it adapts"));
  Write("best/model.safetensors", "");
  EXPECT_EQ(Fault("best"), "");
}

TEST_F(BaseFolderTest, IsAModelNotItsRun) {
  Write("best/config.json", "{}");
  EXPECT_THAT(Fault("."), HasSubstr("is a run's folder; name the model in it"));
}

}  // namespace
}  // namespace privet
