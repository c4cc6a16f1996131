#include "training/learn/training_run.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/available_cores.h"
#include "training/data/sampler.h"
#ifdef PRIVET_CUDA
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>

#include "qwen3/ops.h"
#include "training/learn/captured_steps.h"
#endif
#include "training/learn/base_folder.h"
#include "training/learn/optimizer.h"
#include "training/learn/run_folder.h"
#include "training/learn/run_state.h"
#include "training/learn/schedule.h"
#include "training/learn/shared_run.h"
#include "training/learn/step_memory.h"
#include "training/learn/throughput.h"
#include "training/learn/trainable_model.h"

namespace privet {
namespace {

using Clock = std::chrono::steady_clock;
double SecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

class TrainingRun {
 public:
  // `processes` may be nullptr: this one is alone.
  TrainingRun(const TrainingConfig& config, const TrainOptions& options, const ProcessPlace& place,
              Processes* processes, std::unique_ptr<LearningTask> task)
      : config_(config), options_(options), place_(place), processes_(processes), task_(std::move(task)) {}

  absl::Status Prepare();
  absl::StatusOr<TrainResult> Go();

 private:
  void Say(const std::string& line) const {
    if (options_.say) options_.say(line);
  }
  bool AskedToStop() const { return options_.stop != nullptr && options_.stop->load(); }
  bool Stopped() const { return processes_ != nullptr ? stop_agreed_ : AskedToStop(); }
  absl::Status Resume();
  absl::Status Share();
  NamedTensors State();
  std::vector<Batch> NextStep();
  absl::StatusOr<double> LearnStep(const std::vector<Batch>& batches, double learning_rate);
  absl::StatusOr<double> TakeStep(const std::vector<Batch>& batches, double weight, double learning_rate);
  void SeedStep(size_t batch) const;
#ifdef PRIVET_CUDA
  bool CanCapture() const;
  at::Tensor StepOnDevice(const StepInput& input);
  absl::StatusOr<double> TakeCapturedStep(const std::vector<Batch>& batches, double weight,
                                          double learning_rate);
#endif
  absl::Status Evaluate();
  absl::Status Finish();
  absl::Status SaveModel(const char* name) const {
    return folder_ ? folder_->SaveModel(name, *model_, tokenizer_folder_) : absl::OkStatus();
  }
  void SwapAverage();
  void UpdateAverage();
  void LogStep(double loss, double learning_rate, double seconds, int64_t tokens);
  void LogMemory(const StepMeter& meter);

