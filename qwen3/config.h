// What config.json of a Hugging Face Qwen3 folder says about the model.
#ifndef PRIVET_QWEN3_CONFIG_H_
#define PRIVET_QWEN3_CONFIG_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace privet {

// How rotary frequencies are stretched for texts longer than those of pre-training.
struct RopeScaling {
  enum class Type { None, Linear, Yarn };
  Type type = Type::None;
  double factor = 1;
  // YaRN (Peng et al. 2023, section 3.2 and 3.4); the names are config.json's.
  int64_t original_max_position_embeddings = 0;
  double beta_fast = 32;
  double beta_slow = 1;
  double attention_factor = 1;  // multiplies cos and sin
  bool truncate = true;         // the ramp's ends are rounded to whole dimensions
};

// The dense Qwen3 architecture. Every field has been checked against its bounds.
struct Qwen3Config {
  int64_t hidden_size = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kv_heads = 0;  // divides heads
  int64_t head_dim = 0;  // even; heads * head_dim need not be hidden_size
  int64_t intermediate_size = 0;
  int64_t vocab_size = 0;
  int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  double rope_theta = 10000;
  RopeScaling rope_scaling;
  bool tie_word_embeddings = false;

  // Layers in [bidirectional_begin, bidirectional_end) let a token see its whole sequence, the others only
  // what comes before it. "is_causal": false in config.json means all layers; "bidirectional_layers": [begin,
  // end], a key of ours, means those.
  int64_t bidirectional_begin = 0;
  int64_t bidirectional_end = 0;
  bool IsCausal(int64_t layer) const { return layer < bidirectional_begin || layer >= bidirectional_end; }

  // The classes of a head, by index; empty for a folder without a head. Indices are 0, 1, 2, ... without a
  // gap.
  std::map<int64_t, std::string> id2label;
};

// Reads `folder`/config.json. Refuses, with file and key: architectures other than Qwen3Model,
// Qwen3ForCausalLM and Qwen3ForTokenClassification; sliding windows; attention biases; activations other than
// SiLU; rope types other than default, linear and yarn. Both spellings of the rope are read: rope_theta with
// rope_scaling, and rope_parameters.
absl::StatusOr<Qwen3Config> ReadQwen3Config(const std::filesystem::path& folder);

// The same from the file's content; `file` is its name in errors.
absl::StatusOr<Qwen3Config> ParseQwen3Config(std::string_view json, std::string_view file);

}  // namespace privet

#endif  // PRIVET_QWEN3_CONFIG_H_
