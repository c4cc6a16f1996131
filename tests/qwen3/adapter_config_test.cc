#include "qwen3/adapter_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace privet {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<AdapterConfig> Parse(std::string_view json) {
  return ParseAdapterConfig(json, "adapter_config.json");
}

TEST(AdapterConfigTest, TheFirstPatternThatMatchesTheEndOfANameCounts) {
  const auto config = Parse(R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16,
      "rank_pattern": {"layers.1.self_attn.q_proj": 2, "layers\\.\\d.mlp.up_proj": 5, "up_proj": 3},
      "alpha_pattern": {"^model\\.layers\\.0\\..*": 4}})");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->RankOf("model.layers.1.self_attn.q_proj"), 2);
  EXPECT_EQ(config->RankOf("layers.1.self_attn.q_proj"), 2);
  EXPECT_EQ(config->RankOf("model.layers.11.self_attn.q_proj"), 8) << "a dot stands before the match";
  EXPECT_EQ(config->RankOf("model.layers.7.mlp.up_proj"), 5);
  EXPECT_EQ(config->RankOf("model.layers.17.mlp.up_proj"), 3);
  EXPECT_EQ(config->ScaleOf("model.layers.17.mlp.up_proj"), 16.0 / 3);
  EXPECT_EQ(config->ScaleOf("model.layers.0.mlp.down_proj"), 4.0 / 8);
}

TEST(AdapterConfigTest, RankStabilisedScalesDivideByTheRoot) {
  const auto config = Parse(R"({"peft_type": "LORA", "r": 9, "lora_alpha": 6, "use_rslora": true})");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->ScaleOf("model.layers.0.mlp.down_proj"), 2.0);
}

TEST(AdapterConfigTest, NamesFileAndKeyOfWhatItRefuses) {
  struct Case {
    const char* json;
    const char* message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"r": 8})", "peft_type: '' is not LORA"},
           {R"({"peft_type": "IA3"})", "peft_type: 'IA3' is not LORA"},
           {R"({"peft_type": "LORA", "fan_in_fan_out": true})", "fan_in_fan_out: true is not supported"},
           {R"({"peft_type": "LORA", "bias": "all"})", "bias: 'all' is not supported"},
           {R"({"peft_type": "LORA", "lora_bias": true})", "lora_bias: true"},
           {R"({"peft_type": "LORA", "r": 0})", "r: must be a whole number from 1"},
           {R"({"peft_type": "LORA", "init_lora_weights": "pissa_niter_4"})",
            "'pissa_niter_4' changes the base"},
           {R"({"peft_type": "LORA", "layer_replication": [[0, 2]]})", "layer_replication: is not supported"},
           {R"({"peft_type": "LORA", "rank_pattern": {"(": 2}})",
            "rank_pattern: '(' is not a regular expression"},
           {R"({"peft_type": "LORA", "rank_pattern": {"q_proj": 0}})",
            "rank_pattern: 'q_proj' must have a number"},
           {R"({"peft_type": "LORA", "alpha_pattern": 3})", "alpha_pattern: must be an object"},
       }) {
    const auto config = Parse(c.json);
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << c.json;
    EXPECT_THAT(std::string(config.status().message()), ::testing::StartsWith("adapter_config.json: "));
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace privet
