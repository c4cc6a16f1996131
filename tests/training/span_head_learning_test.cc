// A span head learns what stage 2 then reads.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "stage2_filter/filter_stage.h"
#include "stage2_filter/span_head.h"
#include "tests/training/tiny_run.h"
#include "training/data/record_reader.h"
#include "training/learn/span_objective.h"
#include "training/learn/train.h"
#include "training/learn/trainable_span_head.h"

namespace privet {
namespace {

using testing::HasSubstr;

const std::vector<EntityType> kTypes = {EntityType::PERSON, EntityType::ADDRESS};
const std::vector<TokenRange> kSpans = {{0, 1}, {0, 3}, {2, 6}, {5, 6}};  // the third is wider than any width

class SpanHeadLearningTest : public TinyRun {
 protected:
  // The records of a tiny run, in which models proposed each name, a piece of it, and its number.
  void WriteProposals() const {
    auto records = ReadRecordFile(folder_ / "train.jsonl")->records;
    std::ofstream out(folder_ / "proposals.jsonl");
    for (LabeledRecord& record : records) {
      const Span name = record.spans[0].span;
      const size_t number = record.text.find('1');
      record.proposals = {{{name.begin, name.end - 1}, EntityType::PERSON, 0.3},
                          {name, EntityType::PERSON, 0.4},
                          {{number, number + 3}, EntityType::PERSON, 0.3}};
      out << WriteRecord(record) << "\n";
    }
  }
  TrainingConfig SpanConfig(const char* output) const {
    TrainingConfig config = Config(output);
    config.head = "span";
    config.head_size = 32;
    config.head_widths = 4;
    config.train[0].path = (folder_ / "proposals.jsonl").string();
    config.dev = config.train;
    return config;
  }
};

TEST_F(SpanHeadLearningTest, ItsPotentialsAreWhatStage2Reads) {
  const TrainableSpanHead head = [] {
    TrainableSpanHead drawn = DrawSpanHead(5, 7, 3, 3, at::kCPU);
    for (at::Tensor* value : {&drawn.width, &drawn.hidden_bias, &drawn.type_weight, &drawn.type_bias})
      value->normal_(0, 1);
    return drawn;
  }();
  const at::Tensor hidden = at::randn({6, 5});
  const at::Tensor potentials = SpanPotentials(head, hidden.mm(head.map.t()), kSpans);

  ASSERT_TRUE(SaveSpanHead(head, folder_).ok());
  const auto loaded = SpanHead::Load(folder_, SpanClasses(kTypes), 5);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  const at::Tensor map = at::zeros({21, 5});
  std::copy(loaded->second.weight.begin(), loaded->second.weight.end(), map.mutable_data_ptr<float>());
  const at::Tensor rows = hidden.mm(map.t()).contiguous();
  const auto readings =
      loaded->first.Read({rows.const_data_ptr<float>(), static_cast<size_t>(rows.numel())}, kSpans);
  ASSERT_TRUE(readings.ok());
  const at::Tensor scores = at::cat({at::zeros({4, 1}), potentials}, 1).softmax(1);
  for (size_t i = 0; i < kSpans.size(); ++i) {
    for (size_t type = 0; type < kTypes.size(); ++type) {
      EXPECT_NEAR(ProbabilityOf((*readings)[i], kTypes[type]),
                  scores[static_cast<int64_t>(i)][static_cast<int64_t>(type) + 1].item<double>(), 1e-5);
    }
  }
}

TEST_F(SpanHeadLearningTest, EveryGradientIsThatOfFiniteDifferences) {
  TrainableSpanHead head = DrawSpanHead(5, 7, 3, 3, at::kCPU);
  head.type_weight.normal_(0, 1);
  at::Tensor rows = at::randn({6, 21});
  const at::Tensor weights = at::randn({4, 2});
  for (at::Tensor* value : {&rows, &head.width, &head.hidden_bias, &head.type_weight, &head.type_bias}) {
    const at::Tensor before = value->clone();
    *value = before.clone().requires_grad_(true);
    const at::Tensor gradient =
        torch::autograd::grad({(SpanPotentials(head, rows, kSpans) * weights).sum()}, {*value})[0].flatten();
    for (int64_t i = 0; i < before.numel(); ++i) {
      const auto loss = [&](double change) {
        *value = before.clone();
        value->flatten()[i] += change;
        return (SpanPotentials(head, rows, kSpans) * weights).sum().item<double>();
      };
      EXPECT_NEAR(gradient[i].item<double>(), (loss(1e-2) - loss(-1e-2)) / 2e-2, 5e-3) << i;
    }
    *value = before;
  }
}

TEST_F(SpanHeadLearningTest, LearnsThirtyTwoSentencesByHeartAndStage2ReadsThem) {
  WriteProposals();
  const TrainingConfig config = SpanConfig("span");
  const auto result = Train(config, {});
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_EQ(result->best_metric, 1);

  const auto stage =
      LoadFilterStage({config.output + "/best", {}}, FilterHead::Span, {"cpu", Precision::Fp32, 1});
  ASSERT_TRUE(stage.ok()) << stage.status().message();
  const std::string text = "Ann calls 100";
  std::vector<Token> tokens;
  stage->model.tokenizer->Encode(text, &tokens);
  PackedTokens packed;
  std::vector<Span> bytes;
  for (const Token& token : tokens) {
    packed.ids.push_back(token.id);
    bytes.push_back(token.bytes);
  }
  packed.offsets.push_back(static_cast<int32_t>(packed.ids.size()));
  const auto rows = stage->model.forward(packed);
  ASSERT_TRUE(rows.ok());
  const std::vector<TokenRange> spans = {TokensOf(bytes, {0, 3}), TokensOf(bytes, {0, 2}),
                                         TokensOf(bytes, {10, 13})};
  const auto readings = stage->reader->Read(rows->values, spans);
  ASSERT_TRUE(readings.ok());
  EXPECT_GT(ProbabilityOf((*readings)[0], EntityType::PERSON), 0.8);
  EXPECT_LT(ProbabilityOf((*readings)[2], EntityType::PERSON), 0.2);
  EXPECT_LT(ProbabilityOf((*readings)[1], EntityType::PERSON),
            ProbabilityOf((*readings)[0], EntityType::PERSON));
}

TEST_F(SpanHeadLearningTest, AnAdapterLearnsWithASpanHead) {
  WriteProposals();
  TrainingConfig base = Config("base");
  base.steps = 10;
  ASSERT_TRUE(Train(base, {}).ok());
  TrainingConfig config = SpanConfig("adapter");
  config.base_folder = base.output + "/last";
  config.base_tokenizer.clear();
  config.method = "lora";
  config.adapter_rank = 8;
  config.steps = 100;
  const auto result = Train(config, {});
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_EQ(result->best_metric, 1);
  EXPECT_TRUE(LoadFilterStage({config.output + "/best", config.base_folder}, FilterHead::Span,
                              {"cpu", Precision::Fp32, 1})
                  .ok());
}

TEST_F(SpanHeadLearningTest, ABaseWithAHeadOfTheSameSizesGoesOnWithIt) {
  WriteProposals();
  const TrainingConfig first = SpanConfig("first");
  ASSERT_TRUE(Train(first, {}).ok());
  TrainingConfig config = SpanConfig("second");
  config.base_folder = first.output + "/best";
  config.base_tokenizer.clear();
  const auto go_on = TrainableModel::Create(config, SpanClasses({{EntityType::PERSON}}), 100);
  ASSERT_TRUE(go_on.ok()) << go_on.status().message();
  TrainableSpanHead learned = DrawSpanHead(config.base_hidden_size, 32, 4, 2, at::kCPU);
  ASSERT_TRUE(ReadSpanHead(config.base_folder, &learned).value());
  EXPECT_TRUE(at::equal((*go_on)->span_head()->map, learned.map));
  EXPECT_TRUE(at::equal((*go_on)->span_head()->type_bias, learned.type_bias));

  config.head_size = 16;
  const auto other_size = TrainableModel::Create(config, SpanClasses({{EntityType::PERSON}}), 100);
  ASSERT_TRUE(other_size.ok()) << other_size.status().message();
  EXPECT_EQ((*other_size)->span_head()->type_bias.abs().max().item<double>(), 0) << "a new one";

  std::ofstream(std::filesystem::path(config.base_folder) / "head.safetensors") << "none";
  EXPECT_THAT(
      std::string(
          TrainableModel::Create(config, SpanClasses({{EntityType::PERSON}}), 100).status().message()),
      HasSubstr("head.safetensors"));
}

TEST_F(SpanHeadLearningTest, WithoutProposalsItSaysWhatMakesThem) {
  TrainingConfig config = SpanConfig("span");
  config.train[0].path = (folder_ / "train.jsonl").string();
  EXPECT_THAT(
      std::string(Train(config, {}).status().message()),
      HasSubstr("train.jsonl:1: has no proposals, among which a span head chooses; `trainer propose`"));
  config.entity_weight = 2;
  EXPECT_THAT(std::string(Train(config, {}).status().message()), HasSubstr("head.kind: a span head learns"));
}

}  // namespace
}  // namespace privet
