#include "training/learn/optimizer.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace privet {
namespace {

TrainingConfig Config() {
  TrainingConfig config;
  config.clip_norm = 2;
  config.weight_decay = 0.1;
  return config;
}

// One number, a few, and more than one block of a device takes at once.
std::vector<Parameter> Draw(const at::Device& device) {
  at::manual_seed(1);
  std::vector<Parameter> parameters;
  for (const int64_t rows : {1, 70, 100003}) {
    const at::Tensor value = at::randn({rows, 1}).to(device).requires_grad_(true);
    parameters.push_back({"part", value, rows == 70 ? 0.5 : 1, rows != 1});
  }
  return parameters;
}

void GiveGradients(int step, std::vector<Parameter>* parameters) {
  at::manual_seed(static_cast<uint64_t>(step));
  for (Parameter& parameter : *parameters) {
    // All together from below the clip norm to far above it.
    const at::Tensor gradient = at::randn(parameter.value.sizes()) * (1e-3 * std::pow(4, step));
    parameter.value.mutable_grad() = gradient.to(parameter.value.device());
  }
}

float LargestDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a.detach().cpu() - b.detach().cpu()).abs().max().item<float>();
}

TEST(OptimizerTest, TheFirstStepGoesByTheLearningRateWhateverTheGradient) {
  std::vector<Parameter> parameters = Draw(at::kCPU);
  const at::Tensor before = parameters[0].value.detach().clone();  // does not decay
  Optimizer optimizer(Config(), &parameters);
  GiveGradients(6, &parameters);
  const at::Tensor direction = parameters[0].value.grad().sign();
  optimizer.Step(0.01);
  EXPECT_LT(LargestDifference(parameters[0].value, before - 0.01 * direction), 1e-4);
  EXPECT_FALSE(parameters[0].value.grad().defined());
}

TEST(OptimizerTest, GradientsThatAreNotFiniteChangeNothing) {
  std::vector<Parameter> parameters = Draw(at::kCPU);
  const at::Tensor before = parameters[2].value.detach().clone();
  Optimizer optimizer(Config(), &parameters);
  GiveGradients(1, &parameters);
  parameters[0].value.grad().fill_(std::numeric_limits<float>::quiet_NaN());
  optimizer.Step(0.01);
  EXPECT_FALSE(std::isfinite(optimizer.GradientNorm()));
  EXPECT_EQ(LargestDifference(parameters[2].value, before), 0);
}

TEST(OptimizerTest, MuonStepsAlongEachProjectionOfAStackByItself) {
  TrainingConfig config = Config();
  config.optimizer = "muon";
  config.clip_norm = 0;
  at::manual_seed(3);
  const std::vector<int64_t> rows = {32, 8, 8};
  const at::Tensor whole = at::randn({48, 24}), gradient = at::randn({48, 24});
  std::vector<Parameter> stacked = {{"layers.0.qkv", whole.clone().requires_grad_(true), 1, true, rows}};
  std::vector<Parameter> apart;
  int64_t row = 0;
  for (const int64_t count : rows) {
    apart.push_back({"layers.0.part", whole.narrow(0, row, count).clone().requires_grad_(true)});
    row += count;
  }
  Optimizer of_stack(config, &stacked), of_parts(config, &apart);
  for (int step = 0; step < 2; ++step) {
    stacked[0].value.mutable_grad() = gradient.clone();
    row = 0;
    for (Parameter& part : apart) {
      part.value.mutable_grad() = gradient.narrow(0, row, part.value.size(0)).clone();
      row += part.value.size(0);
    }
    of_stack.Step(0.01);
    of_parts.Step(0.01);
  }
  row = 0;
  for (const Parameter& part : apart) {
    EXPECT_LT(LargestDifference(stacked[0].value.narrow(0, row, part.value.size(0)), part.value), 1e-6);
    row += part.value.size(0);
  }
  EXPECT_GT(LargestDifference(stacked[0].value, whole), 1e-3);
}

class OptimizerCudaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!at::hasCUDA()) GTEST_SKIP() << "there is no CUDA device";
  }
};

TEST_F(OptimizerCudaTest, GoesWhereTheCpuGoes) {
  std::vector<Parameter> on_cpu = Draw(at::kCPU);
  std::vector<Parameter> on_cuda = Draw(at::kCUDA);
  Optimizer cpu(Config(), &on_cpu);
  Optimizer cuda(Config(), &on_cuda);
  for (int step = 0; step < 6; ++step) {
    GiveGradients(step, &on_cpu);
    GiveGradients(step, &on_cuda);
    if (step == 2) {  // one that nothing flowed to
      on_cpu[1].value.mutable_grad().reset();
      on_cuda[1].value.mutable_grad().reset();
    }
    cpu.Step(0.01);
    cuda.Step(0.01);
    EXPECT_NEAR(cuda.GradientNorm() / cpu.GradientNorm(), 1, 1e-6);
    for (size_t i = 0; i < on_cpu.size(); ++i) {
      EXPECT_LT(LargestDifference(on_cuda[i].value, on_cpu[i].value), 1e-5) << "step " << step;
      EXPECT_LT(LargestDifference(cuda.second()[i], cpu.second()[i]), 1e-6) << "step " << step;
    }
  }
}

TEST_F(OptimizerCudaTest, GradientsThatAreNotFiniteChangeNothing) {
  std::vector<Parameter> parameters = Draw(at::kCUDA);
  const at::Tensor before = parameters[2].value.detach().clone();
  Optimizer optimizer(Config(), &parameters);
  GiveGradients(1, &parameters);
  parameters[0].value.grad().fill_(std::numeric_limits<float>::infinity());
  optimizer.Step(0.01);
  EXPECT_FALSE(std::isfinite(optimizer.GradientNorm()));
  EXPECT_EQ(LargestDifference(parameters[2].value, before), 0);
  EXPECT_EQ(LargestDifference(optimizer.first()[2], at::zeros_like(before)), 0);
}

}  // namespace
}  // namespace privet
