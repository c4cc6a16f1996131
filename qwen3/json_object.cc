#include "qwen3/json_object.h"

#include <cmath>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/json_depth.h"

namespace privet {

absl::StatusOr<std::string> ReadFileBytes(const std::filesystem::path& file) {
  constexpr uintmax_t kMostBytes = 64 << 20;
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return absl::NotFoundError(absl::StrCat(file.string(), ": ", error.message()));
  if (size > kMostBytes) return absl::InvalidArgumentError(absl::StrCat(file.string(), ": over 64 MiB"));
  std::string bytes(size, '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) {
    return absl::InvalidArgumentError(absl::StrCat(file.string(), ": cannot be read"));
  }
  return bytes;
}

absl::StatusOr<JsonObject> JsonObject::Parse(std::string_view document, std::string_view file) {
  if (NestsTooDeep(document)) {
    return absl::InvalidArgumentError(
        absl::StrCat(AbslView(file), ": JSON nests deeper than ", kDeepestJson, " levels"));
  }
  nlohmann::json json = nlohmann::json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded())
    return absl::InvalidArgumentError(absl::StrCat(AbslView(file), ": not valid JSON"));
  if (!json.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(AbslView(file), ": must be a JSON object"));
  }
  return JsonObject(std::move(json), std::string(file), "");
}

const nlohmann::json* JsonObject::Find(std::string_view key) const {
  const auto found = json_.find(std::string(key));
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

absl::Status JsonObject::Error(std::string_view key, std::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(file_, ": ", prefix_, AbslView(key), ": ", AbslView(what)));
}

void JsonObject::Fail(std::string_view key, std::string_view what) {
  if (status_.ok()) status_ = Error(key, what);
}

int64_t JsonObject::Integer(std::string_view key, int64_t least, int64_t most,
                            std::optional<int64_t> fallback) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    if (!fallback.has_value()) Fail(key, "missing");
    return fallback.value_or(least);
  }
  // Unsigned numbers beyond int64_t would wrap.
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() || value->get<uint64_t>() <= uint64_t{INT64_MAX});
  if (!fits || value->get<int64_t>() < least || value->get<int64_t>() > most) {
    Fail(key, absl::StrCat("must be a whole number from ", least, " to ", most));
    return least;
  }
  return value->get<int64_t>();
}

double JsonObject::Number(std::string_view key, double least, double most, std::optional<double> fallback) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) {
    if (!fallback.has_value()) Fail(key, "missing");
    return fallback.value_or(least);
  }
  const double number = value->is_number() ? value->get<double>() : std::nan("");
  if (!(number >= least && number <= most)) {
    Fail(key, absl::StrCat("must be a number from ", least, " to ", most));
    return least;
  }
  return number;
}

bool JsonObject::Boolean(std::string_view key, bool fallback) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) {
    Fail(key, "must be true or false");
    return fallback;
  }
  return value->get<bool>();
}

std::string JsonObject::String(std::string_view key, std::string_view fallback) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) {
    Fail(key, "must be a string");
    return std::string(fallback);
  }
  return value->get<std::string>();
}

std::vector<std::string> JsonObject::Strings(std::string_view key) {
  std::vector<std::string> strings;
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return strings;
  if (!value->is_array()) {
    Fail(key, "must be a list of strings");
    return strings;
  }
  for (const nlohmann::json& item : *value) {
    if (!item.is_string()) {
      Fail(key, "must be a list of strings");
      return {};
    }
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

JsonObject JsonObject::Object(std::string_view key) {
  const nlohmann::json* value = Find(key);
  const std::string prefix = absl::StrCat(prefix_, AbslView(key), ".");
  if (value != nullptr && value->is_object()) return JsonObject(*value, file_, prefix);
  if (value != nullptr) Fail(key, "must be an object");
  return JsonObject(nlohmann::json::object(), file_, prefix);
}

}  // namespace privet
