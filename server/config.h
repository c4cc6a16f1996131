// The server's configuration: one YAML file, every key also a flag, all of them in one table
// (server/config.cc) that the documentation is printed from.
#ifndef PRIVET_SERVER_CONFIG_H_
#define PRIVET_SERVER_CONFIG_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pipeline/limits.h"
#include "pipeline/load.h"

namespace privet {

struct ServerConfig {
  std::string listen_address = "127.0.0.1";
  int64_t listen_port = 8750;
  std::string listen_port_file;

  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string tls_client_ca_file;

  std::string metrics_address = "127.0.0.1";
  int64_t metrics_port = 8751;

  int64_t workers = 0;
  int64_t max_in_flight = 64;
  int64_t max_in_flight_bytes = 64 << 20;
  int64_t max_stream_in_flight = 8;
  int64_t max_stream_idle_seconds = 300;
  int64_t max_work_seconds = 3600;
  int64_t max_message_bytes = 8 << 20;

  std::string packs_dir;
  std::string bundle_dir = kDefaultBundle;
  std::string model_device = ModelOptions().device;
  std::string model_precision = ModelOptions().precision;
  int64_t batch_tokens = ModelOptions().batch_tokens;
  int64_t compute_threads = ModelOptions().compute_threads;
  std::string hash_key_file;
  int64_t drain_seconds = 20;
  bool log_calls = true;

  int64_t max_text_bytes = 1 << 20;
  int64_t max_batch_texts = 1000;
  int64_t max_batch_bytes = 4 << 20;
  int64_t max_findings = 10000;
  int64_t max_custom_rules = 32;
  int64_t max_pattern_bytes = 1000;
  int64_t max_context_words = 64;
  int64_t max_list_entries = 1000;
  int64_t max_entry_bytes = 1000;

  Limits limits() const;
  // An error where no bundle is named, or the default one is not there (pipeline/load.h).
  absl::StatusOr<PipelineFolders> folders() const;
  ModelOptions models() const;
};

// One key: `section.name` in the file, `--section-name` on the command line (with '-' for '_').
struct ConfigKey {
  std::string_view section;
  std::string_view name;
  std::variant<std::string ServerConfig::*, int64_t ServerConfig::*, bool ServerConfig::*> field;
  int64_t min = 0;  // of numbers
  int64_t max = 0;
  std::string_view description;
  std::vector<std::string_view> choices = {};  // of a text that takes few values; empty: any
};

std::span<const ConfigKey> ConfigKeys();

// The flag of a key: "--listen-port".
std::string FlagOf(const ConfigKey& key);

// Reads a file over `config`. Errors read "FILE:LINE: ...": an unknown key, a value out of range.
absl::Status ReadConfig(std::string_view content, std::string_view file_name, ServerConfig* config);

// Checks values against their ranges and choices, and files against one another.
absl::Status CheckConfig(const ServerConfig& config);

// A Markdown table of all keys with flag, default and description.
std::string DescribeConfiguration();

}  // namespace privet

#endif  // PRIVET_SERVER_CONFIG_H_
