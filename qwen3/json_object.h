// Typed reading of a JSON file of a checkpoint. Unlike our own YAML, such files hold many keys that are not
// for us, so unknown keys are passed over.
#ifndef PRIVET_QWEN3_JSON_OBJECT_H_
#define PRIVET_QWEN3_JSON_OBJECT_H_

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

// The whole file, which may have at most 64 MiB. NOT_FOUND or INVALID_ARGUMENT "FILE: what".
absl::StatusOr<std::string> ReadFileBytes(const std::filesystem::path& file);

// One object of a JSON document, read key by key. The first error is kept and returned by Finish(), as
// INVALID_ARGUMENT "FILE: KEY: what". A key whose value is null counts as absent. Not thread-safe.
class JsonObject {
 public:
  // Parses a document whose top is an object.
  static absl::StatusOr<JsonObject> Parse(std::string_view document, std::string_view file);

  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // A whole number in [least, most]. Without a fallback the key must be there.
  int64_t Integer(std::string_view key, int64_t least, int64_t most,
                  std::optional<int64_t> fallback = std::nullopt);
  // A finite number in [least, most].
  double Number(std::string_view key, double least, double most,
                std::optional<double> fallback = std::nullopt);
  bool Boolean(std::string_view key, bool fallback);
  std::string String(std::string_view key, std::string_view fallback);
  // A list of strings; empty when the key is absent.
  std::vector<std::string> Strings(std::string_view key);
  // An object below; empty when the key is absent. Its errors name "KEY.its key"; hand them on with Adopt().
  JsonObject Object(std::string_view key);

  // The value of a key, nullptr when it is absent or null.
  const nlohmann::json* Find(std::string_view key) const;
  const nlohmann::json& json() const { return json_; }

  // INVALID_ARGUMENT about a key of this object.
  absl::Status Error(std::string_view key, std::string_view what) const;
  void Fail(std::string_view key, std::string_view what);
  // Takes an error of an object below, unless there is an earlier one.
  void Adopt(const absl::Status& status) { status_.Update(status); }
  const absl::Status& Finish() const { return status_; }

 private:
  JsonObject(nlohmann::json json, std::string file, std::string prefix)
      : json_(std::move(json)), file_(std::move(file)), prefix_(std::move(prefix)) {}

  nlohmann::json json_;
  std::string file_;
  std::string prefix_;  // of every key in messages: "" or "rope_scaling."
  absl::Status status_;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_JSON_OBJECT_H_
