// Low-rank adapters while they are trained.
#ifndef PRIVET_TRAINING_LEARN_LORA_H_
#define PRIVET_TRAINING_LEARN_LORA_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "training/config.h"
#include "training/learn/base_matrix.h"

namespace privet {

struct AdapterSettings {
  bool dora = false;
  bool rslora = false;
  int64_t rank = 16;
  double alpha = 32;
  double dropout = 0;
  std::vector<std::string> targets;                    // modules by name: "q_proj"
  std::vector<std::pair<std::string, int64_t>> ranks;  // of modules whose rank is another

  bool Adapts(std::string_view module) const;
  int64_t RankOf(std::string_view module) const;
  double ScaleOf(std::string_view module) const;  // alpha / rank, or alpha / sqrt(rank)
};

// INVALID_ARGUMENT where a target is no linear module of Qwen3.
absl::StatusOr<AdapterSettings> AdapterSettingsOf(const TrainingConfig& config);

// The adapter of one module: W becomes W + s B A (Hu et al. 2021); with DoRA the rows of that are scaled to
// the norms in `magnitude` (Liu et al. 2024; as there, no gradient flows through the norm).
struct ModuleAdapter {
  std::string module;    // "self_attn.q_proj"
  at::Tensor a;          // [rank, in], leaf
  at::Tensor b;          // [out, rank], leaf
  at::Tensor magnitude;  // [out], leaf; undefined without DoRA
  double scale = 0;
  int64_t first_row = 0;  // of the stacked weight
  int64_t rows = 0;
};

// The adapters of the modules that make one stacked weight. Their low-rank inputs are one product, their
// outputs another.
class StackedAdapter {
 public:
  // `modules` are the stacked weight's parts, with their rows, in order. A is drawn as PEFT does (Kaiming
  // uniform, a = sqrt 5), B is 0, magnitudes are the weight's norms: so at first nothing is changed. Draws
  // from libtorch's generator.
  StackedAdapter(const AdapterSettings& settings, const std::vector<std::pair<std::string, int64_t>>& modules,
                 const BaseMatrix& weight);

  const std::vector<ModuleAdapter>& modules() const { return modules_; }

  // The layer's output for x, where y = x W^T, with DoRA in fp32; while training, inputs are dropped out.
  at::Tensor Adapt(const at::Tensor& x, const at::Tensor& y) const;
  // The weight with everything merged in.
  at::Tensor Merge(const at::Tensor& weight) const;

  void set_training(bool training) { training_ = training; }

 private:
  at::Tensor JointB() const;

  std::vector<ModuleAdapter> modules_;
  BaseMatrix weight_;  // the frozen one; DoRA needs its norms
  double dropout_;
  bool training_ = true;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_LORA_H_
