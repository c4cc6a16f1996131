#include "qwen3/adapter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/matmul.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/absl_view.h"
#include "qwen3/adapter_config.h"
#include "qwen3/safetensors.h"

namespace privet {
namespace {

// "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight" -> the module's name in the base, and what of
// it this is.
struct StoredName {
  std::string module;     // "model.layers.0.mlp.up_proj"
  std::string parameter;  // "layers.0.mlp.up_proj.weight"
  enum class Part { A, B, Magnitude, Whole, Unknown } part = Part::Unknown;
};

std::string WithoutModelPrefix(std::string_view name) {
  return std::string(StdView(absl::StripPrefix(AbslView(name), "model.")));
}

StoredName ParseStoredName(std::string_view stored) {
  absl::string_view name = AbslView(stored);
  StoredName parsed;
  if (!absl::ConsumePrefix(&name, "base_model.model.")) return parsed;
  using Part = StoredName::Part;
  if (absl::ConsumeSuffix(&name, ".lora_A.weight")) {
    parsed.part = Part::A;
  } else if (absl::ConsumeSuffix(&name, ".lora_B.weight")) {
    parsed.part = Part::B;
  } else if (absl::ConsumeSuffix(&name, ".lora_magnitude_vector") ||
             absl::ConsumeSuffix(&name, ".lora_magnitude_vector.weight")) {
    parsed.part = Part::Magnitude;
  } else if (!absl::StrContains(name, ".lora_")) {
    parsed.part = Part::Whole;
    parsed.parameter = WithoutModelPrefix(StdView(name));
    return parsed;
  } else {
    return parsed;
  }
  parsed.module = std::string(name);
  parsed.parameter = WithoutModelPrefix(parsed.module) + ".weight";
  return parsed;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Adapter>> Adapter::Open(const std::filesystem::path& folder) {
  const absl::StatusOr<AdapterConfig> config = ReadAdapterConfig(folder);
  if (!config.ok()) return config.status();
  auto adapter = std::make_shared<Adapter>();
  auto weights = SafetensorsFolder::Open(folder, "adapter_model");
  if (!weights.ok()) return weights.status();
  adapter->weights_ = *std::move(weights);

  const auto error = [&](std::string_view tensor, std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(adapter->weights_->FileOf(tensor), ": tensor '",
                                                   AbslView(tensor), "': ", AbslView(what)));
  };
  for (const auto& [stored, tensor] : adapter->weights_->tensors()) {
    const StoredName name = ParseStoredName(stored);
    switch (name.part) {
      case StoredName::Part::Unknown:
        return error(stored, "is no part of a LoRA adapter of linear layers");
      case StoredName::Part::Whole:
        adapter->replacements_[name.parameter] = stored;
        break;
      case StoredName::Part::A: {
        const int64_t rank = config->RankOf(name.module);
        if (tensor.shape.size() != 2 || tensor.shape[0] != rank) {
          return error(stored, absl::StrCat("has shape [", absl::StrJoin(tensor.shape, ", "),
                                            "], but adapter_config.json gives it rank ", rank));
        }
        adapter->modules_[name.parameter].a = stored;
        adapter->modules_[name.parameter].scale = config->ScaleOf(name.module);
        break;
      }
      case StoredName::Part::B:
        adapter->modules_[name.parameter].b = stored;
        break;
      case StoredName::Part::Magnitude:
        adapter->modules_[name.parameter].magnitude = stored;
        break;
    }
  }
  for (const auto& [name, module] : adapter->modules_) {
    if (module.a.empty() || module.b.empty() || module.magnitude.empty() == config->use_dora) {
      return error(name, config->use_dora
                             ? "needs lora_A, lora_B and lora_magnitude_vector"
                             : "needs lora_A and lora_B, and no lora_magnitude_vector without use_dora");
    }
  }
  return adapter;
}

absl::Status Adapter::MissingBase(std::string_view name) const {
  return absl::NotFoundError(absl::StrCat(weights_->FileOf(""), ": adapts '", AbslView(name),
                                          "', which the base model does not have"));
}

absl::StatusOr<at::Tensor> Adapter::Read(const std::string& stored_name) const {
  const TensorRef& stored = *weights_->Find(stored_name);
  at::Tensor tensor = at::empty(stored.shape, at::kFloat);
  if (!ReadAsFloat(stored, tensor.mutable_data_ptr<float>())) {
    return absl::InvalidArgumentError(absl::StrCat(weights_->FileOf(stored_name), ": tensor '", stored_name,
                                                   "': is ", stored.dtype_name,
                                                   "; F32, BF16 or F16 is needed"));
  }
  return tensor;
}

absl::StatusOr<at::Tensor> Adapter::Replacement(std::string_view name) const {
  return Read(replacements_.find(name)->second);
}

absl::StatusOr<at::Tensor> Adapter::Merge(std::string_view name, const at::Tensor& weight) const {
  const auto found = modules_.find(name);
  if (found == modules_.end()) return weight;
  const Module& module = found->second;
  const absl::StatusOr<at::Tensor> a = Read(module.a);
  if (!a.ok()) return a.status();
  const absl::StatusOr<at::Tensor> b = Read(module.b);
  if (!b.ok()) return b.status();
  const auto wrong_shape = [&](const std::string& tensor, const at::Tensor& is) {
    return absl::InvalidArgumentError(absl::StrCat(
        weights_->FileOf(tensor), ": tensor '", tensor, "': has shape [", absl::StrJoin(is.sizes(), ", "),
        "], which does not fit a weight of [", absl::StrJoin(weight.sizes(), ", "), "]"));
  };
  if (weight.dim() != 2 || a->size(1) != weight.size(1)) return wrong_shape(module.a, *a);
  if (b->dim() != 2 || b->size(0) != weight.size(0) || b->size(1) != a->size(0))
    return wrong_shape(module.b, *b);
  at::Tensor merged = weight.to(at::kFloat) + module.scale * at::matmul(*b, *a);
  if (!module.magnitude.empty()) {
    const absl::StatusOr<at::Tensor> magnitude = Read(module.magnitude);
    if (!magnitude.ok()) return magnitude.status();
    if (magnitude->numel() != weight.size(0)) return wrong_shape(module.magnitude, *magnitude);
    const at::Tensor norms = at::linalg_vector_norm(merged, 2, at::IntArrayRef{1}, /*keepdim=*/true);
    merged = merged * (magnitude->reshape({-1, 1}) / norms);
  }
  return merged;
}

}  // namespace privet