  TrainingConfig config_;
  TrainOptions options_;
  ProcessPlace place_;
  Processes* processes_;
#ifdef PRIVET_CUDA
  std::unique_ptr<CapturedSteps> captured_;  // where steps can be
#endif
  at::Tensor summed_gradients_;      // of all processes
  bool stop_agreed_ = false;         // all have heard that one was asked to stop
  std::optional<RunFolder> folder_;  // of the first process
  std::filesystem::path tokenizer_folder_;
  std::unique_ptr<LearningTask> task_;
  std::unique_ptr<TrainableModel> model_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Sampler> sampler_;
  std::vector<at::Tensor> average_;  // by parameter; empty without ema
  RunProgress progress_;
  StepMemory memory_;
  double peak_ = 0;
  double gradient_norm_ = 0;
};

absl::Status TrainingRun::Prepare() {
  const int threads = config_.threads > 0 ? static_cast<int>(config_.threads)
                                          : std::max(1, AvailableCores() / place_.local_count);
  at::set_num_threads(threads);

  if (place_.leads() && !options_.restart) {
    if (absl::Status status = RunFolder::CheckGoesOn(config_); !status.ok()) return status;
  }
  if (absl::Status status = CheckBaseFolder(config_); !status.ok()) return status;
  tokenizer_folder_ = config_.base_tokenizer.empty() ? config_.base_folder : config_.base_tokenizer;
  const auto tokenizer = Tokenizer::Load(tokenizer_folder_);
  if (!tokenizer.ok()) return tokenizer.status();
  // Of several processes all stop after the same step, and none while the others wait for it to read.
  absl::Status loaded = task_->Load(
      *tokenizer, [this](const std::string& line) { Say(line); },
      processes_ == nullptr ? options_.stop : nullptr);
  if (!loaded.ok()) return loaded;
  if (processes_ != nullptr) {
    absl::Status same = CheckSameRun(config_, task_->Fingerprint(), processes_);
    if (!same.ok()) return same;
  }

  at::manual_seed(MixSeeds(static_cast<uint64_t>(config_.seed), 1));
  auto model = task_->CreateModel(static_cast<int64_t>((*tokenizer)->vocabulary_size()), place_.local_rank);
  if (!model.ok()) return model.status();
  model_ = *std::move(model);
  optimizer_ = std::make_unique<Optimizer>(config_, &model_->parameters());
  sampler_ = std::make_unique<Sampler>(static_cast<uint64_t>(config_.seed), task_->Sources());
  if (config_.ema > 0) {
    for (const Parameter& parameter : model_->parameters())
      average_.push_back(parameter.value.detach().clone());
  }

  // Only now: a run that cannot begin leaves an earlier one in its folder as it was.
  if (place_.leads()) {
    auto folder = RunFolder::Open(config_, options_.restart);
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
  }

  if (absl::Status status = Resume(); !status.ok()) return status;
  peak_ = MeasurePeak(model_->device(), config_.precision);
  Say(absl::StrFormat(
      "model: %.1fM parameters, %.2fM of them learn (%.1f %%); %s, %d threads, matrix products reach %.0f "
      "GFLOP/s",
      1e-6 * static_cast<double>(model_->total_count()), 1e-6 * static_cast<double>(model_->trained_count()),
      100.0 * static_cast<double>(model_->trained_count()) / static_cast<double>(model_->total_count()),
      model_->device().str(), threads, 1e-9 * peak_));
  if (model_->dropped_labels() + model_->new_labels() > 0 && progress_.step == 0) {
    Say(absl::StrFormat(
        "model: %d labels of the base's head are none of this run's and go, %d of this run's begin "
        "at random; with the base's types in data.types its head would go on as it is",
        model_->dropped_labels(), model_->new_labels()));
  }
  bool captures = false;
#ifdef PRIVET_CUDA
  captures = CanCapture();
  if (captures) {
    captured_ =
        std::make_unique<CapturedSteps>([this](const StepInput& input) { return StepOnDevice(input); });
    Say("steps: captured in CUDA graphs from the third of each shape on");
  }
#endif
  if (config_.cuda_graphs && !captures) {
    Say("steps: not captured; compute.cuda_graphs is for taggers over tokens on one CUDA device, in bf16 "
        "with "
        "AdamW and without gradient_checkpointing");
  }
  memory_ = PlannedMemory(*model_, optimizer_->moment_bytes(), !average_.empty(), processes_ != nullptr);
  Say("memory: " + DescribePlanned(memory_));
  return absl::OkStatus();
}

absl::Status TrainingRun::Resume() {
  absl::StatusOr<std::optional<RunProgress>> progress = std::nullopt;
  if (folder_) {
    progress = LoadNewestCheckpoint(folder_->path(), State(), [this](const std::string& line) { Say(line); });
  }
  if (!progress.ok()) return progress.status();
  if (folder_ && progress->has_value()) {
    const std::string folder = folder_->path().string();
    progress_ = **std::move(progress);
    if (progress_.positions.size() != sampler_->positions().size()) {
      return absl::FailedPreconditionError(
          absl::StrCat(folder, ": holds a run of other sources; use --restart"));
    }
    if (progress_.data != task_->Fingerprint()) {
      Say(absl::StrCat("warning: data.train is not what it was at step ", progress_.step,
                       "; the run goes on with what is there now"));
    }
    sampler_->Restore(progress_.positions);
    Say(absl::StrCat("going on after step ", progress_.step, " of ", config_.steps));
  }
  if (processes_ != nullptr) {
    if (absl::Status status = Share(); !status.ok()) return status;
    if (absl::Status status = ShareTensors(State(), processes_); !status.ok()) return status;
    sampler_->Restore(progress_.positions);
    Say(absl::StrFormat(
        "processes: %d, in turn each computes one of a step's %d batches; they add up over %s", place_.count,
        config_.accumulate, processes_->over_nccl() ? "NCCL" : "Gloo"));
  }
  optimizer_->set_steps(progress_.step);
  return absl::OkStatus();
}

// All others learn how far the first one is.
absl::Status TrainingRun::Share() {
  if (processes_ == nullptr) return absl::OkStatus();
  progress_.positions = sampler_->positions();
  return ShareProgress(&progress_, processes_);
}

NamedTensors TrainingRun::State() {
  NamedTensors state;
  std::vector<Parameter>& parameters = model_->parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    state.emplace_back("parameter." + parameters[i].name, parameters[i].value);
    state.emplace_back("first." + parameters[i].name, optimizer_->first()[i]);
    if (optimizer_->second()[i].defined())
      state.emplace_back("second." + parameters[i].name, optimizer_->second()[i]);
    if (!average_.empty()) state.emplace_back("average." + parameters[i].name, average_[i]);
  }
  return state;
}

std::vector<Batch> TrainingRun::NextStep() {
  std::vector<Batch> batches;
  for (int64_t i = 0; i < config_.accumulate; ++i) {
    const uint64_t seed = MixSeeds(static_cast<uint64_t>(config_.seed),
                                   2 + static_cast<uint64_t>(progress_.step), static_cast<uint64_t>(i));
    batches.push_back(task_->MakeBatch(sampler_->NextBatch(config_.batch_tokens), seed));
  }
  return batches;
}

// What is drawn at random depends on seed, step and batch alone: not on what was computed before.
void TrainingRun::SeedStep(size_t batch) const {
  at::manual_seed(MixSeeds(static_cast<uint64_t>(config_.seed),
                           MixSeeds(3, static_cast<uint64_t>(progress_.step)), batch));
}

// The loss. What computes on a device is only read when all of the step has been handed to it.
absl::StatusOr<double> TrainingRun::TakeStep(const std::vector<Batch>& batches, double weight,
                                             double learning_rate) {
  std::vector<at::Tensor> losses;
  for (size_t i = 0; i < batches.size(); ++i) {
    if (!place_.Computes(i)) continue;
    SeedStep(i);
    const at::Tensor loss = task_->SummedLoss(batches[i], model_.get()) / weight;
    losses.push_back(loss.detach());
    loss.backward();
  }
  const auto sum_of_losses = [&losses] {
    double sum = 0;
    for (const at::Tensor& loss : losses) sum += loss.item<double>();
    return sum;
  };
  double sum = 0;
  if (processes_ != nullptr) {
    StepSums sums = {sum_of_losses(), AskedToStop()};
    absl::Status status = SumStep(&model_->parameters(), &sums, &summed_gradients_, processes_);
    if (!status.ok()) return status;
    sum = sums.loss;
    stop_agreed_ = sums.stop;
  }
  optimizer_->Step(learning_rate);
  return processes_ == nullptr ? sum_of_losses() : sum;
}

#ifdef PRIVET_CUDA
// One process, AdamW, and attention that knows sequences by what is on the device: all else asks the host
// something in the middle of a step.
bool TrainingRun::CanCapture() const {
  return config_.cuda_graphs && model_->device().is_cuda() && processes_ == nullptr &&
         task_->has_fixed_inputs() && config_.optimizer == "adamw" && !config_.gradient_checkpointing &&
         model_->AttendsAtOnce();
}

at::Tensor TrainingRun::StepOnDevice(const StepInput& input) {
  at::Tensor sum = at::zeros({}, input.weight.options());
  for (const BatchInput& batch : input.batches) {
    const at::Tensor loss = task_->SummedLoss(batch, model_.get()) / input.weight;
    sum = sum + loss.detach();
    loss.backward();
  }
  optimizer_->Apply();
  return sum;
}

absl::StatusOr<double> TrainingRun::TakeCapturedStep(const std::vector<Batch>& batches, double weight,
                                                     double learning_rate) try {
  StepInput input;
  for (const Batch& batch : batches) {
    std::optional<BatchInput> fixed = task_->FixedInput(batch, *model_);
    if (!fixed.has_value()) return TakeStep(batches, weight, learning_rate);
    input.batches.push_back(*std::move(fixed));
  }
  input.weight = ToDevice(at::scalar_tensor(weight, at::kDouble), model_->device());
  SeedStep(0);
  optimizer_->Begin(learning_rate);
  return captured_->Run(input).item<double>();
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat("step ", progress_.step + 1, ": ", error.what_without_backtrace(),
                                          "; with compute.cuda_graphs: false it may run"));
}
#endif

