#include "server/config.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/absl_view.h"
#include "core/yaml_reader.h"

namespace privet {
namespace {

constexpr int64_t kMiB = 1 << 20;

const std::vector<ConfigKey>& Keys() {
  using C = ServerConfig;
  static const std::vector<ConfigKey>* const keys = new std::vector<ConfigKey>{
      {"listen", "address", &C::listen_address, 0, 0, "address to serve gRPC on; 0.0.0.0 for all"},
      {"listen", "port", &C::listen_port, 0, 65535, "port to serve gRPC on; 0 takes a free one and logs it"},
      {"listen", "port_file", &C::listen_port_file, 0, 0,
       "file to write the port to once the server listens"},
      {"tls", "certificate_file", &C::tls_certificate_file, 0, 0,
       "PEM certificate chain; empty serves without TLS"},
      {"tls", "key_file", &C::tls_key_file, 0, 0, "PEM private key of the certificate"},
      {"tls", "client_ca_file", &C::tls_client_ca_file, 0, 0,
       "PEM certificates that sign clients; when set, a client must show one (mutual TLS)"},
      {"metrics", "address", &C::metrics_address, 0, 0, "address to serve Prometheus metrics on"},
      {"metrics", "port", &C::metrics_port, -1, 65535,
       "port of the metrics; 0 takes a free one, -1 serves none"},
      {"admission", "workers", &C::workers, 0, 1024,
       "threads that work on texts; 0 is one for each core that the process may use, and with models eight"},
      {"admission", "max_in_flight", &C::max_in_flight, 1, 100000,
       "calls taken on and not yet answered, a stream until it ends; more are RESOURCE_EXHAUSTED at once"},
      {"admission", "max_in_flight_bytes", &C::max_in_flight_bytes, 1, 64LL << 30,
       "bytes of requests in flight; more are RESOURCE_EXHAUSTED, but a stream waits; a request that is "
       "larger is "
       "taken when no other is in flight"},
      {"admission", "max_stream_in_flight", &C::max_stream_in_flight, 1, 1000,
       "texts of one StreamDetect call that are worked on; the stream is read no further until one is "
       "answered"},
      {"admission", "max_stream_idle_seconds", &C::max_stream_idle_seconds, 0, 86400,
       "a StreamDetect call is ended on which no text comes for so long while no answer is due, or whose "
       "client takes no answer for so long; 0 is never"},
      {"admission", "max_work_seconds", &C::max_work_seconds, 0, 86400,
       "work on a call, or on one text of a StreamDetect call, is given up after so long, whatever deadline "
       "the client set; 0 is never"},
      {"admission", "max_message_bytes", &C::max_message_bytes, 1024, 1024 * kMiB, "one gRPC message"},
      {"rules", "packs_dir", &C::packs_dir, 0, 0,
       "folder of rule packs in place of those built in; SIGHUP reads it again"},
      {"models", "bundle_dir", &C::bundle_dir, 0, 0,
       "folder of a model bundle, or default (the one that comes with Privet), or none (rules alone); SIGHUP "
       "reads it again"},
      {"models",
       "device",
       &C::model_device,
       0,
       0,
       "where models compute: auto (CUDA where there is), cpu or cuda",
       {"auto", "cpu", "cuda"}},
      {"models",
       "precision",
       &C::model_precision,
       0,
       0,
       "numbers that models compute with: auto (the fastest that the device does well), fp32, bf16 or int8",
       {"auto", "fp32", "bf16", "int8"}},
      {"models", "batch_tokens", &C::batch_tokens, 64, 1 << 20,
       "tokens that one forward reads at most, whatever texts they come from"},
      {"models", "compute_threads", &C::compute_threads, 0, 1024,
       "threads of one forward on a CPU; 0 is one for each core that the process may use"},
      {"redaction", "hash_key_file", &C::hash_key_file, 0, 0,
       "file whose bytes are the key of `hash`; empty refuses `hash`"},
      {"shutdown", "drain_seconds", &C::drain_seconds, 0, 3600, "how long SIGTERM waits for calls in flight"},
      {"log", "calls", &C::log_calls, 0, 0, "one line for each call on stderr (never text)"},
      {"limits", "max_text_bytes", &C::max_text_bytes, 1, 1024 * kMiB, "one text"},
      {"limits", "max_batch_texts", &C::max_batch_texts, 1, 1000000, "texts of one BatchDetect call"},
      {"limits", "max_batch_bytes", &C::max_batch_bytes, 1, 1024 * kMiB, "all texts of one BatchDetect call"},
      {"limits", "max_findings", &C::max_findings, 1, 10000000,
       "findings in one answer; more are cut and `truncated` is set"},
      {"limits", "max_custom_rules", &C::max_custom_rules, 0, 1000, "custom rules of one request"},
      {"limits", "max_pattern_bytes", &C::max_pattern_bytes, 1, 100000, "one custom, allow or deny pattern"},
      {"limits", "max_context_words", &C::max_context_words, 0, 10000, "context words of one custom rule"},
      {"limits", "max_list_entries", &C::max_list_entries, 0, 1000000,
       "entries of the allow list, and of the deny list"},
      {"limits", "max_entry_bytes", &C::max_entry_bytes, 1, 1000000,
       "one exact value, rule name or context word"},
  };
  return *keys;
}

// What is wrong with the key's value, or nothing.
std::string FaultOf(const ServerConfig& config, const ConfigKey& key) {
  if (const auto* number = std::get_if<int64_t ServerConfig::*>(&key.field)) {
    const int64_t value = config.*(*number);
    if (value >= key.min && value <= key.max) return {};
    return absl::StrCat("must lie between ", key.min, " and ", key.max);
  }
  const auto* text = std::get_if<std::string ServerConfig::*>(&key.field);
  if (text == nullptr || key.choices.empty()) return {};
  if (std::find(key.choices.begin(), key.choices.end(), config.*(*text)) != key.choices.end()) return {};
  return absl::StrCat("must be one of ",
                      absl::StrJoin(key.choices, ", ",
                                    [](std::string* out, std::string_view choice) { out->append(choice); }));
}

std::string ValueOf(const ServerConfig& config, const ConfigKey& key) {
  if (const auto* text = std::get_if<std::string ServerConfig::*>(&key.field)) return config.*(*text);
  if (const auto* number = std::get_if<int64_t ServerConfig::*>(&key.field))
    return absl::StrCat(config.*(*number));
  return config.*std::get<bool ServerConfig::*>(key.field) ? "true" : "false";
}

}  // namespace

Limits ServerConfig::limits() const {
  Limits limits;
  limits.max_text_bytes = static_cast<size_t>(max_text_bytes);
  limits.max_batch_texts = static_cast<size_t>(max_batch_texts);
  limits.max_batch_bytes = static_cast<size_t>(max_batch_bytes);
  limits.max_findings = static_cast<size_t>(max_findings);
  limits.max_custom_rules = static_cast<size_t>(max_custom_rules);
  limits.max_pattern_bytes = static_cast<size_t>(max_pattern_bytes);
  limits.max_context_words = static_cast<size_t>(max_context_words);
  limits.max_list_entries = static_cast<size_t>(max_list_entries);
  limits.max_entry_bytes = static_cast<size_t>(max_entry_bytes);
  return limits;
}

absl::StatusOr<PipelineFolders> ServerConfig::folders() const {
  absl::StatusOr<std::filesystem::path> bundle = BundleNamed(bundle_dir, "models.bundle_dir");
  if (!bundle.ok()) return bundle.status();
  return PipelineFolders{packs_dir, *std::move(bundle)};
}

ModelOptions ServerConfig::models() const {
  return {model_device, model_precision, batch_tokens, compute_threads};
}

std::span<const ConfigKey> ConfigKeys() { return Keys(); }

std::string FlagOf(const ConfigKey& key) {
  return absl::StrReplaceAll(absl::StrCat("--", AbslView(key.section), "-", AbslView(key.name)),
                             {{"_", "-"}});
}

absl::Status ReadConfig(std::string_view content, std::string_view file_name, ServerConfig* config) {
  const absl::StatusOr<YAML::Node> root = ParseYaml(content, file_name);
  if (!root.ok()) return root.status();
  if (root->IsNull()) return absl::OkStatus();
  YamlMapping file(*root, file_name, "configuration");
  std::set<std::string_view> sections;
  for (const ConfigKey& key : Keys()) sections.insert(key.section);
  std::map<std::string_view, YAML::Node> nodes;
  // Assigning a missing node over another throws, so they are put in place.
  for (const std::string_view section : sections) nodes.emplace(section, file.Node(section));
  if (absl::Status status = file.Finish(); !status.ok()) return status;

  for (const std::string_view section : sections) {
    const YAML::Node& node = nodes.at(section);
    if (!node || node.IsNull()) continue;
    YamlMapping mapping(node, file_name, section);
    for (const ConfigKey& key : Keys()) {
      if (key.section != section) continue;
      if (const auto* text = std::get_if<std::string ServerConfig::*>(&key.field)) {
        config->*(*text) = mapping.String(key.name, config->*(*text));
      } else if (const auto* number = std::get_if<int64_t ServerConfig::*>(&key.field)) {
        config->*(*number) = mapping.Integer(key.name, config->*(*number));
      } else {
        bool ServerConfig::*flag = std::get<bool ServerConfig::*>(key.field);
        config->*flag = mapping.Boolean(key.name, config->*flag);
      }
      if (const std::string fault = FaultOf(*config, key); !fault.empty())
        return mapping.Error(key.name, fault);
    }
    if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckConfig(const ServerConfig& config) {
  for (const ConfigKey& key : Keys()) {
    const std::string fault = FaultOf(config, key);
    if (!fault.empty()) return absl::InvalidArgumentError(absl::StrCat(FlagOf(key), ": ", fault));
  }
  if (config.tls_certificate_file.empty() != config.tls_key_file.empty()) {
    return absl::InvalidArgumentError("tls: certificate_file and key_file go together; set both or none");
  }
  if (!config.tls_client_ca_file.empty() && config.tls_certificate_file.empty()) {
    return absl::InvalidArgumentError("tls: client_ca_file needs certificate_file and key_file");
  }
  const auto meets = [&](std::string_view a, std::string_view b) {
    return a == b || a == "0.0.0.0" || b == "0.0.0.0";
  };
  if (config.listen_port > 0 && config.listen_port == config.metrics_port &&
      meets(config.listen_address, config.metrics_address)) {
    return absl::InvalidArgumentError("metrics.port: is listen.port as well; take another for one of them");
  }
  // A text within its limit must fit into a message, with room for the policy.
  if (config.max_message_bytes < config.max_text_bytes || config.max_message_bytes < config.max_batch_bytes) {
    return absl::InvalidArgumentError(
        "admission.max_message_bytes: is smaller than limits.max_text_bytes or limits.max_batch_bytes; raise "
        "it");
  }
  return absl::OkStatus();
}

std::string DescribeConfiguration() {
  std::string table = "| key | flag | default | meaning |\n| --- | --- | --- | --- |\n";
  const ServerConfig defaults;
  for (const ConfigKey& key : Keys()) {
    const std::string value = ValueOf(defaults, key);
    absl::StrAppend(&table, "| `", AbslView(key.section), ".", AbslView(key.name), "` | `", FlagOf(key),
                    "` | ", value.empty() ? "" : absl::StrCat("`", value, "`"), " | ",
                    AbslView(key.description), " |\n");
  }
  return table;
}

}  // namespace privet
