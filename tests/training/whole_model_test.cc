#include "training/learn/whole_model.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "qwen3/checkpoint.h"
#include "qwen3/safetensors.h"
#include "qwen3/tokenizer.h"
#include "qwen3/tokenizer_spec.h"
#include "tests/training/tiny_run.h"
#include "training/data/vocabulary.h"
#include "training/learn/targets.h"
#include "training/learn/trainable_model.h"

namespace privet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kTokenizer = "tests/qwen3/small_tokenizer";
constexpr int64_t kVocabulary = 1505;

class WholeModelTest : public TinyRun {
 protected:
  // A model of random weights with its tokenizer; a tagger where there are labels.
  fs::path Model(const std::vector<std::string>& labels) const {
    const auto model = TrainableModel::Create(Config("unused"), labels, kVocabulary);
    EXPECT_TRUE(model.ok() && (*model)->Save(folder_ / "model").ok());
    fs::copy_file(fs::path(kTokenizer) / "tokenizer.json", folder_ / "model/tokenizer.json");
    return folder_ / "model";
  }
  fs::path Tagger() const { return Model(BioesLabels({EntityType::PERSON})); }

  // A tokenizer that keeps what stands in the texts.
  fs::path Pruned(const std::vector<std::string>& texts, bool isolate_han = false) const {
    const auto pruned =
        PruneVocabulary(ReadTokenizerSpec(kTokenizer).value(),
                        {.size = 600, .least_count = 1, .isolate_han = isolate_han}, [&](const auto& take) {
                          for (const std::string& text : texts) take(text);
                          return absl::OkStatus();
                        });
    fs::create_directories(folder_ / "pruned");
    std::ofstream(folder_ / "pruned/tokenizer.json") << pruned->tokenizer_json;
    return folder_ / "pruned";
  }

  fs::path Whole(const ModelFolder& from, const WholeModelOptions& options, const std::string& to) const {
    fs::create_directories(folder_ / to);
    const absl::Status written = WriteWholeModel(from, options, folder_ / to);
    EXPECT_TRUE(written.ok()) << written.message();
    return folder_ / to;
  }

  static at::Tensor Read(const ModelFolder& folder, const char* name, const std::vector<int64_t>& shape) {
    const auto checkpoint = Checkpoint::Open(folder);
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    return (*checkpoint)->Stored(name, shape).value().clone();
  }

  at::Tensor Logits(const fs::path& model, const std::string& text) const {
    const at::NoGradGuard no_gradients;
    TrainingConfig config = Config("unused");
    config.base_folder = model.string();
    const auto opened = TrainableModel::Create(config, BioesLabels({EntityType::PERSON}), 0);
    EXPECT_TRUE(opened.ok()) << opened.status();
    std::vector<Token> tokens;
    Tokenizer::Load(model).value()->Encode(text, &tokens);
    PackedTokens packed;
    for (const Token& token : tokens) packed.ids.push_back(token.id);
    packed.offsets.push_back(static_cast<int32_t>(tokens.size()));
    return (*opened)->Forward(packed, false);
  }

  static nlohmann::json ConfigOf(const fs::path& model) {
    return nlohmann::json::parse(Bytes(model / "config.json"));
  }
};

TEST_F(WholeModelTest, AnAdapterOfPeftIsMergedIntoItsBase) {
  const fs::path golden = "tests/bundles/hf_golden";
  for (const char* const stage : {"stage1", "stage2"}) {
    SCOPED_TRACE(stage);
    const ModelFolder adapter = {golden / stage, golden / "base"};
    const fs::path merged = Whole(adapter, {}, std::string("merged ") + stage);
    const std::vector<std::pair<const char*, std::vector<int64_t>>> parameters = {
        {"embed_tokens.weight", {1505, 32}},
        {"layers.0.self_attn.q_proj.weight", {32, 32}},
        {"layers.1.mlp.down_proj.weight", {32, 48}},
        {"layers.1.self_attn.k_norm.weight", {8}},
        {"norm.weight", {32}}};
    for (const auto& [name, shape] : parameters) {
      const at::Tensor stored = Read({.folder = merged}, name, shape);
      EXPECT_EQ(stored.scalar_type(), at::kFloat) << name;
      EXPECT_TRUE(stored.equal(Read(adapter, name, shape).to(at::kFloat))) << name;
    }
    const nlohmann::json config = ConfigOf(merged);
    const bool tagger = stage == std::string("stage1");
    EXPECT_EQ(config["architectures"][0], tagger ? "Qwen3ForTokenClassification" : "Qwen3Model");
    EXPECT_FALSE(config.contains("dtype")) << "the base's";
    EXPECT_TRUE(fs::exists(merged / "tokenizer.json")) << "the base's";
    EXPECT_FALSE(fs::exists(merged / "adapter_config.json"));
    const auto checkpoint = Checkpoint::Open({.folder = merged});
    EXPECT_EQ((*checkpoint)->Has("score.weight"), tagger) << "a span head has no use for the base's";
    if (tagger) {
      EXPECT_TRUE(
          Read({.folder = merged}, "score.weight", {9, 32}).equal(Read(adapter, "score.weight", {9, 32})));
    }
  }
}