absl::StatusOr<double> TrainingRun::LearnStep(const std::vector<Batch>& batches, double learning_rate) {
  double weight = 0;
  for (const Batch& batch : batches) weight += task_->Weight(batch);
#ifdef PRIVET_CUDA
  const absl::StatusOr<double> loss = captured_ != nullptr ? TakeCapturedStep(batches, weight, learning_rate)
                                                           : TakeStep(batches, weight, learning_rate);
#else
  const absl::StatusOr<double> loss = TakeStep(batches, weight, learning_rate);
#endif
  if (!loss.ok()) return loss.status();
  gradient_norm_ = optimizer_->GradientNorm();
  if (std::isfinite(*loss) && std::isfinite(gradient_norm_)) return *loss;
  std::string records;
  for (const Batch& batch : batches) {
    for (size_t i = 0; i < std::min<size_t>(batch.draws.size(), 8); ++i)
      absl::StrAppend(&records, i == 0 ? "" : ", ", task_->OriginOf(batch.draws[i]));
  }
  return absl::InternalError(
      absl::StrCat("step ", progress_.step + 1, ": the ", std::isfinite(*loss) ? "gradient" : "loss",
                   " is not finite; lower optimizer.learning_rate or raise schedule.warmup_share. "
                   "The step's first records: ",
                   records));
}

