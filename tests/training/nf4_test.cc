#include "training/learn/nf4.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "qwen3/checkpoint.h"
#include "tests/training/tiny_run.h"
#include "training/learn/step_memory.h"
#include "training/learn/train.h"
#include "training/learn/trainable_model.h"

namespace privet {
namespace {

using testing::HasSubstr;

at::Tensor Codebook() { return at::tensor(at::ArrayRef<float>(kNf4Values)); }

float LargestDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<float>();
}

std::shared_ptr<const Nf4Matrix> Quantised(const at::Tensor& weight) {
  return std::make_shared<const Nf4Matrix>(weight, at::kCPU);
}

TEST(Nf4MatrixTest, KeepsTheValuesOfTheCodebookExactly) {
  // Blocks of one scale, which is then the mean and kept as it is.
  const at::Tensor weight = (Codebook().repeat({32}) * 0.25).view({8, 64});
  EXPECT_TRUE(at::equal(Nf4Matrix(weight, at::kCPU).Dense(at::kFloat), weight));
}

TEST(Nf4MatrixTest, TakesTheNearestValueOfTheCodebook) {
  const at::Tensor weight = at::zeros({1, 64});
  const std::vector<std::pair<float, float>> nearest = {{1.0F, 1.0F},
                                                        {-1.0F, -1.0F},
                                                        {0.0F, 0.0F},
                                                        {0.03F, 0.0F},
                                                        {0.05F, 0.0795802996F},
                                                        {-0.04F, 0.0F},
                                                        {-0.05F, -0.0910500363F},
                                                        {0.86F, 0.7229568362F},
                                                        {0.87F, 1.0F},
                                                        {-0.84F, -0.6961928010F},
                                                        {-0.85F, -1.0F},
                                                        {0.5F, 0.4407098293F}};
  for (size_t i = 0; i < nearest.size(); ++i) weight[0][static_cast<int64_t>(i)] = nearest[i].first;
  const at::Tensor dense = Nf4Matrix(weight, at::kCPU).Dense(at::kFloat);
  for (size_t i = 0; i < nearest.size(); ++i)
    EXPECT_EQ(dense[0][static_cast<int64_t>(i)].item<float>(), nearest[i].second) << nearest[i].first;
}

// As section 3 of the paper says, one weight after another.
std::vector<float> PlainReference(const std::vector<float>& weights) {
  std::vector<float> scales;
  for (size_t begin = 0; begin < weights.size(); begin += 64) {
    float largest = 0;
    for (size_t i = begin; i < std::min(weights.size(), begin + 64); ++i)
      largest = std::max(largest, std::abs(weights[i]));
    scales.push_back(largest);
  }
  double sum = 0;
  for (const float scale : scales) sum += scale;
  const auto mean = static_cast<float>(sum / static_cast<double>(scales.size()));
  for (size_t begin = 0; begin < scales.size(); begin += 256) {
    const size_t end = std::min(scales.size(), begin + 256);
    float farthest = 0;
    for (size_t i = begin; i < end; ++i) farthest = std::max(farthest, std::abs(scales[i] - mean));
    for (size_t i = begin; i < end; ++i)
      scales[i] = mean + std::round((scales[i] - mean) / (farthest / 127)) * (farthest / 127);
  }
  std::vector<float> dense;
  for (size_t i = 0; i < weights.size(); ++i) {
    float best = 0;
    for (const float value : kNf4Values) {
      const float candidate = value * scales[i / 64];
      if (std::abs(candidate - weights[i]) < std::abs(best - weights[i])) best = candidate;
    }
    dense.push_back(best);
  }
  return dense;
}

TEST(Nf4MatrixTest, IsWhatAPlainReferenceGives) {
  // Rows that are no multiple of a block, more than 256 blocks, a last block that is short, and a wide range.
  at::Tensor weight = at::randn({301, 77}) * 0.02;
  weight.narrow(0, 40, 8).mul_(5);
  weight.narrow(0, 100, 8).zero_();
  const float* const from = weight.const_data_ptr<float>();
  const std::vector<float> reference = PlainReference({from, from + weight.numel()});
  const Nf4Matrix matrix(weight, at::kCPU);
  const at::Tensor dense = matrix.Dense(at::kFloat);
  EXPECT_LT(LargestDifference(dense, at::tensor(at::ArrayRef<float>(reference)).view({301, 77})), 1e-6);
  EXPECT_LT(LargestDifference(matrix.DenseByOperations(at::kFloat), dense), 1e-7);
  EXPECT_TRUE(at::equal(matrix.Dense(at::kBFloat16), dense.to(at::kBFloat16)));
  EXPECT_EQ(matrix.Dense(at::kDouble).scalar_type(), at::kDouble);
}

TEST(Nf4MatrixTest, NormalWeightsLoseATenthOfTheirSize) {
  const at::Tensor weight = at::randn({512, 1024}) * 0.03;
  const at::Tensor dense = Nf4Matrix(weight, at::kCPU).Dense(at::kFloat);
  const double lost = ((dense - weight).square().mean() / weight.square().mean()).sqrt().item<double>();
  EXPECT_GT(lost, 0.08);
  EXPECT_LT(lost, 0.11);
}

TEST(Nf4MatrixTest, TakesAQuarterOfBf16) {
  const Nf4Matrix matrix(at::randn({1024, 512}), at::kCPU);
  EXPECT_LE(static_cast<double>(matrix.bytes()), 0.27 * 2 * 1024 * 512);
  EXPECT_NEAR(8.0 * static_cast<double>(matrix.bytes()) / (1024 * 512), 4.127, 0.01) << "bits a weight";
}

TEST(Nf4MatrixTest, ANumberThatIsNoneStaysOne) {
  for (const float broken : {std::nanf(""), INFINITY}) {
    at::Tensor weight = at::randn({4, 128});
    weight[2][5] = broken;
    EXPECT_FALSE(Nf4Matrix(weight, at::kCPU).Dense(at::kFloat).isfinite().all().item<bool>());
  }
}

TEST(Nf4LinearTest, GivesTheGradientThatFiniteDifferencesGive) {
  const auto matrix = Quantised(at::randn({6, 80}));
  const at::Tensor direction = at::randn({3, 6}, at::kDouble);
  const auto loss = [&](const at::Tensor& x) { return (Nf4Linear(x, matrix).tanh() * direction).sum(); };
  at::Tensor x = (at::randn({3, 80}, at::kDouble) * 0.1).requires_grad_(true);
  EXPECT_LT(LargestDifference(Nf4Linear(x, matrix), at::linear(x, matrix->Dense(at::kDouble))), 1e-12);
  loss(x).backward();

  const at::NoGradGuard no_gradients;
  constexpr double kStep = 1e-5;
  for (int64_t row = 0; row < 3; ++row) {
    for (int64_t column = 0; column < 80; ++column) {
      at::Tensor moved = x.detach().clone();
      moved[row][column] += kStep;
      const double above = loss(moved).item<double>();
      moved[row][column] -= 2 * kStep;
      const double slope = (above - loss(moved).item<double>()) / (2 * kStep);
      EXPECT_NEAR(x.grad()[row][column].item<double>(), slope, 1e-7);
    }
  }
}

TEST(Nf4LinearTest, KeepsNoDenseWeightsForTheWayBack) {
  // Eight matrices, of which each would be 16 MB dense.
  constexpr int64_t kWidth = 2048;
  constexpr int64_t kDense = kWidth * kWidth * 4;
  const auto matrix = Quantised(at::randn({kWidth, kWidth}) * 0.02);
  at::Tensor x = at::randn({4, kWidth}).requires_grad_(true);
  Nf4Linear(x, matrix).sum().backward();  // what is set up once
  const StepMeter meter(at::kCPU);
  at::Tensor y = x;
  for (int i = 0; i < 8; ++i) y = Nf4Linear(y, matrix);
  y.sum().backward();
  StepMemory memory;
  meter.Measure(&memory);
  EXPECT_LT(memory.activations, 3 * kDense);
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

class Nf4TrainTest : public TinyRun {
 protected:
  TrainingConfig Adapted(const TrainingConfig& base, const std::string& output) const {
    TrainingConfig config = Config(output);
    config.base_folder = base.output + "/last";
    config.base_tokenizer.clear();
    config.base_quantization = "nf4";
    config.method = "lora";
    config.adapter_rank = 8;
    config.steps = 60;
    return config;
  }
};

TEST_F(Nf4TrainTest, AdaptersLearnThirtyTwoSentencesOnABaseInFourBits) {
  TrainingConfig base = Config("base");
  base.steps = 10;
  ASSERT_TRUE(Train(base, {}).ok());
  for (const char* const kind : {"lora", "dora"}) {
    TrainingConfig config = Adapted(base, kind);
    config.adapter_kind = kind;
    const auto result = Train(config, {});
    ASSERT_TRUE(result.ok()) << result.status().message();
    EXPECT_EQ(result->best_metric, 1) << kind;

    // What is saved is an adapter of the base as it is on the disk.
    const std::filesystem::path best = config.output + "/best";
    std::ifstream in(best / "adapter_config.json");
    const nlohmann::json json = nlohmann::json::parse(in);
    EXPECT_EQ(json["base_model_name_or_path"], config.base_folder);
    EXPECT_FALSE(std::filesystem::exists(best / "model.safetensors"));
    EXPECT_TRUE(Checkpoint::Open({.folder = best, .base = config.base_folder}).ok());
  }
}

TEST_F(Nf4TrainTest, GradientCheckpointingAndBf16ProductsLearnToo) {
  TrainingConfig base = Config("base");
  base.steps = 10;
  ASSERT_TRUE(Train(base, {}).ok());
  TrainingConfig plain = Adapted(base, "plain");
  plain.steps = 5;
  TrainingConfig checkpointed = plain;
  checkpointed.output = (folder_ / "checkpointed").string();
  checkpointed.gradient_checkpointing = true;
  TrainingConfig bf16 = plain;
  bf16.output = (folder_ / "bf16").string();
  bf16.precision = "bf16";
  const double loss = Train(plain, {})->last_loss;
  EXPECT_NEAR(Train(checkpointed, {})->last_loss, loss, 1e-6);
  EXPECT_NEAR(Train(bf16, {})->last_loss, loss, 0.1 * loss);
}

TEST_F(Nf4TrainTest, TheLayersOfTheBaseTakeAQuarterOfBf16) {
  TrainingConfig base = Config("base");
  base.base_hidden_size = 128;
  base.base_intermediate_size = 512;
  base.steps = 1;
  ASSERT_TRUE(Train(base, {}).ok());
  TrainingConfig config = Adapted(base, "nf4");
  const auto bytes = [&](const char* quantization) {
    config.base_quantization = quantization;
    return (*TrainableModel::Create(config, {"O", "B-PERSON", "I-PERSON", "E-PERSON", "S-PERSON"}, 1))
        ->weight_bytes();
  };
  // All that differs are the matrices: per layer q, k, v, o (heads 4, 2, 2 of 16) and gate, up, down.
  const int64_t weights = int64_t{2} * (128 * (64 + 32 + 32 + 64) + 3 * 128 * 512);
  const int64_t in_four_bits = bytes("nf4") - (bytes("none") - 4 * weights);
  EXPECT_LE(static_cast<double>(in_four_bits), 0.27 * 2 * static_cast<double>(weights));
}

TEST_F(Nf4TrainTest, IsRefusedWhereTheBaseLearns) {
  for (const char* const method : {"full", "freeze"}) {
    TrainingConfig config = Config(method);
    config.method = method;
    config.base_quantization = "nf4";
    const std::string message(Train(config, {}).status().message());
    EXPECT_THAT(message, HasSubstr("base.quantization: nf4 keeps the base as it is; take method.kind lora"));
  }
}

}  // namespace
}  // namespace privet
