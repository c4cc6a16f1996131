// What the encoder's stacked matrices are made of, by the names that Transformers and PEFT have for the
// parts.
#ifndef PRIVET_TRAINING_LEARN_STACKED_PARTS_H_
#define PRIVET_TRAINING_LEARN_STACKED_PARTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "qwen3/config.h"

namespace privet {

// A module's name in its layer, and its rows.
using StackedParts = std::vector<std::pair<std::string, int64_t>>;

inline StackedParts QkvParts(const Qwen3Config& config) {
  const int64_t kv = config.kv_heads * config.head_dim;
  return {{"self_attn.q_proj", config.heads * config.head_dim},
          {"self_attn.k_proj", kv},
          {"self_attn.v_proj", kv}};
}

inline StackedParts GateUpParts(const Qwen3Config& config) {
  return {{"mlp.gate_proj", config.intermediate_size}, {"mlp.up_proj", config.intermediate_size}};
}

inline std::vector<int64_t> RowsOf(const StackedParts& parts) {
  std::vector<int64_t> rows;
  for (const auto& [name, count] : parts) rows.push_back(count);
  return rows;
}

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_STACKED_PARTS_H_