// The decay warms up: from the start on at its height, it would keep much of the first weights, which no
// evaluation should be about, for 1 / (1 - ema) steps (TensorFlow's ExponentialMovingAverage, num_updates).
void TrainingRun::UpdateAverage() {
  const at::NoGradGuard no_gradients;
  const auto step = static_cast<double>(progress_.step);
  const double decay = std::min(config_.ema, (1 + step) / (10 + step));
  for (size_t i = 0; i < average_.size(); ++i) {
    average_[i].mul_(decay).add_(model_->parameters()[i].value, 1 - decay);
  }
}

// Puts the averaged weights in the place of the others, and back.
void TrainingRun::SwapAverage() {
  const at::NoGradGuard no_gradients;
  for (size_t i = 0; i < average_.size(); ++i) {
    const at::Tensor value = model_->parameters()[i].value.detach();
    const at::Tensor before = value.clone();
    value.copy_(average_[i]);
    average_[i].copy_(before);
  }
}

absl::Status TrainingRun::Evaluate() {
  if (!task_->has_dev() || !folder_) return absl::OkStatus();
  const auto begin = Clock::now();
  const auto result = task_->Judge(progress_.step, model_.get(), folder_->events());
  if (!result.ok()) return result.status();
  const bool better = std::pair(result->metric, result->tie_break) >
                      std::pair(progress_.best_metric, progress_.best_tie_break);
  Say(absl::StrFormat("step %d: dev %s%s; %.1f s", progress_.step, result->summary,
                      better ? "; best so far" : "", SecondsSince(begin)));
  folder_->Log(absl::StrCat("{\"step\":", progress_.step, ",\"dev\":", result->json, "}"));
  if (!better) {
    // A metric of 0 says that the aim is not reached yet, not that no more can be learned.
    if (result->metric > 0) ++progress_.evaluations_without_better;
    return absl::OkStatus();
  }
  progress_.best_metric = result->metric;
  progress_.best_tie_break = result->tie_break;
  progress_.best_step = progress_.step;
  progress_.evaluations_without_better = 0;
  return SaveModel("best");
}

// What a run makes once it has taken its last step, and its checkpoint is saved.
absl::Status TrainingRun::Finish() {
  if (!folder_) return absl::OkStatus();
  const std::filesystem::path folder = folder_->path();
  SwapAverage();
  // Who finds last/ finds best/.
  absl::Status status = task_->has_dev() ? absl::OkStatus() : SaveModel("best");
  if (status.ok()) status = SaveModel("last");
  SwapAverage();
  if (!status.ok()) return status;
  progress_.finished = true;
  return UpdateCheckpoint(folder, progress_);
}

void TrainingRun::LogStep(double loss, double learning_rate, double seconds, int64_t tokens) {
  if (!folder_) return;
  const std::pair<const char*, double> values[] = {
      {"loss", loss},
      {"learning_rate", learning_rate},
      {"gradient_norm", gradient_norm_},
      {"tokens_per_second", static_cast<double>(tokens) / seconds}};
  nlohmann::ordered_json line = {{"step", progress_.step}};
  for (const auto& [name, value] : values) {
    line[name] = value;
    folder_->events()->Scalar(absl::StrCat("train/", name), progress_.step, value);
  }
  folder_->Log(line.dump());
}

