#include "training/learn/lora.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/block_diag.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"

namespace privet {
namespace {

constexpr std::array<std::string_view, 7> kLinearModules = {"q_proj",    "k_proj",  "v_proj",   "o_proj",
                                                            "gate_proj", "up_proj", "down_proj"};

// "self_attn.q_proj" -> "q_proj"
std::string_view LastName(std::string_view module) { return module.substr(module.rfind('.') + 1); }

}  // namespace

bool AdapterSettings::Adapts(std::string_view module) const {
  return std::find(targets.begin(), targets.end(), LastName(module)) != targets.end();
}

int64_t AdapterSettings::RankOf(std::string_view module) const {
  for (const auto& [name, other] : ranks) {
    if (name == LastName(module)) return other;
  }
  return rank;
}

double AdapterSettings::ScaleOf(std::string_view module) const {
  const auto r = static_cast<double>(RankOf(module));
  return rslora ? alpha / std::sqrt(r) : alpha / r;
}

absl::StatusOr<AdapterSettings> AdapterSettingsOf(const TrainingConfig& config) {
  AdapterSettings settings;
  settings.dora = config.adapter_kind == "dora";
  settings.rslora = config.adapter_rslora;
  settings.rank = config.adapter_rank;
  settings.alpha = config.adapter_alpha;
  settings.dropout = config.adapter_dropout;
  const auto known = [](std::string_view name) {
    return std::find(kLinearModules.begin(), kLinearModules.end(), name) != kLinearModules.end();
  };
  const auto unknown = [](std::string_view key, const std::string& name) {
    return absl::InvalidArgumentError(
        absl::StrCat(AbslView(key), ": '", name, "' is not a linear module; there are ",
                     absl::StrJoin(kLinearModules, ", ",
                                   [](std::string* out, std::string_view module) { out->append(module); })));
  };
  for (const std::string& target : config.adapter_targets) {
    if (target == "all-linear") {
      settings.targets.assign(kLinearModules.begin(), kLinearModules.end());
      break;
    }
    if (!known(target)) return unknown("adapter.targets", target);
    settings.targets.push_back(target);
  }
  const auto ranks = ParseWeights(config.adapter_ranks, "adapter.ranks");
  if (!ranks.ok()) return ranks.status();
  for (const auto& [module, rank] : *ranks) {
    if (!known(module)) return unknown("adapter.ranks", module);
    if (rank < 1 || rank != std::floor(rank))
      return absl::InvalidArgumentError(
          absl::StrCat("adapter.ranks: ", module, ": must be a whole number from 1"));
    settings.ranks.emplace_back(module, static_cast<int64_t>(rank));
  }
  return settings;
}

StackedAdapter::StackedAdapter(const AdapterSettings& settings,
                               const std::vector<std::pair<std::string, int64_t>>& modules,
                               const BaseMatrix& weight)
    : weight_(weight), dropout_(settings.dropout) {
  const int64_t inputs = weight.columns();
  const at::Tensor values = settings.dora ? weight.Values() : at::Tensor();
  int64_t row = 0;
  for (const auto& [name, rows] : modules) {
    if (settings.Adapts(name)) {
      ModuleAdapter module;
      module.module = name;
      module.scale = settings.ScaleOf(name);
      module.first_row = row;
      module.rows = rows;
      const int64_t rank = settings.RankOf(name);
      // Kaiming uniform with a = sqrt(5): within 1 / sqrt(inputs).
      const double bound = 1 / std::sqrt(static_cast<double>(inputs));
      module.a = at::empty({rank, inputs}, at::kFloat)
                     .uniform_(-bound, bound)
                     .to(weight.device())
                     .requires_grad_(true);
      module.b =
          at::zeros({rows, rank}, at::TensorOptions(weight.device()).dtype(at::kFloat)).requires_grad_(true);
      if (settings.dora)
        module.magnitude = values.narrow(0, row, rows).to(at::kFloat).norm(2, 1).clone().requires_grad_(true);
      modules_.push_back(std::move(module));
    }
    row += rows;
  }
}

// [rows of the stacked weight, sum of ranks]: each module's s B in its rows and columns.
at::Tensor StackedAdapter::JointB() const {
  if (modules_.size() == 1 && modules_[0].rows == weight_.rows()) return modules_[0].b * modules_[0].scale;
  std::vector<at::Tensor> blocks;
  int64_t row = 0;
  for (const ModuleAdapter& module : modules_) {
    // A block without columns stands for rows that nobody adapts.
    if (module.first_row > row) blocks.push_back(at::zeros({module.first_row - row, 0}, module.b.options()));
    blocks.push_back(module.b * module.scale);
    row = module.first_row + module.rows;
  }
  if (row < weight_.rows()) blocks.push_back(at::zeros({weight_.rows() - row, 0}, modules_[0].b.options()));
  return at::block_diag(blocks);
}

at::Tensor StackedAdapter::Adapt(const at::Tensor& x, const at::Tensor& y) const {
  if (modules_.empty()) return y;
  std::vector<at::Tensor> a;
  a.reserve(modules_.size());
  for (const ModuleAdapter& module : modules_) a.push_back(module.a);
  const at::Tensor input = dropout_ > 0 && training_ ? at::dropout(x, dropout_, true) : x;
  const at::Tensor joint_a = (a.size() == 1 ? a[0] : at::cat(a, 0)).to(x.scalar_type());
  const at::Tensor joint_b = JointB();
  at::Tensor adapted = at::addmm(y, at::linear(input, joint_a), joint_b.to(x.scalar_type()).t());
  if (!modules_[0].magnitude.defined()) return adapted;

  const at::Tensor values = weight_.Values();
  std::vector<at::Tensor> factors;
  int64_t row = 0;
  const auto ones = [&](int64_t rows) {
    if (rows > 0) factors.push_back(at::ones({rows}, modules_[0].magnitude.options().requires_grad(false)));
  };
  for (const ModuleAdapter& module : modules_) {
    ones(module.first_row - row);
    const at::Tensor merged = values.narrow(0, module.first_row, module.rows).to(at::kFloat) +
                              at::mm(module.b.detach(), module.a.detach()) * module.scale;
    factors.push_back(module.magnitude / merged.norm(2, 1));
    row = module.first_row + module.rows;
  }
  ones(weight_.rows() - row);
  // The product is in fp32 whatever x is: factors are near 1, where bf16 has steps of 0.004, so a magnitude
  // could learn for long and change nothing, and the merged weight would be another.
  return adapted * at::cat(factors, 0);
}

at::Tensor StackedAdapter::Merge(const at::Tensor& weight) const {
  at::Tensor merged = weight.detach().to(at::kFloat).clone();
  for (const ModuleAdapter& module : modules_) {
    at::Tensor rows = merged.narrow(0, module.first_row, module.rows);
    rows.add_(at::mm(module.b.detach(), module.a.detach()), module.scale);
    if (module.magnitude.defined()) rows.mul_((module.magnitude.detach() / rows.norm(2, 1)).unsqueeze(1));
  }
  return merged;
}

}  // namespace privet
