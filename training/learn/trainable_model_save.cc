// How a model that learned is written: weights and configuration that Transformers opens, adapters that PEFT
// does.
#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "qwen3/safetensors.h"
#include "training/learn/stacked_parts.h"
#include "training/learn/trainable_model.h"

namespace privet {
namespace {

absl::Status WriteText(const std::filesystem::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content << std::flush;
  return out ? absl::OkStatus()
             : absl::UnavailableError(absl::StrCat(file.string(), ": cannot be written; is the disk full?"));
}

}  // namespace

// As Transformers and PEFT name them.
std::vector<std::pair<std::string, at::Tensor>> TrainableModel::NamedWeights() const {
  std::vector<std::pair<std::string, at::Tensor>> named;
  const bool adapter_only = SavesAdapterOnly();
  if (!adapter_only) named.emplace_back("model.embed_tokens.weight", embeddings_);
  for (size_t i = 0; i < weights_.size(); ++i) {
    const LayerWeights& layer = weights_[i];
    const std::string prefix = absl::StrCat("model.layers.", i, ".");
    const auto put = [&](const StackedParts& parts, const BaseMatrix& weight,
                         const std::shared_ptr<StackedAdapter>& adapter) {
      if (adapter_only) {
        for (const ModuleAdapter& module : adapter->modules()) {
          const std::string name = absl::StrCat("base_model.model.", prefix, module.module);
          named.emplace_back(name + ".lora_A.weight", module.a);
          named.emplace_back(name + ".lora_B.weight", module.b);
          if (module.magnitude.defined())
            named.emplace_back(name + ".lora_magnitude_vector", module.magnitude);
        }
        return;
      }
      const at::Tensor whole = adapter == nullptr ? weight.Values() : adapter->Merge(weight.Values());
      int64_t row = 0;
      for (const auto& [name, rows] : parts) {
        named.emplace_back(absl::StrCat(prefix, name, ".weight"), whole.narrow(0, row, rows));
        row += rows;
      }
    };
    put(QkvParts(config_), layer.qkv, layer.qkv_adapter);
    put({{"self_attn.o_proj", config_.hidden_size}}, layer.attention_out, layer.attention_out_adapter);
    put(GateUpParts(config_), layer.gate_up, layer.gate_up_adapter);
    put({{"mlp.down_proj", config_.hidden_size}}, layer.down, layer.down_adapter);
    if (adapter_only) continue;
    named.emplace_back(prefix + "input_layernorm.weight", layer.input_norm);
    named.emplace_back(prefix + "post_attention_layernorm.weight", layer.mlp_norm);
    named.emplace_back(prefix + "self_attn.q_norm.weight", layer.query_norm);
    named.emplace_back(prefix + "self_attn.k_norm.weight", layer.key_norm);
  }
  if (!adapter_only) named.emplace_back("model.norm.weight", final_norm_);
  if (span_head_.has_value() || labels_.empty()) return named;
  const std::string head = adapter_only ? "base_model.model.score" : "score";
  named.emplace_back(head + ".weight", head_weight_);
  named.emplace_back(head + ".bias", head_bias_);
  return named;
}

absl::Status TrainableModel::SaveConfig(const std::filesystem::path& folder) const {
  nlohmann::ordered_json json;
  if (!base_folder_.empty()) {
    std::ifstream in(std::filesystem::path(base_folder_) / "config.json");
    json = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) json = nlohmann::ordered_json::object();
    for (const char* const stale :
         {"auto_map", "transformers_version", "torch_dtype", "dtype", "quantization_config"})
      json.erase(stale);
    if (json.value("num_hidden_layers", int64_t{0}) != config_.layers)
      json.erase("layer_types");  // one a layer
    json["num_hidden_layers"] = config_.layers;
  } else {
    json = {{"model_type", "qwen3"},
            {"hidden_size", config_.hidden_size},
            {"num_hidden_layers", config_.layers},
            {"num_attention_heads", config_.heads},
            {"num_key_value_heads", config_.kv_heads},
            {"head_dim", config_.head_dim},
            {"intermediate_size", config_.intermediate_size},
            {"vocab_size", config_.vocab_size},
            {"max_position_embeddings", config_.max_position_embeddings},
            {"rms_norm_eps", config_.rms_norm_eps},
            {"rope_theta", config_.rope_theta},
            {"hidden_act", "silu"},
            {"attention_bias", false}};
  }
  json["architectures"] = {labels_.empty()          ? "Qwen3ForCausalLM"
                           : span_head_.has_value() ? "Qwen3Model"
                                                    : "Qwen3ForTokenClassification"};
  json["tie_word_embeddings"] = config_.tie_word_embeddings;
  json["num_labels"] = labels_.size();
  json.erase("is_causal");
  json.erase("bidirectional_layers");
  if (config_.bidirectional_begin == 0 && config_.bidirectional_end == config_.layers) {
    json["is_causal"] = false;
  } else if (config_.bidirectional_begin < config_.bidirectional_end) {
    json["bidirectional_layers"] = {config_.bidirectional_begin, config_.bidirectional_end};
  }
  if (labels_.empty()) {
    for (const char* const of_head : {"num_labels", "id2label", "label2id"}) json.erase(of_head);
    return WriteText(folder / "config.json", json.dump(2) + "\n");
  }
  nlohmann::ordered_json id2label = nlohmann::ordered_json::object();
  nlohmann::ordered_json label2id = nlohmann::ordered_json::object();
  for (size_t i = 0; i < labels_.size(); ++i) {
    id2label[std::to_string(i)] = labels_[i];
    label2id[labels_[i]] = i;
  }
  json["id2label"] = id2label;
  json["label2id"] = label2id;
  return WriteText(folder / "config.json", json.dump(2) + "\n");
}

