#include "qwen3/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "qwen3/rope.h"

namespace privet {
namespace {

using ::testing::HasSubstr;

// Qwen/Qwen3-0.6B's own config.json.
nlohmann::json Published() {
  return nlohmann::json::parse(R"({
    "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 151643,
    "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024, "initializer_range": 0.02,
    "intermediate_size": 3072, "max_position_embeddings": 40960, "max_window_layers": 28, "model_type": "qwen3",
    "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8, "rms_norm_eps": 1e-06,
    "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null, "tie_word_embeddings": true,
    "torch_dtype": "bfloat16", "transformers_version": "4.51.0", "use_cache": true, "use_sliding_window": false,
    "vocab_size": 151936})");
}

absl::StatusOr<Qwen3Config> Parse(const nlohmann::json& json) {
  return ParseQwen3Config(json.dump(), "config.json");
}

TEST(Qwen3ConfigTest, ReadsAPublishedConfiguration) {
  const auto config = Parse(Published());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->hidden_size, 1024);
  EXPECT_EQ(config->layers, 28);
  EXPECT_EQ(config->heads, 16);
  EXPECT_EQ(config->kv_heads, 8);
  EXPECT_EQ(config->head_dim, 128);
  EXPECT_EQ(config->intermediate_size, 3072);
  EXPECT_EQ(config->vocab_size, 151936);
  EXPECT_EQ(config->rope_theta, 1e6);
  EXPECT_TRUE(config->tie_word_embeddings);
  EXPECT_TRUE(config->IsCausal(0) && config->IsCausal(27));
  EXPECT_TRUE(config->id2label.empty());
}

TEST(Qwen3ConfigTest, ReadsBothSpellingsOfTheRope) {
  nlohmann::json old_form = Published();
  old_form["rope_scaling"] = {{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 32768}};
  nlohmann::json new_form = Published();
  new_form.erase("rope_theta");
  new_form.erase("rope_scaling");
  new_form["rope_parameters"] = {{"rope_type", "yarn"},
                                 {"factor", 4.0},
                                 {"rope_theta", 1e6},
                                 {"original_max_position_embeddings", 32768}};
  const auto a = Parse(old_form);
  const auto b = Parse(new_form);
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  EXPECT_EQ(a->rope_scaling.type, RopeScaling::Type::Yarn);
  EXPECT_EQ(a->rope_scaling.attention_factor, b->rope_scaling.attention_factor);
  EXPECT_EQ(RopeFrequencies(*a), RopeFrequencies(*b));
  EXPECT_NE(RopeFrequencies(*a), RopeFrequencies(*Parse(Published())));
}

TEST(Qwen3ConfigTest, LayersAreCausalUnlessTheConfigSaysOtherwise) {
  nlohmann::json all = Published();
  all["is_causal"] = false;
  EXPECT_FALSE(Parse(all)->IsCausal(0));
  EXPECT_FALSE(Parse(all)->IsCausal(27));
  nlohmann::json middle = Published();
  middle["bidirectional_layers"] = {8, 20};
  const auto config = Parse(middle);
  ASSERT_TRUE(config.ok()) << config.status();
  for (const auto& [layer, causal] : {std::pair(7, true), {8, false}, {19, false}, {20, true}}) {
    EXPECT_EQ(config->IsCausal(layer), causal) << layer;
  }
}

TEST(Qwen3ConfigTest, KeepsLabelsInTheOrderOfTheirIndices) {
  nlohmann::json json = Published();
  json["architectures"] = {"Qwen3ForTokenClassification"};
  for (int i = 0; i < 12; ++i) json["id2label"][std::to_string(i)] = absl::StrCat("L", i);
  const auto config = Parse(json);
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->id2label.size(), 12U);
  EXPECT_EQ(config->id2label.at(10), "L10");
}

TEST(Qwen3ConfigTest, NamesFileAndKeyOfWhatItRefuses) {
  struct Case {
    const char* key;
    nlohmann::json value;
    const char* message;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"architectures", {"LlamaForCausalLM"}, "architectures: 'LlamaForCausalLM' is none of Qwen3Model"},
           {"model_type", "qwen3_moe", "model_type: 'qwen3_moe' is not qwen3"},
           {"hidden_size", nullptr, "hidden_size: missing"},
           {"hidden_size", 0, "hidden_size: must be a whole number from 1 to"},
           {"hidden_size", 1024.5, "hidden_size: must be a whole number"},
           {"num_hidden_layers", -3, "num_hidden_layers: must be a whole number"},
           {"vocab_size", 18446744073709551615U, "vocab_size: must be a whole number"},
           {"num_key_value_heads", 5, "num_key_value_heads: 5 does not divide num_attention_heads 16"},
           {"head_dim", 127, "head_dim: must be even"},
           {"rms_norm_eps", "small", "rms_norm_eps: must be a number"},
           {"attention_bias", true, "attention_bias: true is not supported"},
           {"use_sliding_window", true, "use_sliding_window: true is not supported"},
           {"layer_types",
            {"full_attention", "sliding_attention"},
            "layer_types: 'sliding_attention' is not full_attention"},
           {"hidden_act", "gelu", "hidden_act: 'gelu' is not silu"},
           {"quantization_config", {{"bits", 4}}, "quantization_config: "},
           {"rope_scaling",
            {{"rope_type", "dynamic"}, {"factor", 2}},
            "rope_scaling.rope_type: 'dynamic' is none of"},
           {"rope_scaling",
            {{"rope_type", "llama3"}, {"factor", 2}},
            "rope_scaling.rope_type: 'llama3' is none of"},
           {"rope_scaling", {{"rope_type", "yarn"}}, "rope_scaling.factor: missing"},
           {"rope_scaling", 3, "rope_scaling: must be an object"},
           {"bidirectional_layers", {20, 8}, "bidirectional_layers: must be [first, end]"},
           {"bidirectional_layers", {0, 29}, "0 <= first <= end <= 28"},
           {"id2label", {{"0", "O"}, {"2", "B-PERSON"}}, "id2label: has no entry for 1"},
           {"id2label", {{"zero", "O"}}, "id2label: must map whole numbers to strings"}}) {
    nlohmann::json json = Published();
    json[c.key] = c.value;
    const auto config = Parse(json);
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << c.key;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(c.message));
    EXPECT_THAT(std::string(config.status().message()), ::testing::StartsWith("config.json: "));
  }
  EXPECT_THAT(std::string(ParseQwen3Config("{", "config.json").status().message()),
              HasSubstr("config.json: not valid JSON"));
  EXPECT_THAT(std::string(ParseQwen3Config(std::string(1000, '['), "config.json").status().message()),
              HasSubstr("nests deeper"));
  EXPECT_EQ(ReadQwen3Config("/nowhere").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace privet
