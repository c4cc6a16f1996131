#include "qwen3/tokenizer_json.h"

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {

using Json = nlohmann::json;

absl::Status Refused(std::string_view file, std::string_view key, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(AbslView(file), ": ", AbslView(key), ": ", AbslView(reason)));
}

absl::Status Unsupported(std::string_view file, std::string_view key, const Json& found,
                         std::string_view accepted) {
  return Refused(file, key, absl::StrCat("found ", Shown(found), "; accepted: ", AbslView(accepted)));
}

// The beginning of a value, for an error. A file may nest a value as deep as it likes, so only the first
// level is shown.
std::string Shown(const Json& value) {
  constexpr size_t kMostBytes = 120;
  constexpr size_t kMostMembers = 8;
  if (value.is_array()) return absl::StrCat("a list of ", value.size());
  Json shown = value.is_object() ? Json::object() : value;
  if (value.is_object()) {
    for (const auto& member : value.items()) {
      if (shown.size() == kMostMembers) break;
      shown[member.key()] = member.value().is_structured() ? Json("...") : member.value();
    }
  }
  std::string text = shown.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  if (text.size() > kMostBytes)
    text = absl::StrCat(AbslView(std::string_view(text).substr(0, kMostBytes)), "...");
  return text;
}

const Json& Member(const Json& mapping, const char* key) {
  static const Json* const null = new Json();
  const auto found = mapping.find(key);
  return found != mapping.end() ? *found : *null;
}

absl::Status ExpectMember(std::string_view file, std::string_view path, const Json& mapping, const char* key,
                          const Json& accepted) {
  const Json& found = Member(mapping, key);
  if (found.is_null() || found == accepted) return absl::OkStatus();
  return Unsupported(file, absl::StrCat(AbslView(path), ".", key), found, Shown(accepted));
}

absl::StatusOr<Json> ParseJson(std::string_view content, std::string_view file) {
  try {
    return Json::parse(content);
  } catch (const Json::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(AbslView(file), ": not JSON from byte ", error.byte,
                                                   "; the file is damaged or cut short"));
  } catch (const Json::exception&) {  // a number too large
    return absl::InvalidArgumentError(
        absl::StrCat(AbslView(file), ": holds a number that no tokenizer needs"));
  }
}

}  // namespace privet
