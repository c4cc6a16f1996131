#include "training/data/json_line.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/json_depth.h"
#include "core/verbatim_json.h"

namespace privet {

// Reads past the stream, which would look at itself before each character, and so catches what the stream
// would.
bool ReadLine(std::istream* in, std::string* line) try {
  line->clear();
  std::streambuf* const buffer = in->rdbuf();
  if (!in->good()) return false;
  for (int c = buffer->sbumpc(); c != '\n'; c = buffer->sbumpc()) {
    if (c == std::char_traits<char>::eof()) {
      in->setstate(std::ios::eofbit);
      if (line->empty()) return false;
      break;
    }
    if (line->size() <= kMostLineBytes) line->push_back(static_cast<char>(c));
  }
  if (!line->empty() && line->back() == '\r') line->pop_back();
  return true;
} catch (const std::ios_base::failure&) {
  in->setstate(std::ios::badbit);
  return false;
}

absl::StatusOr<nlohmann::json> ParseJsonLine(std::string_view line) {
  if (line.size() > kMostLineBytes)
    return absl::InvalidArgumentError(absl::StrCat("is longer than ", kMostLineBytes, " bytes"));
  if (NestsTooDeep(line))
    return absl::InvalidArgumentError(absl::StrCat("nests more than ", kDeepestJson, " levels"));
  try {
    return nlohmann::json::parse(line);
  } catch (const nlohmann::json::parse_error& error) {
    const bool at_end = error.byte > line.size();
    // No JSON holds a carriage return but between its parts, and there nobody writes one alone.
    const bool has_return = line.find('\r') != std::string_view::npos;
    return absl::InvalidArgumentError(
        absl::StrCat(JsonFault(error, at_end), at_end       ? "; a record must stand on one line"
                                               : has_return ? "; lines must end with a line feed"
                                                            : ""));
  } catch (const nlohmann::json::exception& error) {
    const auto object = VerbatimObject::Parse(line);
    if (!object.has_value()) return absl::InvalidArgumentError(JsonFault(error, /*at_end=*/false));
    nlohmann::json json;
    for (const VerbatimObject::Member& member : object->members()) {
      json[member.name] = nlohmann::json::parse(member.json, nullptr, /*allow_exceptions=*/false);
      if (json[member.name].is_discarded()) json[member.name] = nullptr;
    }
    return json;
  }
}

std::string JsonFault(const nlohmann::json::exception& error, bool at_end, size_t skipped) {
  const auto* const syntax = dynamic_cast<const nlohmann::json::parse_error*>(&error);
  if (syntax == nullptr) return "holds a number that is too large to read";
  const size_t byte = skipped + syntax->byte;
  if (at_end) return absl::StrCat("ends at byte ", byte - 1, ", before its JSON does");
  const std::string_view what = error.what();
  if (what.ends_with("; expected end of input"))
    return absl::StrCat("has more behind its JSON, at byte ", byte);
  const std::string_view reason = what.substr(0, what.find("; last read"));
  return absl::StrCat(
      absl::StrContains(AbslView(reason), "ill-formed UTF-8") ? "is not UTF-8" : "is not JSON", " at byte ",
      byte);
}

}  // namespace privet
