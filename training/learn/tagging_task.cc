#include "training/learn/tagging_task.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/learn/dev_scores.h"
#include "training/learn/examples.h"
#include "training/learn/fingerprint.h"
#include "training/learn/hidden_tokens.h"
#include "training/learn/span_objective.h"

namespace privet {
namespace {

// Of records that are drawn anew, processes compare so many of the first pass.
constexpr int64_t kMostLinesCompared = 20'000;

class TaggingTask : public LearningTask {
 public:
  explicit TaggingTask(const TrainingConfig& config) : config_(config) {}

  absl::Status Load(const std::shared_ptr<const Tokenizer>& tokenizer,
                    const std::function<void(const std::string&)>& say,
                    const std::atomic<bool>* stop) override;
  uint64_t Fingerprint() const override { return fingerprint_; }
  absl::StatusOr<std::unique_ptr<TrainableModel>> CreateModel(int64_t vocabulary_size,
                                                              int cuda_index) override;
  std::vector<Sampler::Source> Sources() const override;
  Batch MakeBatch(std::vector<Sampler::Draw> draws, uint64_t seed) const override;
  std::string OriginOf(const Sampler::Draw& draw) const override {
    const ExampleSource& source = data_.train[draw.source];
    if (source.fresh == nullptr) return source.origins[draw.example];
    return source.fresh->Draw(draw.pass, static_cast<int64_t>(draw.example)).origin;
  }
  double Weight(const Batch& batch) const override { return objective_->Weight(batch.targets); }
  at::Tensor SummedLoss(const Batch& batch, TrainableModel* model) const override {
    return objective_->SummedLoss(model->Forward(batch.tokens, true), batch.targets);
  }
  bool has_fixed_inputs() const override { return over_tokens_ != nullptr; }
  std::optional<BatchInput> FixedInput(const Batch& batch, const TrainableModel& model) const override;
  at::Tensor SummedLoss(const BatchInput& input, TrainableModel* model) const override {
    return over_tokens_->SummedLoss(model->Forward(input.tokens, true), input.targets);
  }
  bool has_dev() const override { return !data_.dev.empty(); }
  absl::StatusOr<DevResult> Judge(int64_t step, TrainableModel* model, EventFile* events) const override;

 private:
  Example Fresh(size_t source, int64_t pass, int64_t index) const {
    return DrawExample(*data_.train[source].fresh, pass, index, *tokenizer_, data_.sizes, *scheme_);
  }
  uint64_t ComputeFingerprint() const;
  void Describe(const std::function<void(const std::string&)>& say) const;

