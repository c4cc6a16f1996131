#include "qwen3/checkpoint.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "qwen3/adapter.h"
#include "qwen3/safetensors.h"

namespace privet {
namespace {

at::ScalarType ScalarTypeOf(TensorDtype dtype) {
  if (dtype == TensorDtype::F16) return at::kHalf;
  return dtype == TensorDtype::BF16 ? at::kBFloat16 : at::kFloat;
}

absl::Status CheckShape(std::string_view where, std::string_view name, at::IntArrayRef is,
                        const std::vector<int64_t>& wanted) {
  if (is == at::IntArrayRef(wanted)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(AbslView(where), ": tensor '", AbslView(name), "': has shape [", absl::StrJoin(is, ", "),
                   "], but config.json asks for [", absl::StrJoin(wanted, ", "), "]"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Checkpoint>> Checkpoint::Open(const ModelFolder& folder) {
  auto checkpoint = std::make_shared<Checkpoint>();
  absl::StatusOr<Qwen3Config> config = ReadQwen3Config(folder.config());
  if (!config.ok()) return config.status();
  checkpoint->config_ = *std::move(config);
  auto weights = SafetensorsFolder::Open(folder.weights());
  if (!weights.ok()) return weights.status();
  checkpoint->weights_ = *std::move(weights);
  if (!folder.adapter().empty()) {
    auto opened = Adapter::Open(folder.adapter());
    if (!opened.ok()) return opened.status();
    const auto exists = [&](std::string_view name) { return checkpoint->Has(name); };
    if (absl::Status status = (*opened)->CheckBase(exists); !status.ok()) return status;
    checkpoint->adapter_ = *std::move(opened);
  }
  return checkpoint;
}

std::string Checkpoint::StoredName(std::string_view name) const {
  const std::string prefixed = absl::StrCat("model.", AbslView(name));
  return weights_->Find(prefixed) != nullptr ? prefixed : std::string(name);
}

bool Checkpoint::Has(std::string_view name) const {
  return weights_->Find(StoredName(name)) != nullptr || (adapter_ != nullptr && adapter_->Replaces(name));
}

absl::StatusOr<at::Tensor> Checkpoint::Stored(std::string_view name,
                                              const std::vector<int64_t>& shape) const {
  if (adapter_ != nullptr && adapter_->Replaces(name)) {
    absl::StatusOr<at::Tensor> replacement = adapter_->Replacement(name);
    if (!replacement.ok()) return replacement;
    if (absl::Status status = CheckShape("adapter", name, replacement->sizes(), shape); !status.ok())
      return status;
    return replacement;
  }
  const std::string stored = StoredName(name);
  const TensorRef* ref = weights_->Find(stored);
  const std::string file = weights_->FileOf(stored);
  if (ref == nullptr) return absl::NotFoundError(absl::StrCat(file, ": tensor '", stored, "': missing"));
  if (ref->dtype == TensorDtype::Other) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": tensor '", stored, "': is ", ref->dtype_name, "; F32, BF16 or F16 is needed"));
  }
  if (absl::Status status = CheckShape(file, stored, ref->shape, shape); !status.ok()) return status;

  const at::ScalarType type = ScalarTypeOf(ref->dtype);
  at::Tensor tensor;
  if (reinterpret_cast<uintptr_t>(ref->data) % c10::elementSize(type) == 0) {
    // The deleter keeps the mapping alive. The map is read-only: a write would be a segmentation fault.
    tensor = at::from_blob(
        const_cast<std::byte*>(ref->data), shape, [keep = weights_](void*) {}, type);
  } else {
    tensor = at::empty(shape, at::kFloat);
    ReadAsFloat(*ref, tensor.mutable_data_ptr<float>());
  }
  return adapter_ == nullptr ? tensor : adapter_->Merge(name, tensor);
}

absl::StatusOr<at::Tensor> Checkpoint::Float(std::string_view name, const std::vector<int64_t>& shape) const {
  absl::StatusOr<at::Tensor> stored = Stored(name, shape);
  if (!stored.ok()) return stored;
  return stored->to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace privet
