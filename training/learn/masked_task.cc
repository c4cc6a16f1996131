#include "training/learn/masked_task.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "qwen3/config.h"
#include "training/learn/fingerprint.h"
#include "training/learn/hidden_tokens.h"
#include "training/learn/raw_texts.h"
#include "training/learn/token_loss.h"

namespace privet {
namespace {

constexpr double kManyPasses = 40;

class MaskedTask : public LearningTask {
 public:
  explicit MaskedTask(const TrainingConfig& config) : config_(config) {}

  absl::Status Load(const std::shared_ptr<const Tokenizer>& tokenizer,
                    const std::function<void(const std::string&)>& say,
                    const std::atomic<bool>* stop) override;
  uint64_t Fingerprint() const override { return fingerprint_; }
  absl::StatusOr<std::unique_ptr<TrainableModel>> CreateModel(int64_t vocabulary_size,
                                                              int cuda_index) override;
  std::vector<Sampler::Source> Sources() const override;
  Batch MakeBatch(std::vector<Sampler::Draw> draws, uint64_t seed) const override;
  std::string OriginOf(const Sampler::Draw& draw) const override {
    const RawTexts& source = data_.train[draw.source];
    return absl::StrCat(source.path, ":", source.lines[draw.example]);
  }
  double Weight(const Batch& batch) const override {
    return static_cast<double>(batch.targets.labels.size(0));
  }
  at::Tensor SummedLoss(const Batch& batch, TrainableModel* model) const override;
  bool has_dev() const override { return !data_.dev.empty(); }
  absl::StatusOr<DevResult> Judge(int64_t step, TrainableModel* model, EventFile* events) const override;

 private:
  uint64_t ComputeFingerprint() const;
  void Hide(uint64_t seed, Batch* batch) const;
  void MakeDevBatches();
  double LossByFrequency(size_t vocabulary_size) const;

