#include "qwen3/checkpoint.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/linear.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "qwen3/encoder.h"
#include "tests/qwen3/formula_weights.h"

namespace privet {
namespace {

using ::testing::HasSubstr;

class AdapterParityTest : public testing::TestWithParam<std::string> {};

TEST_P(AdapterParityTest, GivesTheLogitsOfPeft) {
  const nlohmann::json goldens = ReadGolden("adapters.json");
  nlohmann::json golden;
  for (const nlohmann::json& c : goldens["cases"]) {
    if (c["name"] == GetParam()) golden = c;
  }
  ASSERT_FALSE(golden.is_null());
  const FormulaCheckpoint files(goldens["config"], "model.");
  ASSERT_TRUE(files.written().ok()) << files.written();
  const auto logits_of = [&](const std::filesystem::path& adapter) {
    const auto checkpoint = adapter.empty() ? Checkpoint::Open({.folder = files.folder()})
                                            : Checkpoint::Open({.folder = adapter, .base = files.folder()});
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    const auto encoder = Encoder::Load(**checkpoint, {"cpu", Precision::Fp32});
    EXPECT_TRUE(encoder.ok()) << encoder.status();
    const auto ids = FormulaSequence(0, golden["length"].get<int64_t>(), (*encoder)->config().vocab_size);
    const at::Tensor hidden = *(*encoder)->Forward({ids, {0, static_cast<int32_t>(ids.size())}});
    return at::linear(hidden, *(*checkpoint)->Float("score.weight", {5, 32}),
                      *(*checkpoint)->Float("score.bias", {5}))
        .flatten();
  };
  const at::Tensor adapted = logits_of("tests/qwen3/goldens/adapters/" + GetParam());
  const at::Tensor plain = logits_of("");
  ASSERT_EQ(static_cast<size_t>(adapted.numel()), golden["logits"].size());
  double largest = 0;
  double change = 0;
  for (int64_t i = 0; i < adapted.numel(); ++i) {
    const auto expected = golden["logits"][static_cast<size_t>(i)].get<double>();
    largest = std::max(largest, std::abs(adapted[i].item<double>() - expected));
    change = std::max(change, std::abs(plain[i].item<double>() - expected));
  }
  EXPECT_LT(largest, 1e-4);
  EXPECT_GT(change, 1e-2) << "the adapter changes nothing, so the test shows nothing";
  std::cout << GetParam() << ": largest difference " << largest << " where the adapter changes " << change
            << "\n";
}

INSTANTIATE_TEST_SUITE_P(Goldens, AdapterParityTest,
                         testing::Values("lora", "rslora_all_linear", "dora_patterns", "modules_to_save"),
                         [](const auto& test) { return test.param; });

class CheckpointTest : public testing::Test {
 protected:
  const nlohmann::json config_ = ReadGolden("adapters.json")["config"];
  const FormulaCheckpoint files_{config_, "model."};
};

TEST_F(CheckpointTest, NamesTensorAndFileInErrors) {
  const auto checkpoint = Checkpoint::Open({.folder = files_.folder()});
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  const absl::Status shape = (*checkpoint)->Float("score.weight", {6, 32}).status();
  EXPECT_THAT(std::string(shape.message()),
              HasSubstr("model.safetensors: tensor 'score.weight': has shape [5, 32], "
                        "but config.json asks for [6, 32]"));
  const absl::Status missing = (*checkpoint)->Float("layers.7.mlp.up_proj.weight", {1}).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()),
              HasSubstr("model.safetensors: tensor 'layers.7.mlp.up_proj.weight': missing"));
  EXPECT_TRUE((*checkpoint)->Has("layers.1.mlp.up_proj.weight"));
  EXPECT_FALSE((*checkpoint)->Has("layers.2.mlp.up_proj.weight"));
}

TEST_F(CheckpointTest, ReadsShards) {
  // Each tensor in one of two shards, and an index.
  const auto whole = SafetensorsFolder::Open(files_.folder());
  ASSERT_TRUE(whole.ok()) << whole.status();
  const std::filesystem::path folder = files_.folder() / "sharded";
  std::filesystem::create_directory(folder);
  std::vector<FloatTensor> shards[2];
  nlohmann::json index;
  size_t at = 0;
  for (const auto& [name, tensor] : (*whole)->tensors()) {
    shards[at % 2].push_back({name, tensor.shape, reinterpret_cast<const float*>(tensor.data)});
    index["weight_map"][name] = "shard" + std::to_string(at++ % 2) + ".safetensors";
  }
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(WriteSafetensors(folder / ("shard" + std::to_string(i) + ".safetensors"), shards[i]).ok());
  }
  std::ofstream(folder / "model.safetensors.index.json") << index;
  std::ofstream(folder / "config.json") << config_;
  const auto one = Checkpoint::Open({.folder = files_.folder()});
  const auto two = Checkpoint::Open({.folder = folder});
  ASSERT_TRUE(two.ok()) << two.status();
  for (const auto& [name, shape] : ParametersOf(config_)) {
    EXPECT_TRUE((*one)->Float(name, shape)->equal(*(*two)->Float(name, shape))) << name;
  }

  std::filesystem::remove(folder / "shard1.safetensors");
  EXPECT_THAT(std::string(Checkpoint::Open({.folder = folder}).status().message()),
              HasSubstr("shard1.safetensors"));
}

TEST_F(CheckpointTest, RefusesAnAdapterOfAnotherModel) {
  nlohmann::json one_layer = config_;
  one_layer["num_hidden_layers"] = 1;
  const FormulaCheckpoint other(one_layer, "model.");
  const auto checkpoint =
      Checkpoint::Open({.folder = "tests/qwen3/goldens/adapters/lora", .base = other.folder()});
  EXPECT_EQ(checkpoint.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(checkpoint.status().message()), HasSubstr("which the base model does not have"));

  nlohmann::json wider = config_;
  wider["hidden_size"] = 48;
  const FormulaCheckpoint wide(wider, "model.");
  const auto opened =
      Checkpoint::Open({.folder = "tests/qwen3/goldens/adapters/lora", .base = wide.folder()});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(std::string(Encoder::Load(**opened, {"cpu", Precision::Fp32}).status().message()),
              HasSubstr("lora_A.weight': has shape [4, 32], which does not fit a weight of [32, 48]"));
}

}  // namespace
}  // namespace privet