absl::Status TrainableModel::Save(const std::filesystem::path& folder) const try {
  const at::NoGradGuard no_gradients;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return absl::UnavailableError(absl::StrCat(folder.string(), ": cannot be made: ", error.message()));
  const bool adapter_only = SavesAdapterOnly();
  std::vector<at::Tensor> kept;  // what the pointers below point into
  std::vector<FloatTensor> tensors;
  for (const auto& [name, value] : NamedWeights()) {
    kept.push_back(value.detach().to(at::kCPU, at::kFloat).contiguous());
    tensors.push_back({name, kept.back().sizes().vec(), kept.back().const_data_ptr<float>()});
  }
  absl::Status status =
      WriteSafetensors(folder / (adapter_only ? "adapter_model.safetensors" : "model.safetensors"), tensors);
  if (status.ok()) status = SaveConfig(folder);
  if (status.ok() && span_head_.has_value()) status = SaveSpanHead(*span_head_, folder);
  if (!status.ok() || !adapter_only) return status;

  nlohmann::ordered_json ranks = nlohmann::ordered_json::object();
  for (const auto& [module, rank] : adapter_settings_.ranks) ranks[module] = rank;
  nlohmann::ordered_json saved_modules;  // none: a span head is no module of PEFT's
  if (!span_head_.has_value()) saved_modules = {"score"};
  const nlohmann::ordered_json adapter = {{"peft_type", "LORA"},
                                          {"task_type", "TOKEN_CLS"},
                                          {"base_model_name_or_path", base_folder_},
                                          {"r", adapter_settings_.rank},
                                          {"lora_alpha", adapter_settings_.alpha},
                                          {"lora_dropout", adapter_settings_.dropout},
                                          {"use_rslora", adapter_settings_.rslora},
                                          {"use_dora", adapter_settings_.dora},
                                          {"target_modules", adapter_settings_.targets},
                                          {"rank_pattern", ranks},
                                          {"alpha_pattern", nlohmann::ordered_json::object()},
                                          {"modules_to_save", saved_modules},
                                          {"bias", "none"},
                                          {"fan_in_fan_out", false},
                                          {"init_lora_weights", true},
                                          {"inference_mode", true}};
  return WriteText(folder / "adapter_config.json", adapter.dump(2) + "\n");
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat(folder.string(), ": saving: ", error.what_without_backtrace()));
}

}  // namespace privet
