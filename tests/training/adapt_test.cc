// Masked-token training, from raw text to the base of a tagger.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "qwen3/checkpoint.h"
#include "qwen3/safetensors.h"
#include "tests/training/tiny_run.h"
#include "training/learn/masked_task.h"
#include "training/learn/token_loss.h"
#include "training/learn/train.h"

namespace privet {
namespace {

using testing::HasSubstr;

TEST(SummedTokenLossTest, SlicesHaveTheLossAndTheGradientsOfTheWhole) {
  const at::Tensor rows = at::randn({11, 8});
  const at::Tensor weight = at::randn({13, 8});
  const at::Tensor targets = at::randint(13, {11}, at::kLong);
  const auto gradients = [&](const auto& loss_of) {
    const at::Tensor x = rows.clone().requires_grad_(true);
    const at::Tensor w = weight.clone().requires_grad_(true);
    // An upstream gradient other than 1, as a step's loss is divided by its tokens.
    const at::Tensor loss = loss_of(x, w) / 3;
    loss.backward();
    return std::vector<at::Tensor>{loss.detach(), x.grad(), w.grad()};
  };
  const auto whole = gradients([&](const at::Tensor& x, const at::Tensor& w) {
    return at::cross_entropy_loss(x.matmul(w.t()), targets, {}, at::Reduction::Sum);
  });
  for (const int64_t at_once : {1, 40, 1000}) {
    const auto sliced = gradients([&](const at::Tensor& x, const at::Tensor& w) {
      return SummedTokenLoss(x, Linear(w), 13, targets, at_once);
    });
    for (size_t i = 0; i < whole.size(); ++i)
      EXPECT_LT((whole[i] - sliced[i]).abs().max().item<float>(), 1e-5) << i << " with " << at_once;
  }
}

TEST(SummedTokenLossTest, FollowsFiniteDifferences) {
  const at::Tensor rows = at::randn({3, 4});
  const at::Tensor weight = at::randn({5, 4});
  const at::Tensor targets = at::randint(5, {3}, at::kLong);
  const at::Tensor x = rows.clone().requires_grad_(true);
  SummedTokenLoss(x, Linear(weight), 5, targets, 5).backward();
  const float step = 1e-2F;
  for (int64_t i = 0; i < rows.numel(); ++i) {
    const auto loss_at = [&](float change) {
      const at::Tensor moved = rows.clone();
      moved.view(-1)[i] += change;
      return ScoreTokens(moved, Linear(weight), 5, targets).loss;
    };
    const double slope = (loss_at(step) - loss_at(-step)) / (2 * step);
    EXPECT_NEAR(x.grad().view(-1)[i].item<double>(), slope, 2e-3) << i;
  }
}

TEST(SummedTokenLossTest, CountsWhatIsRight) {
  const at::Tensor weight = at::randn({6, 64});
  // Rows that point to tokens 0 to 5; the last two are asked for another.
  const at::Tensor targets = at::tensor(std::vector<int64_t>{0, 1, 2, 3, 0, 0}, at::kLong);
  EXPECT_EQ(ScoreTokens(weight, Linear(weight), 6, targets, 12).right, 4);
}

class AdaptTest : public TinyRun {
 protected:
  AdaptTest() {
    // Each letter follows from its neighbours.
    std::ofstream text(folder_ / "text.txt");
    for (int i = 0; i < 64; ++i) {
      for (int j = 0; j < 12; ++j) text << static_cast<char>('A' + (i + j) % 16);
      text << "\n";
    }
  }

  TrainingConfig TextConfig(const std::string& output) const {
    TrainingConfig config = Config(output);
    config.base_attention = "bidirectional";
    config.train = config.dev = {{(folder_ / "text.txt").string(), 1, {}}};
    config.longest_hidden = 1;
    config.learning_rate = 1e-2;
    return config;
  }

  static TrainResult Run(const TrainingConfig& config, const TrainOptions& options = {}) {
    const auto result = Adapt(config, options);
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.ok() ? *result : TrainResult();
  }