  TrainingConfig config_;
  RawData data_;
  int64_t vocabulary_size_ = 0;
  std::vector<Batch> dev_;
  double loss_by_frequency_ = 0;
  uint64_t fingerprint_ = 0;
};

absl::Status MaskedTask::Load(const std::shared_ptr<const Tokenizer>& tokenizer,
                              const std::function<void(const std::string&)>& say,
                              const std::atomic<bool>* stop) {
  if (!config_.base_folder.empty()) {
    const auto base = ReadQwen3Config(config_.base_folder);
    if (!base.ok()) return base.status();
    if (!base->tie_word_embeddings && base->id2label.empty()) {
      say("model: the base's output layer is not tied to its embeddings; it is left out, and the embeddings "
          "learn its work");
    }
  }
  auto data = LoadRawTexts(
      config_, *tokenizer, [&](const std::string& line) { say("data: " + line); }, stop);
  if (!data.ok()) return data.status();
  data_ = *std::move(data);
  fingerprint_ = ComputeFingerprint();
  int64_t dev_texts = 0;
  size_t dev_tokens = 0;
  double weights = 0;
  for (const RawTexts& source : data_.train) weights += source.weight;
  const double run_tokens =
      static_cast<double>(config_.steps) * static_cast<double>(config_.batch_tokens * config_.accumulate);
  for (const RawTexts& source : data_.train) {
    const double passes =
        run_tokens * source.weight / weights / static_cast<double>(std::max<size_t>(1, source.ids.size()));
    say(absl::StrFormat("data: %s: %d texts, %d windows, %d tokens%s", source.path, source.texts,
                        source.windows(), source.ids.size(),
                        passes <= kManyPasses
                            ? ""
                            : absl::StrFormat(", each read %.0f times in this run: it will be "
                                              "known by heart; give more text, or fewer steps",
                                              passes)));
  }
  for (const RawTexts& source : data_.dev) {
    dev_texts += source.texts;
    dev_tokens += source.ids.size();
  }
  if (!has_dev()) {
    say(absl::StrCat("data: fewer than ", kHeldOutEvery,
                     " texts, so none is held out: no loss on unseen text"));
  } else {
    say(absl::StrFormat("data: %d texts, %d tokens%s", dev_texts, dev_tokens,
                        config_.dev.empty() ? " held out" : " to be judged on"));
  }
  return absl::OkStatus();
}

uint64_t MaskedTask::ComputeFingerprint() const {
  privet::Fingerprint fingerprint;
  for (const RawTexts& source : data_.train) {
    for (size_t i = 0; i < source.windows(); ++i) fingerprint.Add(source.Window(i));
  }
  return fingerprint.value();
}

absl::StatusOr<std::unique_ptr<TrainableModel>> MaskedTask::CreateModel(int64_t vocabulary_size,
                                                                        int cuda_index) {
  auto model = TrainableModel::Create(config_, {}, vocabulary_size, cuda_index);
  if (!model.ok()) return model.status();
  vocabulary_size_ = (*model)->config().vocab_size;
  MakeDevBatches();
  loss_by_frequency_ = LossByFrequency(static_cast<size_t>(vocabulary_size_));
  return model;
}

std::vector<Sampler::Source> MaskedTask::Sources() const {
  std::vector<Sampler::Source> sources;
  for (const RawTexts& source : data_.train) {
    Sampler::Source made;
    made.weight = source.weight;
    made.copies.assign(source.windows(), 1);
    for (size_t i = 0; i < source.windows(); ++i)
      made.tokens.push_back(static_cast<int64_t>(source.Window(i).size()));
    sources.push_back(std::move(made));
  }
  return sources;
}

void Append(std::span<const int32_t> window, PackedTokens* tokens) {
  tokens->ids.insert(tokens->ids.end(), window.begin(), window.end());
  tokens->offsets.push_back(static_cast<int32_t>(tokens->ids.size()));
}

// Targets are the hidden tokens alone: their positions and what stood there.
void MaskedTask::Hide(uint64_t seed, Batch* batch) const {
  std::vector<int32_t> hidden =
      ChooseHidden(batch->tokens, config_.hidden_share, config_.longest_hidden, seed);
  // A loss is over one token at least.
  if (hidden.empty()) hidden.push_back(static_cast<int32_t>(seed % batch->tokens.ids.size()));
  std::vector<int64_t> were;
  for (const int32_t at : hidden) {
    int32_t& id = batch->tokens.ids[static_cast<size_t>(at)];
    were.push_back(id);
    id = HiddenTokenId(vocabulary_size_);
  }
  batch->targets.labels = at::tensor(were, at::kLong);
  batch->targets.positions = at::tensor(hidden, at::kInt);
}

Batch MaskedTask::MakeBatch(std::vector<Sampler::Draw> draws, uint64_t seed) const {
  Batch batch;
  for (const Sampler::Draw& draw : draws)
    Append(data_.train[draw.source].Window(draw.example), &batch.tokens);
  Hide(seed, &batch);
  batch.draws = std::move(draws);
  return batch;
}

at::Tensor MaskedTask::SummedLoss(const Batch& batch, TrainableModel* model) const {
  const at::Tensor rows = model->ForwardLayers(model->MakeInput(batch.tokens), true)
                              .index_select(0, batch.targets.positions.to(model->device()));
  return SummedTokenLoss(rows, model->TokenHead(), vocabulary_size_,
                         batch.targets.labels.to(model->device()));
}

// The same tokens are hidden in each evaluation, so that their losses compare.
void MaskedTask::MakeDevBatches() {
  Batch batch;
  const auto finish = [&] {
    if (batch.tokens.ids.empty()) return;
    Hide(MixSeeds(static_cast<uint64_t>(config_.seed), 0xDE7, dev_.size()), &batch);
    dev_.push_back(std::exchange(batch, Batch()));
  };
  for (const RawTexts& source : data_.dev) {
    for (size_t i = 0; i < source.windows(); ++i) {
      const auto window = source.Window(i);
      if (batch.tokens.ids.size() + window.size() > static_cast<size_t>(config_.batch_tokens)) finish();
      Append(window, &batch.tokens);
    }
  }
  finish();
}

// What is lost by one who knows how frequent each token is, and nothing of what stands around: the yardstick.
double MaskedTask::LossByFrequency(size_t vocabulary_size) const {
  std::vector<double> counts(vocabulary_size, 1);  // so that none is impossible
  double all = static_cast<double>(vocabulary_size);
  for (const RawTexts& source : data_.train) {
    all += static_cast<double>(source.ids.size());
    for (const int32_t id : source.ids) ++counts[static_cast<size_t>(id)];
  }
  double loss = 0;
  double tokens = 0;
  for (const Batch& batch : dev_) {
    const std::span<const int64_t> labels(batch.targets.labels.const_data_ptr<int64_t>(),
                                          static_cast<size_t>(batch.targets.labels.numel()));
    for (const int64_t id : labels) loss -= std::log(counts[static_cast<size_t>(id)] / all);
    tokens += static_cast<double>(labels.size());
  }
  return loss / std::max(1.0, tokens);
}

absl::StatusOr<DevResult> MaskedTask::Judge(int64_t step, TrainableModel* model, EventFile* events) const {
  const at::NoGradGuard no_gradients;
  TokenScores scores;
  double tokens = 0;
  for (const Batch& batch : dev_) {
    const at::Tensor rows = model->ForwardLayers(model->MakeInput(batch.tokens), false)
                                .index_select(0, batch.targets.positions.to(model->device()));
    const TokenScores of_batch =
        ScoreTokens(rows, model->TokenHead(), vocabulary_size_, batch.targets.labels.to(model->device()));
    scores.loss += of_batch.loss;
    scores.right += of_batch.right;
    tokens += Weight(batch);
  }
  const double loss = scores.loss / tokens;
  const double accuracy = static_cast<double>(scores.right) / tokens;
  DevResult result;
  result.metric = std::exp(-loss);
  result.summary = absl::StrFormat("loss %.4f (%.4f by frequency alone), %.1f %% of %d hidden tokens right",
                                   loss, loss_by_frequency_, 100 * accuracy, static_cast<int64_t>(tokens));
  result.json = nlohmann::ordered_json({{"loss", loss},
                                        {"accuracy", accuracy},
                                        {"loss_by_frequency", loss_by_frequency_},
                                        {"hidden_tokens", static_cast<int64_t>(tokens)}})
                    .dump();
  events->Scalar("dev/loss", step, loss);
  events->Scalar("dev/accuracy", step, accuracy);
  return result;
}

}  // namespace

std::unique_ptr<LearningTask> MakeMaskedTask(const TrainingConfig& config) {
  return std::make_unique<MaskedTask>(config);
}

TrainingConfig MaskedDefaults() {
  TrainingConfig config;
  config.method = "full";
  config.base_attention = "bidirectional";
  return config;
}

absl::Status CheckRawSources(const TrainingConfig& config) {
  const auto fault = [](const char* key) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": says something about records; adapt learns from raw text, so leave it out"));
  };
  for (const std::vector<DataSource>* const sources : {&config.train, &config.dev}) {
    for (const DataSource& source : *sources) {
      if (!source.covers.empty()) return fault("covers");
      if (source.fresh()) return fault(source.swap ? "swap" : "templates");
    }
  }
  return absl::OkStatus();
}

}  // namespace privet
