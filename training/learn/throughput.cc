#include "training/learn/throughput.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace privet {
namespace {

std::string Duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  if (whole >= 3600) return absl::StrFormat("%d h %02d min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return absl::StrFormat("%d min %02d s", whole / 60, whole % 60);
  return absl::StrCat(whole, " s");
}

}  // namespace

double MeasurePeak(const at::Device& device, const std::string& precision) {
  using Clock = std::chrono::steady_clock;
  const at::NoGradGuard no_gradients;
  const at::Tensor a =
      at::randn({1024, 1024}, at::TensorOptions(device)).to(precision == "bf16" ? at::kBFloat16 : at::kFloat);
  double best = 0;
  for (int i = 0; i < 4; ++i) {
    const auto begin = Clock::now();
    const at::Tensor product = at::mm(a, a);
    product[0][0].item<float>();  // waits for a device that runs ahead
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    best = std::max(best, 2.0 * 1024 * 1024 * 1024 / seconds);
  }
  return best;
}

double OperationsPerToken(const Qwen3Config& config, const std::vector<Parameter>& parameters) {
  const Qwen3Config& c = config;
  const auto matrices = static_cast<double>(
      c.layers * (c.hidden_size * (c.heads + 2 * c.kv_heads) * c.head_dim +
                  c.hidden_size * c.heads * c.head_dim + 3 * c.hidden_size * c.intermediate_size));
  double learning = 0;
  for (const Parameter& parameter : parameters) {
    if (parameter.value.dim() == 2 && parameter.name != "embed_tokens")
      learning += static_cast<double>(parameter.value.numel());
  }
  return 4 * matrices + 2 * learning;
}

std::string ProgressLine(const Pace& pace) {
  const double rate = static_cast<double>(pace.tokens) / pace.seconds;
  const double left =
      pace.seconds / static_cast<double>(pace.done) * static_cast<double>(pace.steps - pace.step);
  return absl::StrFormat("step %d/%d  loss %.4f  lr %.2e  %.0f tokens/s  %.0f %% of peak  %s left", pace.step,
                         pace.steps, pace.loss, pace.learning_rate, rate,
                         100 * rate / pace.peak_tokens_per_second, Duration(left));
}

}  // namespace privet
