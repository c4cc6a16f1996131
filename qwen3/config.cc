#include "qwen3/config.h"

#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "qwen3/json_object.h"

namespace privet {
namespace {

// Bounds that no Qwen3 comes near, so that a damaged file cannot ask for absurd memory or overflow a product.
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxLayers = 1024;
constexpr int64_t kMaxVocabulary = 1 << 24;
constexpr int64_t kMaxPositions = 1 << 26;

void CheckArchitecture(JsonObject* json) {
  constexpr std::array kKnown = {"Qwen3Model", "Qwen3ForCausalLM", "Qwen3ForTokenClassification"};
  const std::string model_type = json->String("model_type", "qwen3");
  if (model_type != "qwen3") json->Fail("model_type", absl::StrCat("'", model_type, "' is not qwen3"));
  for (const std::string& architecture : json->Strings("architectures")) {
    bool known = false;
    for (const char* name : kKnown) known = known || architecture == name;
    if (!known) {
      json->Fail("architectures",
                 absl::StrCat("'", architecture,
                              "' is none of Qwen3Model, Qwen3ForCausalLM, Qwen3ForTokenClassification"));
    }
  }
}

void RefuseWhatIsNotImplemented(JsonObject* json) {
  if (json->Boolean("attention_bias", false)) json->Fail("attention_bias", "true is not supported");
  if (json->Boolean("use_sliding_window", false)) json->Fail("use_sliding_window", "true is not supported");
  const std::string activation = json->String("hidden_act", "silu");
  if (activation != "silu") json->Fail("hidden_act", absl::StrCat("'", activation, "' is not silu"));
  for (const std::string& type : json->Strings("layer_types")) {
    if (type != "full_attention") {
      json->Fail("layer_types", absl::StrCat("'", type, "' is not full_attention"));
    }
  }
  if (json->Has("quantization_config")) {
    json->Fail("quantization_config",
               "quantised checkpoints are not supported; use fp32, bf16 or fp16 weights");
  }
}

// `keys` is rope_scaling or rope_parameters.
void ReadRopeScaling(JsonObject* keys, Qwen3Config* config) {
  RopeScaling& rope = config->rope_scaling;
  const std::string type = keys->String("rope_type", keys->String("type", "default"));
  if (keys->Has("partial_rotary_factor") && keys->Number("partial_rotary_factor", 0, 1) != 1) {
    keys->Fail("partial_rotary_factor", "must be 1");
  }
  if (type == "default") return;
  if (type != "linear" && type != "yarn") {
    keys->Fail("rope_type", absl::StrCat("'", type, "' is none of default, linear, yarn"));
    return;
  }
  rope.type = type == "yarn" ? RopeScaling::Type::Yarn : RopeScaling::Type::Linear;
  rope.factor = keys->Number("factor", 1, 1e6);
  if (rope.type == RopeScaling::Type::Linear) return;
  rope.original_max_position_embeddings =
      keys->Integer("original_max_position_embeddings", 1, kMaxPositions, config->max_position_embeddings);
  rope.beta_fast = keys->Number("beta_fast", 1e-3, 1e6, 32);
  rope.beta_slow = keys->Number("beta_slow", 1e-3, 1e6, 1);
  rope.truncate = keys->Boolean("truncate", true);
  const auto attention_scale = [&](double mscale) { return 0.1 * mscale * std::log(rope.factor) + 1; };
  double attention_factor = attention_scale(1);
  if (keys->Has("mscale") && keys->Has("mscale_all_dim")) {
    attention_factor = attention_scale(keys->Number("mscale", 1e-3, 1e3)) /
                       attention_scale(keys->Number("mscale_all_dim", 1e-3, 1e3));
  }
  rope.attention_factor = keys->Number("attention_factor", 1e-3, 1e3, attention_factor);
}

void ReadRope(JsonObject* json, Qwen3Config* config) {
  const bool is_new_form = json->Has("rope_parameters");
  JsonObject keys = json->Object(is_new_form ? "rope_parameters" : "rope_scaling");
  JsonObject* const theta_holder = is_new_form && keys.Has("rope_theta") ? &keys : json;
  config->rope_theta = theta_holder->Number("rope_theta", 1.0 + 1e-6, 1e12, 10000);
  ReadRopeScaling(&keys, config);
  json->Adopt(keys.Finish());
}

void ReadAttentionPattern(JsonObject* json, Qwen3Config* config) {
  if (!json->Boolean("is_causal", true)) config->bidirectional_end = config->layers;
  const nlohmann::json* range = json->Find("bidirectional_layers");
  if (range == nullptr) return;
  if (json->Has("is_causal") && !json->Boolean("is_causal", true)) {
    json->Fail("bidirectional_layers", "says nothing beside \"is_causal\": false; drop one");
    return;
  }
  const bool two_integers = range->is_array() && range->size() == 2 && (*range)[0].is_number_integer() &&
                            (*range)[1].is_number_integer();
  const int64_t begin = two_integers ? (*range)[0].get<int64_t>() : -1;
  const int64_t end = two_integers ? (*range)[1].get<int64_t>() : -1;
  if (begin < 0 || end < begin || end > config->layers) {
    json->Fail("bidirectional_layers",
               absl::StrCat("must be [first, end] with 0 <= first <= end <= ", config->layers));
    return;
  }
  config->bidirectional_begin = begin;
  config->bidirectional_end = end;
}

void ReadLabels(JsonObject* json, Qwen3Config* config) {
  JsonObject labels = json->Object("id2label");
  for (const auto& [key, value] : labels.json().items()) {
    int64_t index = 0;
    if (!absl::SimpleAtoi(key, &index) || index < 0 || !value.is_string()) {
      json->Fail("id2label", "must map whole numbers to strings");
      return;
    }
    config->id2label[index] = value.get<std::string>();
  }
  int64_t expected = 0;
  for (const auto& [index, label] : config->id2label) {
    if (index != expected++) {
      json->Fail("id2label", absl::StrCat("has no entry for ", expected - 1));
      return;
    }
  }
}

}  // namespace

absl::StatusOr<Qwen3Config> ParseQwen3Config(std::string_view document, std::string_view file) {
  absl::StatusOr<JsonObject> parsed = JsonObject::Parse(document, file);
  if (!parsed.ok()) return parsed.status();
  JsonObject& json = *parsed;
  CheckArchitecture(&json);
  RefuseWhatIsNotImplemented(&json);

  Qwen3Config config;
  config.hidden_size = json.Integer("hidden_size", 1, kMaxWidth);
  config.layers = json.Integer("num_hidden_layers", 1, kMaxLayers);
  config.heads = json.Integer("num_attention_heads", 1, kMaxWidth);
  config.kv_heads = json.Integer("num_key_value_heads", 1, kMaxWidth, config.heads);
  config.head_dim = json.Integer("head_dim", 2, 4096, 128);
  config.intermediate_size = json.Integer("intermediate_size", 1, kMaxWidth);
  config.vocab_size = json.Integer("vocab_size", 1, kMaxVocabulary);
  config.max_position_embeddings = json.Integer("max_position_embeddings", 1, kMaxPositions, 32768);
  config.rms_norm_eps = json.Number("rms_norm_eps", 0, 1, 1e-6);
  config.tie_word_embeddings = json.Boolean("tie_word_embeddings", false);
  ReadRope(&json, &config);
  ReadAttentionPattern(&json, &config);
  ReadLabels(&json, &config);
  if (!json.Finish().ok()) return json.Finish();

  if (config.heads % config.kv_heads != 0) {
    return json.Error("num_key_value_heads",
                      absl::StrCat(config.kv_heads, " does not divide num_attention_heads ", config.heads));
  }
  if (config.head_dim % 2 != 0) return json.Error("head_dim", "must be even, for the rotary embedding");
  if (config.heads * config.head_dim > kMaxWidth) {
    return json.Error("head_dim", absl::StrCat("times num_attention_heads is over ", kMaxWidth));
  }
  return config;
}

absl::StatusOr<Qwen3Config> ReadQwen3Config(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "config.json";
  absl::StatusOr<std::string> content = ReadFileBytes(file);
  if (!content.ok()) return content.status();
  return ParseQwen3Config(*content, file.string());
}

}  // namespace privet
