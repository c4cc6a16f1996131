#include "training/learn/step_memory.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/training/tiny_run.h"
#include "training/learn/train.h"

namespace privet {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(StepMemoryTest, IsSaidInItsParts) {
  const StepMemory memory = {2'384'000'000, 41'300'000, 82'600'000, 0, 0, 9'400'000, 3'100'000'000};
  EXPECT_EQ(DescribePlanned(memory), "weights 2.38 GB, gradients 41 MB, optimiser 83 MB");
  EXPECT_EQ(DescribeMeasured(memory), "activations of the first step 9.4 MB, peak of all 3.10 GB");
  StepMemory more = memory;
  more.average = more.sum = 41'300'000;
  EXPECT_THAT(DescribePlanned(more), HasSubstr("average 41 MB, sum over processes 41 MB"));
}

TEST(StepMemoryTest, ThePeakCountsWhatWasThereForAMoment) {
  // What was there before is no part of it.
  at::ones({96 << 20}, at::kByte);
  const StepMeter meter(at::kCPU);
  at::ones({64 << 20}, at::kByte);
  StepMemory memory;
  memory.gradients = 16 << 20;
  meter.Measure(&memory);
  EXPECT_NEAR(static_cast<double>(memory.activations), 48 << 20, 8 << 20);
  EXPECT_GT(memory.peak, 64 << 20);
}

TEST(StepMemoryTest, WhatAnEarlierRunFreedIsNoRoomThatWasThere) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator gives nothing back";
#endif
  // Small enough to come from the heap, whose end the last one holds.
  const auto take = [] {
    std::vector<at::Tensor> taken;
    for (int i = 0; i < 1024; ++i) taken.push_back(at::ones({64 << 10}, at::kByte));
    return taken;
  };
  std::vector<at::Tensor> earlier = take();
  earlier.erase(earlier.begin(), earlier.end() - 1);
  const StepMeter meter(at::kCPU);
  const std::vector<at::Tensor> step = take();
  StepMemory memory;
  meter.Measure(&memory);
  EXPECT_NEAR(static_cast<double>(memory.activations), 64 << 20, 8 << 20);
}

class LoggedMemoryTest : public TinyRun {};

TEST_F(LoggedMemoryTest, IsInTheLogOnceAndSaid) {
  TrainingConfig config = Config("run");
  config.steps = 3;
  config.ema = 0.9;
  std::vector<std::string> said;
  TrainOptions options;
  options.say = [&](const std::string& line) { said.push_back(line); };
  ASSERT_TRUE(Train(config, options).ok());
  EXPECT_THAT(said, Contains(HasSubstr("memory: weights 0.")));
  EXPECT_THAT(said, Contains(HasSubstr("memory: activations of the first step")));

  std::ifstream log(std::filesystem::path(config.output) / "log.jsonl");
  std::vector<nlohmann::json> found;
  for (std::string line; std::getline(log, line);) {
    const nlohmann::json json = nlohmann::json::parse(line);
    if (json.contains("memory")) found.push_back(json["memory"]);
  }
  ASSERT_EQ(found.size(), 1);
  const nlohmann::json& memory = found[0];
  // Everything learns in fp32: as many bytes as weights for gradients and average, twice as many for moments.
  const int64_t weights = memory["weights"];
  EXPECT_GT(weights, 4 * 64 * 1000);
  EXPECT_EQ(memory["gradients"], weights);
  EXPECT_EQ(memory["average"], weights);
  EXPECT_EQ(memory["optimizer"], 2 * weights);
  EXPECT_GT(memory["peak"], 5 * weights);
}

}  // namespace
}  // namespace privet