  TrainingConfig config_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  TrainingData data_;
  std::unique_ptr<LabelScheme> scheme_;
  std::unique_ptr<Objective> objective_;
  const LabelObjective* over_tokens_ = nullptr;  // the objective, where it is one over single tokens
  int32_t hidden_id_ = 0;
  uint64_t fingerprint_ = 0;
};

absl::Status TaggingTask::Load(const std::shared_ptr<const Tokenizer>& tokenizer,
                               const std::function<void(const std::string&)>& say,
                               const std::atomic<bool>* stop) {
  tokenizer_ = tokenizer;
  auto data = LoadTrainingData(
      config_, *tokenizer_, [&](const std::string& line) { say("data: " + line); }, stop);
  if (!data.ok()) return data.status();
  data_ = *std::move(data);
  Describe(say);
  auto scheme = LabelScheme::FromLabels(data_.labels);
  if (!scheme.ok()) return scheme.status();
  scheme_ = std::make_unique<LabelScheme>(*std::move(scheme));
  fingerprint_ = ComputeFingerprint();
  return absl::OkStatus();
}

void TaggingTask::Describe(const std::function<void(const std::string&)>& say) const {
  TargetCounts counts;
  for (const ExampleSource& source : data_.train) {
    counts.entities += source.counts.entities;
    counts.between_tokens += source.counts.between_tokens;
    if (source.fresh != nullptr) {
      say(absl::StrFormat("data: %s: %d lines, drawn anew in each pass; in %d of them %d entities",
                          source.path, source.fresh->size(), source.records, source.counts.entities));
      continue;
    }
    int64_t tokens = 0;
    for (const Example& example : source.examples) tokens += static_cast<int64_t>(example.ids.size());
    say(absl::StrFormat("data: %s: %d records (%d with entities), %d windows, %d tokens, %d entities",
                        source.path, source.records, source.records_with_entities, source.examples.size(),
                        tokens, source.counts.entities));
    if (source.records_with_entities * 4 < source.records) {
      say(absl::StrFormat(
          "data: only %d %% of its records have an entity: a model learns to stay silent there; "
          "data.empty_share below 1 thins them out",
          100 * source.records_with_entities / source.records));
    }
  }
  // A few are everywhere: words that run into a name, values that a log line glues to others.
  constexpr int64_t kWorthAWord = 100;
  if (counts.between_tokens * kWorthAWord > counts.entities) {
    say(
        absl::StrFormat("data: %d of %d entities have a border inside a token, so a model cannot mark them "
                        "exactly; a tokenizer "
                        "that keeps Han characters apart helps (docs/bundles.md)",
                        counts.between_tokens, counts.entities));
  }
  say(absl::StrFormat("data: %d types, %d labels; %d dev texts", (data_.labels.size() - 1) / 4,
                      data_.labels.size(), data_.dev.size()));
}

uint64_t TaggingTask::ComputeFingerprint() const {
  privet::Fingerprint fingerprint;
  const auto add = [&](const Example& example) {
    fingerprint.Add(example.ids);
    fingerprint.Add(example.labels);  // and so what is present
    fingerprint.Add(example.open_types.to_string());
    fingerprint.Add(example.doubt);
    std::vector<int32_t> borders;
    for (const TokenRange& range : example.candidates)
      borders.insert(borders.end(), {static_cast<int32_t>(range.begin), static_cast<int32_t>(range.end)});
    fingerprint.Add(borders);
  };
  for (const std::string& label : data_.labels) fingerprint.Add(label);
  for (size_t i = 0; i < data_.train.size(); ++i) {
    const ExampleSource& source = data_.train[i];
    fingerprint.Add(source.copies);
    for (const Example& example : source.examples) add(example);
    if (source.fresh == nullptr) continue;
    fingerprint.Add(absl::StrCat(source.fresh->size()));
    for (int64_t line = 0; line < std::min(kMostLinesCompared, source.fresh->size()); ++line)
      add(Fresh(i, 0, line));
  }
  return fingerprint.value();
}

absl::StatusOr<std::unique_ptr<TrainableModel>> TaggingTask::CreateModel(int64_t vocabulary_size,
                                                                         int cuda_index) {
  const bool span_head = config_.head == "span";
  auto model = TrainableModel::Create(config_, span_head ? SpanClasses(scheme_->types()) : data_.labels,
                                      vocabulary_size, cuda_index);
  if (!model.ok()) return model.status();
  if (span_head) {
    objective_ = std::make_unique<SpanSetObjective>(**model);
  } else {
    auto objective = LabelObjective::Create(config_, *scheme_, data_.label_shares);
    if (!objective.ok()) return objective.status();
    auto of_labels = std::make_unique<LabelObjective>(*std::move(objective));
    if (of_labels->over_tokens()) over_tokens_ = of_labels.get();
    objective_ = std::move(of_labels);
  }
  hidden_id_ = HiddenTokenId((*model)->config().vocab_size);
  return model;
}

std::optional<BatchInput> TaggingTask::FixedInput(const Batch& batch, const TrainableModel& model) const {
  const FixedSizes sizes = {.tokens = config_.batch_tokens, .longest = config_.max_tokens};
  if (over_tokens_ == nullptr || !Fits(batch.tokens, sizes)) return std::nullopt;
  BatchInput input = {
      .tokens = model.MakeInput(FillUp(batch.tokens, sizes)),
      .targets = ToDevice(FillUp(over_tokens_->OverTokens(batch.targets), sizes), model.device())};
  input.tokens.sequences = FillUp(std::move(input.tokens.sequences), sizes);
  return input;
}

std::vector<Sampler::Source> TaggingTask::Sources() const {
  std::vector<Sampler::Source> sources;
  for (size_t i = 0; i < data_.train.size(); ++i) {
    const ExampleSource& source = data_.train[i];
    Sampler::Source made;
    made.weight = source.weight;
    if (source.fresh != nullptr) {
      made.fresh = source.fresh->size();
      made.fresh_tokens = [this, i](int64_t pass, int64_t index) {
        return static_cast<int64_t>(Fresh(i, pass, index).ids.size());
      };
    }
    made.copies = source.copies;
    for (const Example& example : source.examples)
      made.tokens.push_back(static_cast<int64_t>(example.ids.size()));
    sources.push_back(std::move(made));
  }
  return sources;
}

Batch TaggingTask::MakeBatch(std::vector<Sampler::Draw> draws, uint64_t seed) const {
  Batch batch;
  std::vector<const Example*> examples;
  std::deque<Example> fresh;
  for (const Sampler::Draw& draw : draws) {
    const ExampleSource& source = data_.train[draw.source];
    const Example& example =
        source.fresh == nullptr
            ? source.examples[draw.example]
            : fresh.emplace_back(Fresh(draw.source, draw.pass, static_cast<int64_t>(draw.example)));
    examples.push_back(&example);
    batch.tokens.ids.insert(batch.tokens.ids.end(), example.ids.begin(), example.ids.end());
    batch.tokens.offsets.push_back(static_cast<int32_t>(batch.tokens.ids.size()));
  }
  for (const int32_t at : ChooseHidden(batch.tokens, config_.mask_share, 1, seed))
    batch.tokens.ids[static_cast<size_t>(at)] = hidden_id_;
  batch.targets = TargetsOf(examples, *scheme_);
  batch.draws = std::move(draws);
  return batch;
}

absl::StatusOr<DevResult> TaggingTask::Judge(int64_t step, TrainableModel* model, EventFile* events) const {
  const auto score = [model](const PackedTokens& tokens) {
    const at::NoGradGuard no_gradients;
    const at::Tensor logits = model->Forward(tokens, false).to(at::kCPU, at::kFloat).contiguous();
    const float* const from = logits.const_data_ptr<float>();
    return std::vector<float>(from, from + logits.numel());
  };
  const int64_t batch_tokens = std::max(config_.batch_tokens, config_.max_tokens);
  const auto scores = model->span_head() != nullptr
                          ? ScoreSpanDev(data_.dev, *scheme_, model, batch_tokens, config_.metric_at)
                          : ScoreTaggerDev(data_.dev, *scheme_, score, batch_tokens, config_.metric_at);
  if (!scores.ok()) return scores.status();
  const SpanCounts& counts = scores->best_path;
  DevResult result;
  result.metric = config_.metric == "f1"                    ? counts.f1()
                  : config_.metric == "recall_at_precision" ? scores->recall_at_precision
                                                            : scores->precision_at_recall;
  result.tie_break = counts.f1();  // the others are 0 as long as no threshold reaches evaluate.at
  result.summary = absl::StrFormat(
      "P %.1f R %.1f F1 %.1f (%d of %d touched); recall at P %.0f: %.1f, precision at R %.0f: %.1f",
      100 * counts.precision(), 100 * counts.recall(), 100 * counts.f1(), scores->overlapping, counts.gold,
      100 * config_.metric_at, 100 * scores->recall_at_precision, 100 * config_.metric_at,
      100 * scores->precision_at_recall);
  nlohmann::ordered_json json = {{"precision", counts.precision()},
                                 {"recall", counts.recall()},
                                 {"f1", counts.f1()},
                                 {"gold", counts.gold},
                                 {"touched", scores->overlapping},
                                 {"recall_at_precision", scores->recall_at_precision},
                                 {"precision_at_recall", scores->precision_at_recall}};
  for (const auto& [type, of_type] : scores->by_type) {
    json["types"][std::string(IdOf(type))] = {{"precision", of_type.precision()},
                                              {"recall", of_type.recall()},
                                              {"f1", of_type.f1()},
                                              {"gold", of_type.gold}};
    events->Scalar(absl::StrCat("dev_f1/", AbslView(IdOf(type))), step, of_type.f1());
  }
  result.json = json.dump();
  events->Scalar("dev/precision", step, counts.precision());
  events->Scalar("dev/recall", step, counts.recall());
  events->Scalar("dev/f1", step, counts.f1());
  events->PrCurve("dev/pr", step, scores->curve, counts.gold);
  return result;
}

}  // namespace

std::unique_ptr<LearningTask> MakeTaggingTask(const TrainingConfig& config) {
  return std::make_unique<TaggingTask>(config);
}

}  // namespace privet