void TrainingRun::LogMemory(const StepMeter& meter) {
  meter.Measure(&memory_);
  Say("memory: " + DescribeMeasured(memory_));
  if (folder_)
    folder_->Log(absl::StrCat("{\"step\":", progress_.step, ",\"memory\":", MemoryJson(memory_), "}"));
}

absl::StatusOr<TrainResult> TrainingRun::Go() {
  TrainResult result;
  const auto begin = Clock::now();
  const int64_t first = progress_.step;
  int64_t tokens_done = 0;
  double smooth_loss = 0;
  const double peak_tokens_per_second =
      peak_ * place_.count / OperationsPerToken(model_->config(), model_->parameters());
  int64_t evaluated_at = -1;
  const auto due = [&](int64_t every) { return every > 0 && progress_.step % every == 0; };
  const auto evaluate = [&]() -> absl::Status {
    if (evaluated_at == progress_.step) return absl::OkStatus();
    evaluated_at = progress_.step;
    if (folder_) {
      SwapAverage();
      absl::Status status = Evaluate();
      SwapAverage();
      if (!status.ok()) return status;
    }
    return Share();
  };
  const auto save = [&]() -> absl::Status {
    if (!folder_) return absl::OkStatus();
    progress_.positions = sampler_->positions();
    progress_.data = task_->Fingerprint();
    return SaveCheckpoint(folder_->path(), progress_, State(), config_.keep_checkpoints);
  };
  bool saved = first > 0;  // in the checkpoint that it goes on from
  const StepMeter meter(model_->device());
  const auto out_of_patience = [&] {
    return config_.patience > 0 && progress_.evaluations_without_better >= config_.patience;
  };
  while (progress_.step < config_.steps && !Stopped() && !out_of_patience()) {
    const auto step_begin = Clock::now();
    const double learning_rate = config_.learning_rate * LearningRateShare(config_, progress_.step);
    const std::vector<Batch> batches = NextStep();
    const absl::StatusOr<double> loss = LearnStep(batches, learning_rate);
    if (!loss.ok()) return loss.status();
    UpdateAverage();
    ++progress_.step;
    progress_.finished = saved = false;
    if (progress_.step == first + 1) LogMemory(meter);
    int64_t tokens = 0;
    for (const Batch& batch : batches) tokens += static_cast<int64_t>(batch.tokens.ids.size());
    tokens_done += tokens;
    smooth_loss = progress_.step == first + 1 ? *loss : 0.95 * smooth_loss + 0.05 * *loss;
    result.last_loss = *loss;
    LogStep(*loss, learning_rate, SecondsSince(step_begin), tokens);
    if (options_.progress) {
      options_.progress(ProgressLine({.step = progress_.step,
                                      .steps = config_.steps,
                                      .done = progress_.step - first,
                                      .tokens = tokens_done,
                                      .seconds = SecondsSince(begin),
                                      .loss = smooth_loss,
                                      .learning_rate = learning_rate,
                                      .peak_tokens_per_second = peak_tokens_per_second}));
    }
    if (due(config_.evaluate_every)) {
      if (absl::Status status = evaluate(); !status.ok()) return status;
    }
    if (due(config_.checkpoint_every)) {
      if (absl::Status status = save(); !status.ok()) return status;
      saved = true;
    }
  }
  if (out_of_patience())
    Say(absl::StrCat("no better result in ", config_.patience, " evaluations: training ends"));
  if (!saved) {
    if (absl::Status status = save(); !status.ok()) return status;
  }
  result.interrupted = Stopped() && progress_.step < config_.steps && !progress_.finished;
  if (!result.interrupted && !progress_.finished) {
    if (absl::Status status = evaluate(); !status.ok()) return status;
    if (absl::Status status = Finish(); !status.ok()) return status;
  }
  // The others end when all is saved, or with the reason why it is not.
  if (absl::Status status = Share(); !status.ok()) return status;
  result.steps = progress_.step;
  result.best_metric = progress_.best_metric;
  result.best_step = progress_.best_step;
  result.tokens_per_second = static_cast<double>(tokens_done) / std::max(1e-9, SecondsSince(begin));
  return result;
}

}  // namespace

absl::StatusOr<TrainResult> RunTraining(const TrainingConfig& config, const TrainOptions& options,
                                        const ProcessPlace& place, Processes* processes,
                                        std::unique_ptr<LearningTask> task) {
  TrainingRun run(config, options, place, processes, std::move(task));
  if (absl::Status status = run.Prepare(); !status.ok()) return status;
  return run.Go();
}

}  // namespace privet
