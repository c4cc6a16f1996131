// Measures what a device does with models of Qwen3's shapes: tokens per second of the encoder, and of LoRA
// steps of the trainer, each beside the rate of large matrix products measured in the same run. Weights are
// random, and sequences have the lengths of a mix of lines.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <c10/util/Exception.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "qwen3/encoder.h"
#include "training/learn/optimizer.h"
#include "training/learn/trainable_model.h"

namespace privet::bench {
namespace {

constexpr int32_t kLengths[] = {12, 18, 25, 33, 42, 54, 70, 95, 140, 250};
constexpr int64_t kVocabulary = 4096;  // embeddings are looked up, which costs nothing
constexpr int64_t kLabels = 41;

// The shapes of a model, and how it learns.
TrainingConfig ConfigOf(const std::string& model, const std::string& device, const std::string& precision) {
  TrainingConfig config;
  const bool small = model == "10M";
  config.base_hidden_size = small ? 384 : 1024;
  config.base_layers = small ? 6 : 28;
  config.base_heads = small ? 6 : 16;
  config.base_kv_heads = small ? 6 : 8;
  config.base_head_dim = small ? 64 : 128;
  config.base_intermediate_size = small ? 1024 : 3072;
  config.method = "lora";
  config.adapter_rank = 16;
  config.device = device;
  config.precision = precision;
  return config;
}

// Weights of the layers' matrices: each costs a token two operations forth, and two back.
double MatrixWeights(const TrainingConfig& c) {
  const int64_t layer = c.base_hidden_size * c.base_head_dim * 2 * (c.base_heads + c.base_kv_heads) +
                        3 * c.base_hidden_size * c.base_intermediate_size;
  return static_cast<double>(layer * c.base_layers);
}

// At least so many tokens.
PackedTokens Batch(int64_t tokens) {
  std::minstd_rand random(2);
  PackedTokens packed;
  for (size_t i = 0; std::ssize(packed.ids) < tokens; ++i) {
    for (int32_t k = 0; k < kLengths[i % std::size(kLengths)]; ++k)
      packed.ids.push_back(static_cast<int32_t>(random() % kVocabulary));
    packed.offsets.push_back(static_cast<int32_t>(packed.ids.size()));
  }
  return packed;
}

// Of the quickest run, after one that does not count. `work` gives a tensor that is ready when all is.
double BestSeconds(int runs, const std::function<at::Tensor()>& work) {
  double best = 0;
  for (int i = 0; i <= runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work().flatten()[0].item<float>();  // waits for a device that runs ahead
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (i == 1 || (i > 1 && seconds < best)) best = seconds;
  }
  return best;
}

// Operations a second of products of matrices with so many rows and columns.
double MatrixPeak(const at::Device& device, at::ScalarType type, int64_t size, int runs) {
  const at::Tensor a = at::randn({size, size}, at::TensorOptions(device)).to(type);
  const at::Tensor b = at::randn({size, size}, at::TensorOptions(device)).to(type);
  const auto edge = static_cast<double>(size);
  return 2 * edge * edge * edge / BestSeconds(runs, [&] { return at::mm(a, b); });
}

void PrintRow(const char* what, const std::string& precision, double tokens, double seconds,
              double operations, double peak) {
  const double rate = tokens / seconds;
  std::printf("%-16s %-9s %11.0f %10.1f %9.2f %8.1f %%\n", what, precision.c_str(), rate, 1000 * seconds,
              1e-12 * rate * operations, 100 * rate * operations / peak);
  std::fflush(stdout);
}

// The encoder reads the model from a folder that is gone in the end.
absl::Status MeasureEncoder(const std::vector<std::string>& labels, const TrainingConfig& config,
                            int64_t tokens, double peak, int runs) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("privet-bench-" + std::to_string(getpid()));
  const auto measure = [&]() -> absl::Status {
    TrainingConfig whole = config;
    whole.method = "full";
    const auto model = TrainableModel::Create(whole, labels, kVocabulary);
    if (!model.ok()) return model.status();
    if (absl::Status status = (*model)->Save(folder); !status.ok()) return status;
    const auto checkpoint = Checkpoint::Open({.folder = folder});
    if (!checkpoint.ok()) return checkpoint.status();
    const Precision precision = config.precision == "bf16" ? Precision::Bf16 : Precision::Fp32;
    const auto encoder = Encoder::Load(**checkpoint, {config.device, precision});
    if (!encoder.ok()) return encoder.status();
    const PackedTokens batch = Batch(tokens);
    absl::Status status;
    const double seconds = BestSeconds(runs, [&] {
      auto hidden = (*encoder)->Forward(batch);
      status.Update(hidden.status());
      return hidden.ok() ? *hidden : at::randn({1});
    });
    if (status.ok()) {
      PrintRow("encoder", config.precision, static_cast<double>(batch.ids.size()), seconds,
               2 * MatrixWeights(config), peak);
    }
    return status;
  };
  absl::Status status = measure();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return status;
}

void MeasureTrainer(TrainableModel* model, const TrainingConfig& config, int64_t tokens, double peak,
                    int runs) {
  const PackedTokens batch = Batch(tokens);
  const auto count = static_cast<int64_t>(batch.ids.size());
  const at::Tensor labels = at::randint(kLabels, {count}, at::kLong).to(model->device());
  Optimizer optimizer(config, &model->parameters());
  const double seconds = BestSeconds(runs, [&] {
    const at::Tensor loss = at::cross_entropy_loss(model->Forward(batch, /*training=*/true), labels);
    loss.backward();
    optimizer.Step(1e-4);
    return model->parameters().back().value.detach();
  });
  PrintRow("trainer, LoRA 16", config.precision, static_cast<double>(count), seconds,
           4 * MatrixWeights(config), peak);
}

absl::Status Measure(const std::string& name, const std::string& device, int64_t tokens, int runs) {
  const std::vector<std::string> labels = [] {
    std::vector<std::string> names;
    names.reserve(kLabels);
    for (int64_t i = 0; i < kLabels; ++i) names.push_back(absl::StrCat("L", i));
    return names;
  }();
  std::printf(
      "%s, from random weights, on %s; %d tokens a step of the trainer, 4 times that in the encoder\n",
      name.c_str(), device.c_str(), static_cast<int>(tokens));
  std::printf("%-16s %-9s %11s %10s %9s %10s\n", "", "", "tokens/s", "ms", "TFLOP/s", "of peak");
  for (const std::string precision : {"bf16", "fp32"}) {
    const TrainingConfig config = ConfigOf(name, device, precision);
    auto model = TrainableModel::Create(config, labels, kVocabulary);
    if (!model.ok()) return model.status();
    const at::Device& place = (*model)->device();
    const double peak = MatrixPeak(place, precision == "bf16" ? at::kBFloat16 : at::kFloat,
                                   place.is_cpu() ? 1024 : 8192, runs);
    std::printf("%-16s %-9s %11s %10s %9.2f\n", "matrix products", precision.c_str(), "", "", 1e-12 * peak);
    if (absl::Status status = MeasureEncoder(labels, config, 4 * tokens, peak, runs); !status.ok())
      return status;
    MeasureTrainer(model->get(), config, tokens, peak, runs);
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Tokens per second of encoder and trainer on a device, beside its matrix products");
  std::string device = "cuda";
  std::string model = "0.6B";
  int64_t tokens = 4096;
  int runs = 5;
  app.add_option("--device", device, "cuda or cpu")->check(CLI::IsMember({"cuda", "cpu"}));
  app.add_option("--model", model, "10M or 0.6B, by shape")->check(CLI::IsMember({"10M", "0.6B"}));
  app.add_option("--tokens", tokens, "tokens of a training step")->check(CLI::Range(1, 1 << 20));
  app.add_option("--runs", runs, "timed runs, of which the quickest counts")->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  try {
    const absl::Status status = Measure(model, device, tokens, runs);
    if (status.ok()) return 0;
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
  } catch (const c10::Error& error) {
    std::fprintf(stderr, "%s\n", error.what_without_backtrace());
  }
  return 1;
}

}  // namespace
}  // namespace privet::bench

int main(int argc, char** argv) { return privet::bench::Main(argc, argv); }
