#include "training/learn/lora.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "qwen3/checkpoint.h"
#include "tests/training/tiny_run.h"
#include "training/learn/targets.h"
#include "training/learn/train.h"
#include "training/learn/trainable_model.h"
#include "training/learn/whole_model.h"

namespace privet {
namespace {

using testing::HasSubstr;

float LargestDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<float>();
}

AdapterSettings Settings(bool dora) {
  AdapterSettings settings;
  settings.dora = dora;
  settings.rank = 4;
  settings.targets = {"q_proj", "v_proj"};
  settings.ranks = {{"v_proj", 2}};
  return settings;
}

class StackedAdapterTest : public testing::TestWithParam<bool> {
 protected:
  StackedAdapterTest() : weight_(at::randn({12, 10})), adapter_(Settings(GetParam()), kParts, weight_) {}

  // As if it had learned something.
  void Learn() {
    const at::NoGradGuard no_gradients;
    for (const ModuleAdapter& module : adapter_.modules()) {
      at::Tensor(module.b).normal_();
      if (module.magnitude.defined()) at::Tensor(module.magnitude).mul_(1.5);
    }
  }

  const std::vector<std::pair<std::string, int64_t>> kParts = {
      {"self_attn.q_proj", 6}, {"self_attn.k_proj", 3}, {"self_attn.v_proj", 3}};
  at::Tensor weight_;
  StackedAdapter adapter_;
};

TEST_P(StackedAdapterTest, ChangesNothingAtFirst) {
  const at::Tensor x = at::randn({5, 10});
  const at::Tensor y = at::linear(x, weight_);
  EXPECT_LT(LargestDifference(adapter_.Adapt(x, y), y), 1e-5);
}

TEST_P(StackedAdapterTest, AdaptsAsTheMergedWeightDoes) {
  Learn();
  const at::Tensor x = at::randn({5, 10});
  const at::Tensor y = at::linear(x, weight_);
  const at::Tensor adapted = adapter_.Adapt(x, y);
  EXPECT_LT(LargestDifference(adapted, at::linear(x, adapter_.Merge(weight_))), 2e-5);
  EXPECT_GT(LargestDifference(adapted, y), 0.1);
  // Of k_proj, which is no target, nothing changes.
  EXPECT_LT(LargestDifference(adapted.narrow(1, 6, 3), y.narrow(1, 6, 3)), 1e-6);
}

TEST_P(StackedAdapterTest, EachModuleHasItsRank) {
  ASSERT_EQ(adapter_.modules().size(), 2);
  EXPECT_EQ(adapter_.modules()[0].a.size(0), 4);
  EXPECT_EQ(adapter_.modules()[1].a.size(0), 2);
  EXPECT_EQ(adapter_.modules()[1].scale, 16) << "alpha 32 / rank 2";
}

INSTANTIATE_TEST_SUITE_P(Kinds, StackedAdapterTest, testing::Bool());

TEST(DoraTest, ASmallChangeOfAMagnitudeShowsWhereProductsAreInBf16) {
  AdapterSettings settings = Settings(/*dora=*/true);
  settings.targets = {"o_proj"};
  const at::Tensor weight = at::eye(10) * 4;
  const StackedAdapter adapter(settings, {{"self_attn.o_proj", 10}}, weight);
  const at::NoGradGuard no_gradients;
  at::Tensor(adapter.modules()[0].magnitude).mul_(1.001);
  const at::Tensor x = at::eye(10).to(at::kBFloat16);
  const at::Tensor adapted = adapter.Adapt(x, at::linear(x, weight.to(at::kBFloat16)));
  EXPECT_LT(LargestDifference(adapted, weight * 1.001), 1e-5);
}

TEST(AdapterSettingsTest, RefusesWhatIsNoModule) {
  TrainingConfig config;
  config.adapter_targets = {"q_proj", "query"};
  EXPECT_THAT(AdapterSettingsOf(config).status().message(), HasSubstr("'query' is not a linear module"));
  config.adapter_targets = {"all-linear"};
  EXPECT_EQ(AdapterSettingsOf(config)->targets.size(), 7);
}

// What is saved means what was trained: read by the code that serves it, which is held against PEFT.
class SavedModelTest : public TinyRun {
 protected:
  static at::Tensor Logits(TrainableModel* model) {
    const at::NoGradGuard no_gradients;
    return model->Forward(PackedTokens{{5, 6, 7, 8}, {0, 4}}, false);
  }
};

TEST_F(SavedModelTest, AnAdapterReadsBackAsItWasTrained) {
  TrainingConfig base = Config("base");
  base.steps = 3;
  ASSERT_TRUE(Train(base, {}).ok());
  const std::vector<std::string> labels = BioesLabels({EntityType::PERSON});
  for (const bool dora : {false, true}) {
    TrainingConfig config = Config("unused");
    config.base_folder = base.output + "/last";
    config.method = "lora";
    config.adapter_kind = dora ? "dora" : "lora";
    config.adapter_rslora = dora;
    auto model = TrainableModel::Create(config, labels, 100);
    ASSERT_TRUE(model.ok()) << model.status().message();
    {
      const at::NoGradGuard no_gradients;
      for (Parameter& parameter : (*model)->parameters())
        parameter.value.add_(at::randn(parameter.value.sizes()), 0.05);
    }
    const auto adapter_folder = folder_ / "adapter";
    ASSERT_TRUE((*model)->Save(adapter_folder).ok());
    const auto merged_folder = folder_ / "merged";
    std::filesystem::create_directories(merged_folder);
    const absl::Status merged = WriteWholeModel({adapter_folder, base.output + "/last"}, {}, merged_folder);
    ASSERT_TRUE(merged.ok()) << merged.message();

    TrainingConfig again = config;
    again.method = "full";
    again.base_folder = merged_folder.string();
    auto read = TrainableModel::Create(again, labels, 100);
    ASSERT_TRUE(read.ok());
    EXPECT_LT(LargestDifference(Logits(model->get()), Logits(read->get())), 1e-4);
  }
}

TEST_F(SavedModelTest, AddedLayersAddNothingAtFirst) {
  TrainingConfig base = Config("base");
  base.base_layers = 4;
  base.base_attention = "middle";
  base.steps = 3;
  ASSERT_TRUE(Train(base, {}).ok());
  const std::vector<std::string> labels = BioesLabels({EntityType::PERSON});
  TrainingConfig config = Config("unused");
  config.base_folder = base.output + "/last";
  const auto as_it_was = TrainableModel::Create(config, labels, 100);
  config.base_add_layers = 2;
  auto grown = TrainableModel::Create(config, labels, 100);
  ASSERT_TRUE(grown.ok()) << grown.status().message();
  EXPECT_EQ((*grown)->config().layers, 6);
  EXPECT_EQ((*grown)->config().bidirectional_begin, 1);
  EXPECT_EQ((*grown)->config().bidirectional_end, 4) << "layers 1, its copy, and 2";
  EXPECT_EQ(LargestDifference(Logits(as_it_was->get()), Logits(grown->get())), 0);

  // And they learn: what they project with is their own, and another than the layer's below.
  config.output = (folder_ / "grown").string();
  config.steps = 5;
  ASSERT_TRUE(Train(config, {}).ok());
  const auto learned = Checkpoint::Open({.folder = config.output + "/last"});
  ASSERT_TRUE(learned.ok()) << learned.status().message();
  EXPECT_EQ((*learned)->config().layers, 6);
  const auto weight = [&](const char* name, const std::vector<int64_t>& sizes) {
    return (*learned)->Float(name, sizes).value();
  };
  EXPECT_GT(weight("layers.2.mlp.down_proj.weight", {64, 96}).abs().max().item<double>(), 0);
  EXPECT_GT(LargestDifference(weight("layers.1.mlp.up_proj.weight", {96, 64}),
                              weight("layers.2.mlp.up_proj.weight", {96, 64})),
            0);
}

TEST_F(SavedModelTest, OfAHeadOfOtherTypesTheSharedLabelsGoOn) {
  TrainingConfig base = Config("base");
  base.steps = 1;
  ASSERT_TRUE(Train(base, {}).ok());
  TrainingConfig config = Config("unused");
  config.base_folder = base.output + "/last";
  const auto same = TrainableModel::Create(config, BioesLabels({EntityType::PERSON}), 100);
  ASSERT_TRUE(same.ok()) << same.status().message();
  EXPECT_EQ((*same)->dropped_labels() + (*same)->new_labels(), 0);

  const auto more =
      TrainableModel::Create(config, BioesLabels({EntityType::ADDRESS, EntityType::PERSON}), 100);
  ASSERT_TRUE(more.ok()) << more.status().message();
  EXPECT_EQ((*more)->dropped_labels(), 0);
  EXPECT_EQ((*more)->new_labels(), 4);
  const auto head = [](const TrainableModel& model) {
    for (const Parameter& parameter : const_cast<TrainableModel&>(model).parameters()) {
      if (parameter.name == "score.weight") return parameter.value;
    }
    return at::Tensor();
  };
  const at::Tensor one = head(**same), two = head(**more);
  EXPECT_TRUE(one[0].equal(two[0]));                          // O
  EXPECT_TRUE(one.slice(0, 1, 5).equal(two.slice(0, 5, 9)));  // PERSON's behind ADDRESS's
  EXPECT_FALSE(one.slice(0, 1, 5).equal(two.slice(0, 1, 5)));

  const auto other = TrainableModel::Create(config, BioesLabels({EntityType::ADDRESS}), 100);
  ASSERT_TRUE(other.ok()) << other.status().message();
  EXPECT_EQ((*other)->dropped_labels(), 4);
  EXPECT_EQ((*other)->new_labels(), 4);
}

}  // namespace
}  // namespace privet