TEST_F(WholeModelTest, Bf16IsRoundedToTheNearestAndStays) {
  const fs::path single = Tagger();
  const fs::path half = Whole({.folder = single}, {.bf16 = true}, "half");
  const fs::path again = Whole({.folder = half}, {}, "again");
  const at::Tensor rounded = Read({.folder = single}, "score.weight", {5, 64}).to(at::kBFloat16);
  for (const fs::path& folder : {half, again}) {
    const at::Tensor stored = Read({.folder = folder}, "score.weight", {5, 64});
    EXPECT_EQ(stored.scalar_type(), at::kBFloat16);
    EXPECT_TRUE(stored.equal(rounded));
  }
  EXPECT_LT(fs::file_size(half / "model.safetensors"), 0.6 * fs::file_size(single / "model.safetensors"));
}

TEST_F(WholeModelTest, WithFewerTokensItSaysTheSameOfTextsThatHaveNoOthers) {
  const std::vector<std::string> texts = {"Ann calls 100", "王小明住在北京", "from <|endoftext|> Jo King"};
  const fs::path large = Tagger();
  nlohmann::json config = ConfigOf(large);
  config["eos_token_id"] = 1500;  // <|endoftext|>
  config["pad_token_id"] = 1502;  // <|im_end|>, which is gone
  std::ofstream(large / "config.json") << config;
  const fs::path small = Whole({.folder = large}, {.tokenizer = Pruned(texts)}, "small");
  const int64_t size = ConfigOf(small)["vocab_size"].get<int64_t>();
  EXPECT_LT(size, 400);
  EXPECT_EQ(ConfigOf(small)["eos_token_id"], size - 2);
  EXPECT_TRUE(ConfigOf(small)["pad_token_id"].is_null());
  EXPECT_EQ(Tokenizer::Load(small).value()->vocabulary_size(), static_cast<size_t>(size));
  for (const std::string& text : texts) EXPECT_TRUE(Logits(small, text).equal(Logits(large, text))) << text;

  // The row of <|mask|>, which is new.
  const at::Tensor rows = Read({.folder = small}, "embed_tokens.weight", {size, 64});
  EXPECT_LT((rows[size - 1] - rows.narrow(0, 0, size - 1).mean(0)).abs().max().item<float>(), 1e-6);
}

TEST_F(WholeModelTest, ABaseThatNamesTokensWithRowsOfItsOwnLosesTheSameOnes) {
  const fs::path large = Model({});
  const at::Tensor head = at::randn({kVocabulary, 64});
  {
    const auto tied = SafetensorsFolder::Open(large).value();
    std::vector<std::vector<float>> kept;
    std::vector<FloatTensor> tensors = {{"lm_head.weight", {kVocabulary, 64}, head.const_data_ptr<float>()}};
    for (const auto& [name, tensor] : tied->tensors()) {
      ReadAsFloat(tensor, kept.emplace_back(static_cast<size_t>(tensor.elements())).data());
      tensors.push_back({name, tensor.shape, kept.back().data()});
    }
    ASSERT_TRUE(WriteSafetensors(large / "model.safetensors", tensors).ok());
  }
  const fs::path pruned = Pruned({"Ann calls 100"}, /*isolate_han=*/true);  // a base learns it anew
  const fs::path small = Whole({.folder = large}, {.tokenizer = pruned}, "small");
  const auto ids = OriginalIds(ReadTokenizerSpec(pruned).value(), ReadTokenizerSpec(kTokenizer).value());
  const auto size = static_cast<int64_t>(ids->size());
  const at::Tensor cut = Read({.folder = small}, "lm_head.weight", {size, 64});
  for (int64_t i = 0; i + 1 < size; ++i) ASSERT_TRUE(cut[i].equal(head[(*ids)[static_cast<size_t>(i)]])) << i;
}

TEST_F(WholeModelTest, ATokenizerThatDoesNotFitIsRefused) {
  const fs::path large = Tagger();
  const auto fault = [&](const fs::path& model, const fs::path& tokenizer) {
    fs::create_directories(folder_ / "refused");
    return std::string(
        WriteWholeModel({.folder = model}, {.tokenizer = tokenizer}, folder_ / "refused").message());
  };
  EXPECT_THAT(fault(large, folder_ / "nowhere"), HasSubstr("nowhere"));
  EXPECT_THAT(fault(large, Pruned({"Ann"}, /*isolate_han=*/true)),
              HasSubstr("pruned: does not cut text as the model has learned"));
  const fs::path small = Whole({.folder = large}, {.tokenizer = Pruned({"Ann calls"})}, "small");
  EXPECT_THAT(fault(small, kTokenizer), HasSubstr("is none of the model's"));
  EXPECT_TRUE(fs::is_empty(folder_ / "refused"));
}

}  // namespace
}  // namespace privet
