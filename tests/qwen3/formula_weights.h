// Checkpoints whose weights come from a formula that make_goldens.py knows too, written to a folder of their
// own.
#ifndef PRIVET_TESTS_QWEN3_FORMULA_WEIGHTS_H_
#define PRIVET_TESTS_QWEN3_FORMULA_WEIGHTS_H_

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "qwen3/safetensors.h"

namespace privet {

// Numbers in [-1, 1) from a name: FNV-1a of the name seeds SplitMix64, of which the top 24 bits count.
inline std::vector<float> Uniform(std::string_view name, int64_t count) {
  uint64_t state = 0xCBF29CE484222325;
  for (const char c : name) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z = z ^ (z >> 31);
    value = static_cast<float>(z >> 40) * 0x1p-23F - 1.0F;
  }
  return values;
}

inline std::vector<float> FormulaWeight(std::string_view name, const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  std::vector<float> values = Uniform(name, count);
  const float scale = std::sqrt(3.0F / static_cast<float>(shape.back()));
  for (float& value : values) {
    if (name.find("norm") != std::string_view::npos) {
      value = 1.0F + 0.25F * value;
    } else if (name.find("embed_tokens") == std::string_view::npos) {
      value *= scale;
    }
  }
  return values;
}

inline std::vector<int32_t> FormulaSequence(size_t index, int64_t length, int64_t vocab_size) {
  std::vector<int32_t> ids;
  for (const float value : Uniform("sequence " + std::to_string(index), length)) {
    ids.push_back(
        static_cast<int32_t>((static_cast<double>(value) + 1) * static_cast<double>(vocab_size) / 2));
  }
  return ids;
}

// The names (without "model.") and shapes of a checkpoint's parameters.
inline std::vector<std::pair<std::string, std::vector<int64_t>>> ParametersOf(const nlohmann::json& config) {
  const auto size = [&](const char* key) { return config.at(key).get<int64_t>(); };
  const int64_t hidden = size("hidden_size");
  const int64_t head_dim = size("head_dim");
  const int64_t queries = size("num_attention_heads") * head_dim;
  const int64_t keys = size("num_key_value_heads") * head_dim;
  const int64_t intermediate = size("intermediate_size");
  std::vector<std::pair<std::string, std::vector<int64_t>>> parameters = {
      {"embed_tokens.weight", {size("vocab_size"), hidden}}, {"norm.weight", {hidden}}};
  for (int64_t i = 0; i < size("num_hidden_layers"); ++i) {
    const std::string layer = "layers." + std::to_string(i) + ".";
    parameters.insert(parameters.end(), {{layer + "input_layernorm.weight", {hidden}},
                                         {layer + "post_attention_layernorm.weight", {hidden}},
                                         {layer + "self_attn.q_proj.weight", {queries, hidden}},
                                         {layer + "self_attn.k_proj.weight", {keys, hidden}},
                                         {layer + "self_attn.v_proj.weight", {keys, hidden}},
                                         {layer + "self_attn.o_proj.weight", {hidden, queries}},
                                         {layer + "self_attn.q_norm.weight", {head_dim}},
                                         {layer + "self_attn.k_norm.weight", {head_dim}},
                                         {layer + "mlp.gate_proj.weight", {intermediate, hidden}},
                                         {layer + "mlp.up_proj.weight", {intermediate, hidden}},
                                         {layer + "mlp.down_proj.weight", {hidden, intermediate}}});
  }
  if (config.contains("id2label")) {
    const auto labels = static_cast<int64_t>(config["id2label"].size());
    parameters.push_back({"score.weight", {labels, hidden}});
    parameters.push_back({"score.bias", {labels}});
  }
  return parameters;
}

// A Hugging Face folder in the temporary directory, deleted with the object.
class FormulaCheckpoint {
 public:
  // `prefix` is "model." for folders with a head, else "".
  FormulaCheckpoint(const nlohmann::json& config, const std::string& prefix) {
    std::string pattern = (std::filesystem::temp_directory_path() / "privet-qwen3-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::ofstream(folder_ / "config.json") << config;
    std::vector<std::vector<float>> values;
    std::vector<FloatTensor> tensors;
    for (const auto& [name, shape] : ParametersOf(config)) {
      values.push_back(FormulaWeight(name, shape));
      tensors.push_back({(name.starts_with("score") ? "" : prefix) + name, shape, values.back().data()});
    }
    written_ = WriteSafetensors(folder_ / "model.safetensors", tensors);
  }
  ~FormulaCheckpoint() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  FormulaCheckpoint(const FormulaCheckpoint&) = delete;
  FormulaCheckpoint& operator=(const FormulaCheckpoint&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  const absl::Status& written() const { return written_; }

 private:
  std::filesystem::path folder_;
  absl::Status written_;
};

inline nlohmann::json ReadGolden(const std::string& file) {
  return nlohmann::json::parse(std::ifstream("tests/qwen3/goldens/" + file));
}

}  // namespace privet

#endif  // PRIVET_TESTS_QWEN3_FORMULA_WEIGHTS_H_
