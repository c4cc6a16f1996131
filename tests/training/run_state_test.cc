#include "training/learn/run_state.h"

#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "training/learn/whole_folder.h"

namespace privet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class RunStateTest : public testing::Test {
 protected:
  RunStateTest()
      : run_(std::filesystem::temp_directory_path() /
             (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
              std::to_string(getpid()))) {}
  ~RunStateTest() override { std::filesystem::remove_all(run_); }

  // With a tensor that holds the step.
  void Save(int64_t step, int64_t keep = 10) const {
    RunProgress progress;
    progress.step = step;
    progress.positions = {{1, 2, 3}};
    const NamedTensors tensors = {{"weights", at::full({2}, static_cast<float>(step))}};
    ASSERT_TRUE(SaveCheckpoint(run_, progress, tensors, keep).ok());
  }
  absl::StatusOr<std::optional<RunProgress>> Load() {
    said_.clear();
    return LoadNewestCheckpoint(run_, {{"weights", weights_}},
                                [this](const std::string& line) { said_.push_back(line); });
  }
  // The step of the checkpoint that is taken.
  int64_t LoadedStep() {
    const auto progress = Load();
    EXPECT_TRUE(progress.ok()) << progress.status().message();
    if (!progress.ok() || !progress->has_value()) return -1;
    EXPECT_EQ(weights_[1].item<float>(), static_cast<float>((*progress)->step));
    return (*progress)->step;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(run_ / "checkpoints"))
      names.push_back(entry.path().filename().string());
    return names;
  }

  std::filesystem::path run_;
  at::Tensor weights_ = at::full({2}, -1.0F);
  std::vector<std::string> said_;
};

TEST_F(RunStateTest, TheNewestIsTheOneOfMostSteps) {
  EXPECT_EQ(LoadedStep(), -1);
  Save(99'999'999, 2);
  Save(100'000'000, 2);
  EXPECT_EQ(LoadedStep(), 100'000'000);
  Save(1'000'000'000, 2);
  EXPECT_EQ(LoadedStep(), 1'000'000'000);
  EXPECT_THAT(Names(), UnorderedElementsAre("step-100000000", "step-1000000000"));
  EXPECT_THAT(said_, ElementsAre());
}

TEST_F(RunStateTest, OfADamagedOneTheOneBeforeIsTakenAndItIsSaid) {
  const std::filesystem::path newest = run_ / "checkpoints/step-00000020";
  const auto cut = [&](const char* file, uintmax_t bytes) {
    return [=] { std::filesystem::resize_file(newest / file, bytes); };
  };
  const std::vector<std::function<void()>> damages = {
      cut("state.safetensors", 0), cut("state.safetensors", 40), cut("progress.json", 0),
      cut("progress.json", 30), [&] { std::filesystem::remove(newest / "state.safetensors"); }};
  for (const std::function<void()>& damage : damages) {
    Save(10);
    Save(20);
    damage();
    EXPECT_EQ(LoadedStep(), 10);
    EXPECT_THAT(said_, ElementsAre(HasSubstr("step-00000020: is damaged, and passed over: ")));
  }
}

TEST_F(RunStateTest, WhereAllAreDamagedNoneIsTaken) {
  Save(10);
  std::filesystem::resize_file(run_ / "checkpoints/step-00000010/state.safetensors", 5);
  const auto progress = Load();
  EXPECT_TRUE(absl::IsDataLoss(progress.status()));
  EXPECT_THAT(std::string(progress.status().message()), HasSubstr("--restart begins anew"));
}

TEST_F(RunStateTest, ADamagedOneIsNotKeptInPlaceOfAWholeOne) {
  Save(10, 1);
  std::filesystem::create_directories(run_ / "checkpoints/step-00000020");
  Save(15, 1);
  EXPECT_EQ(LoadedStep(), 15);
  EXPECT_THAT(Names(), ElementsAre("step-00000015"));
}

TEST_F(RunStateTest, OfAnotherModelNoneIsPassedOver) {
  Save(10);
  weights_ = at::full({3}, -1.0F);
  EXPECT_TRUE(absl::IsFailedPrecondition(Load().status()));
}

TEST(TakePlaceTest, AFolderIsReplacedWhole) {
  const std::filesystem::path parent =
      std::filesystem::temp_directory_path() / ("take_place" + std::to_string(getpid()));
  for (const char* const name : {"model", "model.tmp"}) {
    std::filesystem::create_directories(parent / name);
    std::ofstream(parent / name / name) << name;
  }
  EXPECT_TRUE(TakePlace(parent / "model.tmp", parent / "model").ok());
  EXPECT_FALSE(std::filesystem::exists(parent / "model.tmp"));
  EXPECT_FALSE(std::filesystem::exists(parent / "model/model"));
  EXPECT_TRUE(std::filesystem::exists(parent / "model/model.tmp"));
  const absl::Status missing = TakePlace(parent / "nothing", parent / "model");
  EXPECT_THAT(std::string(missing.message()), HasSubstr("nothing: cannot be written: No such file"));
  EXPECT_TRUE(std::filesystem::exists(parent / "model/model.tmp")) << "what was there stays";
  std::filesystem::remove_all(parent);
}

}  // namespace
}  // namespace privet
