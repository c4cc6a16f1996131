#include "training/learn/fixed_batch.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <numeric>

#include "tests/training/tiny_run.h"
#include "training/learn/tagging_task.h"

namespace privet {
namespace {

const FixedSizes kSizes = {.tokens = 10, .longest = 4};

TEST(FixedBatchTest, FillerComesInSequencesThatAreNotTooLong) {
  const PackedTokens filled = FillUp({{5, 6, 7}, {0, 1, 3}}, kSizes);
  EXPECT_EQ(filled.ids, (std::vector<int32_t>{5, 6, 7, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(filled.offsets, (std::vector<int32_t>{0, 1, 3, 7, 10}));
}

TEST(FixedBatchTest, AFullBatchStaysAsItIs) {
  std::vector<int32_t> ids(10);
  std::iota(ids.begin(), ids.end(), 1);
  const PackedTokens filled = FillUp({ids, {0, 4, 8, 10}}, kSizes);
  EXPECT_EQ(filled.ids, ids);
  EXPECT_EQ(filled.offsets, (std::vector<int32_t>{0, 4, 8, 10}));
}

TEST(FixedBatchTest, MoreTokensOrALongerSequenceDoNotFit) {
  EXPECT_TRUE(Fits({{1, 2, 3, 4, 5}, {0, 4, 5}}, kSizes));
  EXPECT_FALSE(Fits({{1, 2, 3, 4, 5}, {0, 5}}, kSizes));
  EXPECT_FALSE(Fits({std::vector<int32_t>(11, 1), {0, 4, 8, 11}}, kSizes));
}

TEST(FixedBatchTest, BoundsOnADeviceAreThoseOfAPowerOfTwo) {
  const SequenceBounds bounds = {.offsets = {0, 3, 7, 10},
                                 .longest = 4,
                                 .cumulative = at::tensor(std::vector<int32_t>{0, 3, 7, 10}, at::kInt)};
  const SequenceBounds filled = FillUp(bounds, kSizes);
  EXPECT_TRUE(filled.cumulative.equal(at::tensor(std::vector<int32_t>{0, 3, 7, 10, 10}, at::kInt)));
  EXPECT_EQ(filled.longest, 4);
}

class FilledStepTest : public TinyRun {
 protected:
  // The loss of one batch and all gradients.
  static std::vector<at::Tensor> Learn(const TrainingConfig& config, bool filled) {
    const auto task = MakeTaggingTask(config);
    const auto tokenizer = Tokenizer::Load(config.base_tokenizer);
    EXPECT_TRUE(task->Load(
                        *tokenizer, [](const std::string&) {}, nullptr)
                    .ok());
    at::manual_seed(1);
    const auto model = task->CreateModel(static_cast<int64_t>((*tokenizer)->vocabulary_size()), 0).value();
    Sampler sampler(1, task->Sources());
    const Batch batch = task->MakeBatch(sampler.NextBatch(config.batch_tokens), 1);
    at::Tensor loss;
    if (filled) {
      const std::optional<BatchInput> input = task->FixedInput(batch, *model);
      if (!input.has_value()) return {};
      EXPECT_GT(input->tokens.ids.size(0), static_cast<int64_t>(batch.tokens.ids.size()));
      EXPECT_EQ(input->tokens.ids.size(0), config.batch_tokens);
      loss = task->SummedLoss(*input, model.get());
    } else {
      loss = task->SummedLoss(batch, model.get());
    }
    loss.backward();
    std::vector<at::Tensor> found = {loss.detach()};
    for (const Parameter& parameter : model->parameters()) found.push_back(parameter.value.grad());
    return found;
  }
};

TEST_F(FilledStepTest, FillerChangesNeitherLossNorGradients) {
  for (const bool partly_known : {false, true}) {
    for (const char* const objective : {"cross_entropy", "focal", "asymmetric", "dice"}) {
      SCOPED_TRACE(std::string(objective) + (partly_known ? ", of a source that marks no places" : ""));
      TrainingConfig config = Config("run");
      config.objective = objective;
      config.label_smoothing = 0.1;
      config.types = {"PERSON", "LOCATION"};
      if (partly_known) config.train[0].covers = {"PERSON"};
      const std::vector<at::Tensor> plain = Learn(config, false);
      const std::vector<at::Tensor> filled = Learn(config, true);
      ASSERT_EQ(plain.size(), filled.size());
      for (size_t i = 0; i < plain.size(); ++i) {
        const double largest = plain[i].abs().max().item<double>();
        EXPECT_LT((plain[i] - filled[i]).abs().max().item<double>(), 1e-5 * std::max(1.0, largest)) << i;
      }
    }
  }
}

TEST_F(FilledStepTest, TheChainNeedsTheHost) {
  TrainingConfig config = Config("run");
  config.objective = "chain";
  EXPECT_TRUE(Learn(config, true).empty());
}

class CapturedStepsTest : public TinyRun {
 protected:
  void SetUp() override {
    if (!at::hasCUDA()) GTEST_SKIP() << "there is no CUDA device";
  }
  // Batches of several shapes.
  TrainingConfig OnCuda(const std::string& output, bool captured) const {
    TrainingConfig config = Config(output);
    config.device = "cuda";
    config.precision = "bf16";
    config.batch_tokens = 160;
    config.accumulate = 2;
    config.cuda_graphs = captured;
    return config;
  }
  static TrainResult Run(const TrainingConfig& config) {
    const auto result = Train(config, {});
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.value_or(TrainResult());
  }
};

TEST_F(CapturedStepsTest, LearnWhatOthersLearn) {
  const TrainResult plain = Run(OnCuda("plain", false));
  const TrainResult captured = Run(OnCuda("captured", true));
  EXPECT_EQ(captured.best_metric, 1);
  EXPECT_EQ(plain.best_metric, 1);
  EXPECT_NEAR(captured.last_loss, plain.last_loss, 0.02);
}

TEST_F(CapturedStepsTest, DropAdapterInputsOutAnewInEachStep) {
  TrainingConfig base = OnCuda("base", false);
  base.steps = 10;
  Run(base);
  TrainingConfig config = OnCuda("lora", true);
  config.base_folder = base.output + "/last";
  config.base_tokenizer.clear();
  config.method = "lora";
  config.adapter_rank = 8;
  config.adapter_dropout = 0.1;
  config.steps = 150;
  EXPECT_EQ(Run(config).best_metric, 1);
}

}  // namespace
}  // namespace privet
