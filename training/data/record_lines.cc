#include "training/data/record_lines.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/offsets.h"
#include "core/utf8.h"

namespace privet {
namespace {

using Json = nlohmann::ordered_json;

// Byte offset of each code point, and the size at the end.
std::vector<size_t> CodePointStarts(std::string_view text) {
  std::vector<size_t> starts;
  starts.reserve(text.size() + 1);
  for (size_t at = 0; at < text.size(); at += DecodeUtf8(text, at).length) starts.push_back(at);
  starts.push_back(text.size());
  return starts;
}

absl::StatusOr<EntityType> TypeOf(const Json& id, std::string_view origin) {
  if (!id.is_string())
    return absl::InvalidArgumentError(absl::StrCat(AbslView(origin), ": a type is no string"));
  const auto& name = id.get_ref<const std::string&>();
  if (const std::optional<EntityType> type = FindEntityType(name)) return *type;
  const std::string_view nearest = NearestEntityTypeId(name);
  return absl::InvalidArgumentError(
      absl::StrCat(AbslView(origin), ": '", name, "' is no type of Privet",
                   nearest.empty() ? "" : absl::StrCat("; did you mean ", AbslView(nearest), "?")));
}

}  // namespace

absl::StatusOr<LabeledRecord> ParseRecordLine(std::string_view line, std::string origin) {
  const auto wrong = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ": ", AbslView(what)));
  };
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return wrong("no JSON object");
  const auto text = json.find("text");
  if (text == json.end() || !text->is_string()) return wrong("'text' is missing or no string");
  LabeledRecord record;
  record.text = text->get<std::string>();
  if (FindInvalidUtf8(record.text) != std::string::npos) return wrong("'text' is not UTF-8");
  const auto spans = json.find("spans");
  if (spans == json.end() || !spans->is_array()) return wrong("'spans' is missing or no array");
  const std::vector<size_t> starts = CodePointStarts(record.text);
  for (const Json& span : *spans) {
    if (!span.is_array() || span.size() != 3 || !span[0].is_number_unsigned() ||
        !span[1].is_number_unsigned()) {
      return wrong("a span is not [begin, end, \"TYPE\"]");
    }
    const auto begin = span[0].get<uint64_t>(), end = span[1].get<uint64_t>();
    if (begin >= end || end >= starts.size()) return wrong("a span is empty or ends behind the text");
    const absl::StatusOr<EntityType> type = TypeOf(span[2], origin);
    if (!type.ok()) return type.status();
    record.spans.push_back({{starts[begin], starts[end]}, *type});
  }
  std::sort(record.spans.begin(), record.spans.end(),
            [](const LabeledSpan& a, const LabeledSpan& b) { return a.span < b.span; });
  for (size_t i = 1; i < record.spans.size(); ++i) {
    if (record.spans[i].span.Overlaps(record.spans[i - 1].span)) return wrong("two spans overlap");
  }
  if (const auto covers = json.find("covers"); covers != json.end()) {
    if (!covers->is_array()) return wrong("'covers' is no array");
    record.covers.reset();
    for (const Json& id : *covers) {
      const absl::StatusOr<EntityType> type = TypeOf(id, origin);
      if (!type.ok()) return type.status();
      record.covers.set(IndexOf(*type));
    }
  }
  record.origin = std::move(origin);
  return record;
}

std::string RecordLine(const LabeledRecord& record) {
  std::vector<size_t> bytes;
  bytes.reserve(record.spans.size() * 2);
  for (const LabeledSpan& span : record.spans) {
    bytes.push_back(span.span.begin);
    bytes.push_back(span.span.end);
  }
  const std::vector<Position> positions = PositionsOf(record.text, bytes);
  Json json = {{"text", record.text}, {"spans", Json::array()}};
  for (size_t i = 0; i < record.spans.size(); ++i) {
    json["spans"].push_back(
        {positions[2 * i].codepoints, positions[2 * i + 1].codepoints, IdOf(record.spans[i].type)});
  }
  if (!record.covers.all()) {
    json["covers"] = Json::array();
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (record.covers.test(IndexOf(spec.type))) json["covers"].push_back(spec.id);
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace privet
