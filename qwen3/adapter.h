// LoRA adapters as PEFT writes them: adapter_config.json beside adapter_model.safetensors.
#ifndef PRIVET_QWEN3_ADAPTER_H_
#define PRIVET_QWEN3_ADAPTER_H_

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

class SafetensorsFolder;

// An opened adapter. A module's weight W [out, in] becomes W + s B A with A [rank, in], B [out, rank] and
// s = alpha / rank (Hu et al. 2021), or alpha / sqrt(rank) where use_rslora (Kalajdzievski 2023). Where
// use_dora, the rows of the sum are scaled to the norms in lora_magnitude_vector (Liu et al. 2024). Rank and
// alpha come from rank_pattern and alpha_pattern where a pattern matches the end of a module's name, else
// from r and lora_alpha. Immutable, thread-safe.
class Adapter {
 public:
  // Refuses what is not implemented, by key: other kinds than LORA, fan_in_fan_out, biases, and
  // initialisations that change the base weights (PiSSA, OLoRA, CorDA, LoftQ, LoRA-GA).
  static absl::StatusOr<std::shared_ptr<const Adapter>> Open(const std::filesystem::path& folder);

  // `name` is a parameter without the prefix "model.", such as "layers.0.mlp.up_proj.weight".
  // Whether the adapter holds the whole parameter (modules_to_save); then Replacement gives it in fp32.
  bool Replaces(std::string_view name) const { return replacements_.contains(name); }
  absl::StatusOr<at::Tensor> Replacement(std::string_view name) const;
  // The merged weight of an adapted parameter, in fp32; `weight` as it is when the adapter leaves it alone.
  absl::StatusOr<at::Tensor> Merge(std::string_view name, const at::Tensor& weight) const;

  // NOT_FOUND when the adapter changes a parameter for which `exists` is false, as it then belongs to another
  // model.
  template <typename Exists>
  absl::Status CheckBase(const Exists& exists) const {
    for (const auto& [name, module] : modules_) {
      if (!exists(name)) return MissingBase(name);
    }
    return absl::OkStatus();
  }

 private:
  // One adapted parameter.
  struct Module {
    std::string a;  // names in adapter_model.safetensors
    std::string b;
    std::string magnitude;  // empty without DoRA
    double scale = 0;
  };
  absl::Status MissingBase(std::string_view name) const;
  absl::StatusOr<at::Tensor> Read(const std::string& stored_name) const;

  std::shared_ptr<const SafetensorsFolder> weights_;
  std::map<std::string, Module, std::less<>> modules_;            // by parameter
  std::map<std::string, std::string, std::less<>> replacements_;  // parameter -> name in the file
};

}  // namespace privet

#endif  // PRIVET_QWEN3_ADAPTER_H_