  static nlohmann::json Json(const std::filesystem::path& file) { return nlohmann::json::parse(Bytes(file)); }

  // The last evaluation in the log.
  static nlohmann::json LastDev(const TrainingConfig& config) {
    std::ifstream log(std::filesystem::path(config.output) / "log.jsonl");
    nlohmann::json dev;
    for (std::string line; std::getline(log, line);) {
      const nlohmann::json json = nlohmann::json::parse(line);
      if (json.contains("dev")) dev = json["dev"];
    }
    return dev;
  }
};

TEST_F(AdaptTest, LearnsWhatStandsAroundAHiddenToken) {
  TrainingConfig config = TextConfig("text");
  config.steps = 100;
  const TrainResult result = Run(config);
  const nlohmann::json dev = LastDev(config);
  EXPECT_GT(dev["loss_by_frequency"].get<double>(), 3);
  EXPECT_LT(dev["loss"].get<double>(), 1);
  EXPECT_GT(dev["accuracy"].get<double>(), 0.9);
  EXPECT_NEAR(-std::log(result.best_metric), dev["loss"].get<double>(), 1e-9);
}

TEST_F(AdaptTest, ARunThatWasStoppedGoesOnBitForBit) {
  TrainingConfig whole = TextConfig("whole");
  whole.steps = 10;
  whole.batch_tokens = 128;
  whole.longest_hidden = 3;
  whole.ema = 0.9;
  ExpectGoesOnBitForBit(whole, 4, Run);
}

TEST_F(AdaptTest, ATaggerBeginsFromTheResult) {
  TrainingConfig text = TextConfig("text");
  text.steps = 3;
  Run(text);
  TrainingConfig tagger = Config("tagger");
  tagger.base_folder = text.output + "/best";
  tagger.base_tokenizer.clear();
  tagger.method = "freeze";
  tagger.frozen_layers = 2;
  tagger.steps = 2;
  const auto result = Train(tagger, {});
  ASSERT_TRUE(result.ok()) << result.status().message();
  const auto base = SafetensorsFolder::Open(tagger.base_folder).value();
  const auto learned = SafetensorsFolder::Open(tagger.output + "/last").value();
  for (const char* const name : {"model.embed_tokens.weight", "model.layers.1.mlp.up_proj.weight"}) {
    ASSERT_EQ(base->Find(name)->bytes, learned->Find(name)->bytes);
    EXPECT_EQ(std::memcmp(base->Find(name)->data, learned->Find(name)->data, base->Find(name)->bytes), 0)
        << name;
  }
  EXPECT_EQ(Json(tagger.output + "/last/config.json")["is_causal"], false) << "as the base says";
}

TEST_F(AdaptTest, TheResultIsAWholeCausalLmWithTiedEmbeddingsWhateverWasTrained) {
  TrainingConfig text = TextConfig("text");
  text.steps = 2;
  Run(text);
  // From a tagger, by an adapter: it is merged, and of the head nothing is left.
  TrainingConfig tagger = Config("tagger");
  tagger.base_folder = text.output + "/best";
  tagger.steps = 1;
  ASSERT_TRUE(Train(tagger, {}).ok());
  TrainingConfig again = TextConfig("again");
  again.base_folder = tagger.output + "/last";
  again.method = "lora";
  again.steps = 3;
  Run(again);
  const std::filesystem::path folder = again.output + "/best";
  EXPECT_FALSE(std::filesystem::exists(folder / "adapter_config.json"));
  EXPECT_TRUE(std::filesystem::exists(folder / "tokenizer.json"));
  const nlohmann::json config = Json(folder / "config.json");
  EXPECT_EQ(config["architectures"][0], "Qwen3ForCausalLM");
  EXPECT_EQ(config["tie_word_embeddings"], true);
  EXPECT_FALSE(config.contains("id2label"));
  const auto weights = SafetensorsFolder::Open(folder).value();
  EXPECT_EQ(weights->Find("score.weight"), nullptr);
  EXPECT_EQ(weights->tensors().size(), 2 + 2 * 11U) << "embeddings, norm, and 11 of each layer";
  const auto before = SafetensorsFolder::Open(again.base_folder).value();
  const auto same = [&](const char* name) {
    return std::memcmp(before->Find(name)->data, weights->Find(name)->data, before->Find(name)->bytes) == 0;
  };
  EXPECT_TRUE(same("model.embed_tokens.weight"));
  EXPECT_FALSE(same("model.layers.0.self_attn.q_proj.weight"));
}

TEST_F(AdaptTest, HoldsOutEachHundredthTextWhereThereIsNoDev) {
  std::ofstream text(folder_ / "many.txt");
  for (int i = 1; i <= 300; ++i) text << (i % 100 == 0 ? "a held out line" : "a line") << "\n";
  text.close();
  TrainingConfig config = TextConfig("many");
  config.train = {{(folder_ / "many.txt").string(), 1, {}}};
  config.dev.clear();
  config.steps = 1;
  std::string said;
  TrainOptions options;
  options.say = [&](const std::string& line) { said += line + "\n"; };
  Run(config, options);
  EXPECT_THAT(said, HasSubstr("297 texts"));
  EXPECT_THAT(said, testing::Not(HasSubstr("known by heart")));
  EXPECT_THAT(said, HasSubstr("data: 3 texts"));
  EXPECT_THAT(said, HasSubstr("held out"));
}

TEST_F(AdaptTest, CountsLinesThatAreNoText) {
  std::ofstream(folder_ / "mixed.jsonl") << R"({"text": "a letter from Ann"})"
                                         << "\nno object\n\n"
                                         << R"({"spans": []})"
                                         << "\n"
                                         << "{\"text\": \"\xFF\"}\n";
  TrainingConfig config = TextConfig("mixed");
  config.train = {{(folder_ / "mixed.jsonl").string(), 1, {}}};
  config.steps = 10;
  std::string said;
  TrainOptions options;
  options.say = [&](const std::string& line) { said += line + "\n"; };
  Run(config, options);
  EXPECT_THAT(said, HasSubstr("3 of 4 lines have no text in UTF-8 and are left out; the first is line 2"));
  EXPECT_THAT(said, HasSubstr("it will be known by heart"));
}

TEST_F(AdaptTest, SaysWhatIsWrongInOneLine) {
  const auto error = [](const TrainingConfig& config) {
    const std::string message(Adapt(config, {}).status().message());
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  };
  TrainingConfig config = TextConfig("wrong");
  config.train[0].path = (folder_ / "missing.txt").string();
  EXPECT_THAT(error(config), HasSubstr("missing.txt: cannot be read"));
  std::ofstream(folder_ / "empty.txt") << "\n\n";
  config.train[0].path = (folder_ / "empty.txt").string();
  EXPECT_THAT(error(config), HasSubstr("empty.txt: has no text"));
  config = TextConfig("wrong");
  config.train[0].covers = {"PERSON"};
  EXPECT_THAT(error(config), HasSubstr("covers: says something about records"));
  config = TextConfig("wrong");
  config.train[0].templates = true;
  EXPECT_THAT(error(config), HasSubstr("templates: says something about records"));
  config = TextConfig("wrong");
  config.method = "lora";
  EXPECT_THAT(error(config), HasSubstr("a random start needs full"));
  config = TextConfig("wrong");
  config.base_folder = (folder_ / "nothing").string();
  EXPECT_THAT(error(config), HasSubstr("nothing: there is no such folder"));
  config = TextConfig("wrong");
  config.steps = 1;
  Run(config);
  config.longest_hidden = 2;
  EXPECT_THAT(error(config), HasSubstr("another configuration"));
}

TEST(MaskedDefaultsTest, EverythingLearnsInBothDirections) {
  EXPECT_EQ(MaskedDefaults().method, "full");
  EXPECT_EQ(MaskedDefaults().base_attention, "bidirectional");
}

}  // namespace
}  // namespace privet
