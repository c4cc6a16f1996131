#include "training/learn/throughput.h"

#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

TEST(ThroughputTest, TheProgressLineSaysHowFastAndHowLong) {
  Pace pace = {.step = 12,
               .steps = 912,
               .done = 10,
               .tokens = 20480,
               .seconds = 5,
               .loss = 0.43128,
               .learning_rate = 1.2e-3,
               .peak_tokens_per_second = 8192};
  EXPECT_EQ(ProgressLine(pace),
            "step 12/912  loss 0.4313  lr 1.20e-03  4096 tokens/s  50 % of peak  7 min 30 s left");
  pace.seconds = 50;
  EXPECT_TRUE(ProgressLine(pace).ends_with("410 tokens/s  5 % of peak  1 h 15 min left"))
      << ProgressLine(pace);
  pace.step = pace.steps;
  EXPECT_TRUE(ProgressLine(pace).ends_with("  0 s left"));
}

TEST(ThroughputTest, FrozenMatricesNeedNoGradientsOfTheirOwn) {
  Qwen3Config config;
  config.layers = 2;
  config.hidden_size = 8;
  config.heads = 2;
  config.kv_heads = 1;
  config.head_dim = 4;
  config.intermediate_size = 16;
  const double matrices = 2.0 * (8 * (2 + 2) * 4 + 8 * 8 + 3 * 8 * 16);
  EXPECT_EQ(OperationsPerToken(config, {}), 4 * matrices);
  const std::vector<Parameter> adapter = {{.name = "layers.0.lora_a", .value = at::zeros({2, 8})},
                                          {.name = "norm", .value = at::zeros({8})},
                                          {.name = "embed_tokens", .value = at::zeros({100, 8})}};
  EXPECT_EQ(OperationsPerToken(config, adapter), 4 * matrices + 2 * 16);
}

}  // namespace
}  // namespace privet
