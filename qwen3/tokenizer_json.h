// Reading the JSON of tokenizer files with errors that name the file, the key and what was found.
#ifndef PRIVET_QWEN3_TOKENIZER_JSON_H_
#define PRIVET_QWEN3_TOKENIZER_JSON_H_

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

// INVALID_ARGUMENT "FILE: KEY: REASON".
absl::Status Refused(std::string_view file, std::string_view key, std::string_view reason);

// INVALID_ARGUMENT "FILE: KEY: found VALUE; accepted: ACCEPTED".
absl::Status Unsupported(std::string_view file, std::string_view key, const nlohmann::json& found,
                         std::string_view accepted);

// The beginning of a value as JSON, at most some 120 bytes of ASCII.
std::string Shown(const nlohmann::json& value);

// A member of a mapping; null where it is absent, and where `mapping` is none. Lives as long as `mapping`.
const nlohmann::json& Member(const nlohmann::json& mapping, const char* key);

// An error unless the member is absent, null or equal to `accepted`.
absl::Status ExpectMember(std::string_view file, std::string_view path, const nlohmann::json& mapping,
                          const char* key, const nlohmann::json& accepted);

// Any bytes; INVALID_ARGUMENT names the byte where they stop being JSON.
absl::StatusOr<nlohmann::json> ParseJson(std::string_view content, std::string_view file);

}  // namespace privet

#endif  // PRIVET_QWEN3_TOKENIZER_JSON_H_
