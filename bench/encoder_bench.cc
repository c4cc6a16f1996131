// Measures the encoder in tokens per second, on one thread and on all, in fp32 and int8, and how near it
// comes to the machine's own rate of matrix products measured in the same run. Weights are random, in the
// shapes of a 10-million-parameter model and of Qwen3-0.6B; sequences have the lengths of a mix of lines.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_int_mm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "qwen3/encoder.h"
#include "qwen3/kernels/int8_gemm.h"
#include "qwen3/linear.h"
#include "qwen3/safetensors.h"
#include "timing.h"

namespace privet::bench {
namespace {

struct Shape {
  const char* name;
  int64_t hidden, layers, heads, kv_heads, head_dim, intermediate;
  int rounds;  // of kLengths in a batch
};
constexpr Shape kShapes[] = {{"10M", 384, 6, 6, 6, 64, 1024, 1}, {"0.6B", 1024, 28, 16, 8, 128, 3072, 1}};
constexpr int32_t kLengths[] = {12, 18, 25, 33, 42, 54, 70, 95, 140, 250};
constexpr int64_t kVocabulary = 4096;  // rows of the embedding cost nothing, but space on the disk

// Floating-point operations for one token: two for every weight of a linear layer, and attention within its
// sequence.
double OperationsPerToken(const Shape& shape, double mean_context) {
  const auto projections =
      static_cast<double>(shape.hidden * shape.head_dim * 2 * (shape.heads + shape.kv_heads) +
                          3 * shape.hidden * shape.intermediate);
  const double attention = 2.0 * static_cast<double>(shape.heads * shape.head_dim) * mean_context;
  return 2.0 * static_cast<double>(shape.layers) * (projections + attention);
}

// A Hugging Face folder with random weights; deleted with the object.
class RandomCheckpoint {
 public:
  explicit RandomCheckpoint(const Shape& shape) {
    std::string pattern = (std::filesystem::temp_directory_path() / "privet-bench-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    const nlohmann::json config = {{"hidden_size", shape.hidden},
                                   {"num_hidden_layers", shape.layers},
                                   {"num_attention_heads", shape.heads},
                                   {"num_key_value_heads", shape.kv_heads},
                                   {"head_dim", shape.head_dim},
                                   {"intermediate_size", shape.intermediate},
                                   {"vocab_size", kVocabulary},
                                   {"is_causal", false},
                                   {"rope_theta", 1000000.0}};
    std::ofstream(folder_ / "config.json") << config;
    Add("embed_tokens.weight", {kVocabulary, shape.hidden});
    Add("norm.weight", {shape.hidden});
    for (int64_t i = 0; i < shape.layers; ++i) {
      const std::string layer = "layers." + std::to_string(i) + ".";
      Add(layer + "input_layernorm.weight", {shape.hidden});
      Add(layer + "post_attention_layernorm.weight", {shape.hidden});
      Add(layer + "self_attn.q_norm.weight", {shape.head_dim});
      Add(layer + "self_attn.k_norm.weight", {shape.head_dim});
      Add(layer + "self_attn.q_proj.weight", {shape.heads * shape.head_dim, shape.hidden});
      Add(layer + "self_attn.k_proj.weight", {shape.kv_heads * shape.head_dim, shape.hidden});
      Add(layer + "self_attn.v_proj.weight", {shape.kv_heads * shape.head_dim, shape.hidden});
      Add(layer + "self_attn.o_proj.weight", {shape.hidden, shape.heads * shape.head_dim});
      Add(layer + "mlp.gate_proj.weight", {shape.intermediate, shape.hidden});
      Add(layer + "mlp.up_proj.weight", {shape.intermediate, shape.hidden});
      Add(layer + "mlp.down_proj.weight", {shape.hidden, shape.intermediate});
    }
    status_ = WriteSafetensors(folder_ / "model.safetensors", tensors_);
    values_.clear();
  }
  ~RandomCheckpoint() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  RandomCheckpoint(const RandomCheckpoint&) = delete;
  RandomCheckpoint& operator=(const RandomCheckpoint&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  const absl::Status& status() const { return status_; }

 private:
  void Add(const std::string& name, std::vector<int64_t> shape) {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    std::vector<float>& values = values_.emplace_back(static_cast<size_t>(count));
    // The variance that keeps activations of the size of their inputs.
    const float scale = std::sqrt(12.0F / static_cast<float>(shape.back()));
    for (float& value : values) {
      const float uniform = static_cast<float>(random_() - std::minstd_rand::min()) /
                                static_cast<float>(std::minstd_rand::max()) -
                            0.5F;
      value = shape.size() == 1 ? 1.0F : uniform * scale;
    }
    tensors_.push_back({name, std::move(shape), values.data()});
  }

  std::filesystem::path folder_;
  std::minstd_rand random_{1};
  std::vector<std::vector<float>> values_;
  std::vector<FloatTensor> tensors_;
  absl::Status status_;
};

PackedTokens Batch(int rounds) {
  std::minstd_rand random(2);
  PackedTokens packed;
  for (int i = 0; i < rounds; ++i) {
    for (const int32_t length : kLengths) {
      for (int32_t k = 0; k < length; ++k) packed.ids.push_back(static_cast<int32_t>(random() % kVocabulary));
      packed.offsets.push_back(static_cast<int32_t>(packed.ids.size()));
    }
  }
  return packed;
}

double MeanContext() {
  double tokens = 0;
  double pairs = 0;
  for (const int32_t length : kLengths) {
    tokens += length;
    pairs += static_cast<double>(length) * length;
  }
  return pairs / tokens;
}

// Seconds of the quickest run: CPU time of the one thread, or the clock where several work.
double BestSeconds(int threads, int runs, const std::function<void()>& work) {
  if (threads == 1) return TimeRuns(runs, work).min;
  return TimeRunsByClock(runs, work).min;
}

// GFLOP/s, by Precision.
using GemmRates = std::array<double, kPrecisionNames.size()>;

GemmRates MeasureGemm(int threads, int runs) {
  const int64_t rows = 512;
  const int64_t depth = 1024;
  const int64_t columns = 4096;
  const double operations = 2.0 * static_cast<double>(rows * depth * columns) / 1e9;
  const at::Tensor x = at::randn({rows, depth});
  const at::Tensor w = at::randn({columns, depth});
  const Linear int8 = Linear::Int8(w).value();
  const at::Tensor xq = at::randint(-127, 128, {rows, depth}, at::kChar);
  const at::Tensor wq = at::randint(-127, 128, {columns, depth}, at::kChar).t();
  GemmRates rates;
  const auto rate = [&](Precision precision) -> double& { return rates[static_cast<size_t>(precision)]; };
  const at::Tensor x16 = x.to(at::kBFloat16);
  const at::Tensor w16 = w.to(at::kBFloat16);
  rate(Precision::Fp32) = operations / BestSeconds(threads, runs, [&] { at::linear(x, w); });
  rate(Precision::Bf16) = operations / BestSeconds(threads, runs, [&] { at::linear(x16, w16); });
  const double ours = operations / BestSeconds(threads, runs, [&] { int8.Forward(x); });
  const double theirs = operations / BestSeconds(threads, 1, [&] { at::_int_mm(xq, wq); });
  rate(Precision::Int8) = std::max(ours, theirs);  // the better of libtorch's int8 product and ours
  return rates;
}

struct LogitDifference {
  double mean = 0;
  double largest = 0;
  double same_label = 0;  // share of tokens
};

LogitDifference CompareLogits(const Encoder& fp32, const Encoder& other, const PackedTokens& batch) {
  const at::Tensor head = at::randn({9, fp32.config().hidden_size}) *
                          (1.0 / std::sqrt(static_cast<double>(fp32.config().hidden_size)));
  const at::Tensor a = at::linear(*fp32.Forward(batch), head);
  const at::Tensor b = at::linear(*other.Forward(batch), head);
  const at::Tensor difference = (a - b).abs();
  return {difference.mean().item<double>(), difference.max().item<double>(),
          a.argmax(1).eq(b.argmax(1)).to(at::kFloat).mean().item<double>()};
}

absl::StatusOr<nlohmann::json> MeasureShape(const Shape& shape, const std::vector<int>& thread_counts,
                                            int runs) {
  const RandomCheckpoint files(shape);
  if (!files.status().ok()) return files.status();
  const auto checkpoint = Checkpoint::Open({.folder = files.folder()});
  if (!checkpoint.ok()) return checkpoint.status();
  const PackedTokens batch = Batch(shape.rounds);
  const auto tokens = static_cast<double>(batch.ids.size());
  nlohmann::json result = {
      {"model", shape.name}, {"tokens", batch.ids.size()}, {"rates", nlohmann::json::array()}};
  std::vector<std::shared_ptr<const Encoder>> encoders;
  for (const Precision precision : {Precision::Fp32, Precision::Int8, Precision::Bf16}) {
    if (precision == Precision::Bf16 && !CpuHasBf16Tiles()) continue;
    const auto encoder = Encoder::Load(**checkpoint, {"cpu", precision});
    if (!encoder.ok()) return encoder.status();
    encoders.push_back(*encoder);
  }
  for (const int threads : thread_counts) {
    at::set_num_threads(threads);
    const GemmRates gemm = MeasureGemm(threads, 5);
    for (const auto& encoder : encoders) {
      absl::Status status;
      const double seconds =
          BestSeconds(threads, runs, [&] { status.Update(encoder->Forward(batch).status()); });
      if (!status.ok()) return status;
      const double rate = tokens / seconds;
      const double gflops = rate * OperationsPerToken(shape, MeanContext()) / 1e9;
      const double limit = gemm[static_cast<size_t>(encoder->precision())];
      result["rates"].push_back({{"threads", threads},
                                 {"precision", std::string(NameOf(encoder->precision()))},
                                 {"tokens_per_second", rate},
                                 {"gflops", gflops},
                                 {"gemm_gflops", limit},
                                 {"share_of_gemm", gflops / limit}});
    }
  }
  for (size_t i = 1; i < encoders.size(); ++i) {
    at::manual_seed(1);  // the same head for each
    const LogitDifference difference = CompareLogits(*encoders[0], *encoders[i], batch);
    result["logits"][std::string(NameOf(encoders[i]->precision()))] = {
        {"mean_difference", difference.mean},
        {"largest_difference", difference.largest},
        {"same_label", difference.same_label}};
  }
  return result;
}

void Print(const nlohmann::json& result) {
  std::printf("%s, %d tokens a batch; int8 by %s\n", result["model"].get<std::string>().c_str(),
              result["tokens"].get<int>(), BestInt8Kernel().name);
  std::printf("  threads  precision  tokens/s   GFLOP/s  GEMM GFLOP/s  share\n");
  for (const nlohmann::json& row : result["rates"]) {
    std::printf("  %7d  %-9s %9.0f %9.1f %13.1f  %4.0f %%\n", row["threads"].get<int>(),
                row["precision"].get<std::string>().c_str(), row["tokens_per_second"].get<double>(),
                row["gflops"].get<double>(), row["gemm_gflops"].get<double>(),
                100 * row["share_of_gemm"].get<double>());
  }
  for (const auto& [precision, difference] : result["logits"].items()) {
    std::printf(
        "  %s logits differ from fp32 by %.4f on average, %.4f at most; %.1f %% of tokens keep their label\n",
        precision.c_str(), difference["mean_difference"].get<double>(),
        difference["largest_difference"].get<double>(), 100 * difference["same_label"].get<double>());
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Tokens per second of the encoder, beside the machine's own matrix products");
  std::string model;
  std::vector<int> thread_counts = {1, static_cast<int>(std::thread::hardware_concurrency())};
  int runs = 3;
  bool json = false;
  app.add_option("--model", model, "10M or 0.6B; both when not given")->check(CLI::IsMember({"10M", "0.6B"}));
  app.add_option("--threads", thread_counts, "threads to measure with; one and all when not given")
      ->check(CLI::Range(1, 1024));
  app.add_option("--runs", runs, "timed runs, of which the quickest counts")->check(CLI::Range(1, 100));
  app.add_flag("--json", json, "one JSON object instead of a table");
  CLI11_PARSE(app, argc, argv);

  const at::NoGradGuard no_gradients;
  nlohmann::json all = {{"int8_kernel", BestInt8Kernel().name}, {"models", nlohmann::json::array()}};
  for (const Shape& shape : kShapes) {
    if (!model.empty() && model != shape.name) continue;
    const absl::StatusOr<nlohmann::json> result = MeasureShape(shape, thread_counts, runs);
    if (!result.ok()) {
      std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
      return 1;
    }
    if (!json) Print(*result);
    all["models"].push_back(*result);
  }
  if (json) std::printf("%s\n", all.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace privet::bench

int main(int argc, char** argv) { return privet::bench::Main(argc, argv); }
