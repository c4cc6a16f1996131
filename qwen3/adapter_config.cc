#include "qwen3/adapter_config.h"

#include <re2/re2.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "qwen3/json_object.h"

namespace privet {
namespace {

constexpr int64_t kMaxRank = 1 << 16;

void RefuseWhatIsNotImplemented(JsonObject* json) {
  const std::string kind = json->String("peft_type", "");
  if (kind != "LORA") json->Fail("peft_type", absl::StrCat("'", kind, "' is not LORA"));
  if (json->Boolean("fan_in_fan_out", false)) json->Fail("fan_in_fan_out", "true is not supported");
  const std::string bias = json->String("bias", "none");
  if (bias != "none") json->Fail("bias", absl::StrCat("'", bias, "' is not supported; only 'none' is"));
  for (const char* key : {"lora_bias", "use_qalora", "use_bdlora"}) {
    if (json->Has(key) && json->Find(key)->is_boolean() && json->Boolean(key, false)) {
      json->Fail(key, "true is not supported");
    }
  }
  for (const char* key : {"layer_replication", "megatron_config", "trainable_token_indices",
                          "target_parameters", "alora_invocation_tokens", "arrow_config", "velora_config"}) {
    if (json->Has(key) && !json->Find(key)->empty()) json->Fail(key, "is not supported");
  }
  const nlohmann::json* start = json->Find("init_lora_weights");
  if (start != nullptr && start->is_string()) {
    constexpr std::array kChangeTheBase = {"pissa", "olora", "corda", "loftq", "lora_ga"};
    const std::string name = start->get<std::string>();
    for (const char* refused : kChangeTheBase) {
      if (absl::StartsWithIgnoreCase(name, refused)) {
        json->Fail("init_lora_weights", absl::StrCat("'", name,
                                                     "' changes the base weights; convert the adapter to "
                                                     "plain LoRA with PEFT's save_pretrained"));
      }
    }
  }
}

// nlohmann's default object sorts its keys, and here their order has a meaning.
std::vector<std::pair<std::string, double>> ReadPatterns(JsonObject* json,
                                                         const nlohmann::ordered_json& document,
                                                         const std::string& key) {
  std::vector<std::pair<std::string, double>> patterns;
  if (!json->Has(key)) return patterns;
  constexpr size_t kMostPatterns = 10000;
  if (!document[key].is_object() || document[key].size() > kMostPatterns) {
    json->Fail(key, "must be an object of at most 10000 patterns");
    return patterns;
  }
  for (const auto& [pattern, value] : document[key].items()) {
    if (!value.is_number() || !(value.get<double>() > 0) || value.get<double>() > kMaxRank) {
      json->Fail(key, absl::StrCat("'", pattern, "' must have a number above 0 and at most ", kMaxRank));
      return patterns;
    }
    if (!RE2(pattern, RE2::Quiet).ok())
      json->Fail(key, absl::StrCat("'", pattern, "' is not a regular expression"));
    patterns.emplace_back(pattern, value.get<double>());
  }
  return patterns;
}

double FirstMatch(const std::vector<std::pair<std::string, double>>& patterns, std::string_view module,
                  double fallback) {
  for (const auto& [pattern, value] : patterns) {
    const RE2 expression("(?:.*\\.)?(?:" + pattern + ")", RE2::Quiet);
    if (RE2::FullMatch(re2::StringPiece(module.data(), module.size()), expression)) return value;
  }
  return fallback;
}

}  // namespace

int64_t AdapterConfig::RankOf(std::string_view module) const {
  return static_cast<int64_t>(FirstMatch(rank_pattern, module, static_cast<double>(rank)));
}

double AdapterConfig::ScaleOf(std::string_view module) const {
  const auto module_rank = static_cast<double>(RankOf(module));
  return FirstMatch(alpha_pattern, module, alpha) / (use_rslora ? std::sqrt(module_rank) : module_rank);
}

absl::StatusOr<AdapterConfig> ParseAdapterConfig(std::string_view document, std::string_view file) {
  absl::StatusOr<JsonObject> json = JsonObject::Parse(document, file);
  if (!json.ok()) return json.status();
  RefuseWhatIsNotImplemented(&*json);
  AdapterConfig config;
  config.base = json->String("base_model_name_or_path", "");
  config.rank = json->Integer("r", 1, kMaxRank, 8);
  config.alpha = json->Number("lora_alpha", 0, 1e6, 8);
  config.use_rslora = json->Boolean("use_rslora", false);
  config.use_dora = json->Boolean("use_dora", false);
  const nlohmann::ordered_json ordered = nlohmann::ordered_json::parse(document, nullptr, false);
  config.rank_pattern = ReadPatterns(&*json, ordered, "rank_pattern");
  config.alpha_pattern = ReadPatterns(&*json, ordered, "alpha_pattern");
  if (!json->Finish().ok()) return json->Finish();
  return config;
}

absl::StatusOr<AdapterConfig> ReadAdapterConfig(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "adapter_config.json";
  absl::StatusOr<std::string> content = ReadFileBytes(file);
  if (!content.ok()) return content.status();
  return ParseAdapterConfig(*content, file.string());
}

}  // namespace privet
