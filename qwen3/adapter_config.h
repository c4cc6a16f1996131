// What PEFT's adapter_config.json says.
#ifndef PRIVET_QWEN3_ADAPTER_CONFIG_H_
#define PRIVET_QWEN3_ADAPTER_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace privet {

struct AdapterConfig {
  std::string base;  // base_model_name_or_path: the folder of the model that it adapts, if it is said
  int64_t rank = 0;
  double alpha = 0;
  bool use_rslora = false;
  bool use_dora = false;
  // In the file's order; the first pattern that matches a module counts. A pattern is a regular expression
  // for the module's whole name, or for its end behind a dot.
  std::vector<std::pair<std::string, double>> rank_pattern;
  std::vector<std::pair<std::string, double>> alpha_pattern;

  // Of a module by its full name in the base model, "model.layers.0.self_attn.q_proj".
  int64_t RankOf(std::string_view module) const;
  double ScaleOf(std::string_view module) const;
};

absl::StatusOr<AdapterConfig> ReadAdapterConfig(const std::filesystem::path& folder);
absl::StatusOr<AdapterConfig> ParseAdapterConfig(std::string_view json, std::string_view file);

}  // namespace privet

#endif  // PRIVET_QWEN3_ADAPTER_CONFIG_H_
