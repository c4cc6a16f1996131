#include "training/data/convert.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/utf8.h"

namespace privet {
namespace {

using Json = nlohmann::json;

// An entity as it was written. Without offsets its value is looked for.
struct RawEntity {
  int64_t begin = -1;
  int64_t end = -1;
  std::string label;
  std::string value;
};

struct RawRecord {
  std::string text;
  std::vector<RawEntity> entities;
  std::string shape;
  std::string origin;
  std::string fault;              // why it cannot be used; empty: nothing yet
  std::optional<TypeSet> covers;  // as the record itself says
};

const Json* Member(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* const key : keys) {
    if (const auto found = object.find(key); found != object.end()) return &*found;
  }
  return nullptr;
}

std::string TextOf(const Json* json) {
  return json != nullptr && json->is_string() ? json->get<std::string>() : "";
}

// [begin, end, label] or an object.
bool ReadEntity(const Json& json, RawEntity* entity) {
  if (json.is_array()) {
    if (json.size() < 3 || !json[0].is_number_integer() || !json[1].is_number_integer() ||
        !json[2].is_string())
      return false;
    *entity = {json[0].get<int64_t>(), json[1].get<int64_t>(), json[2].get<std::string>(), ""};
    return true;
  }
  if (!json.is_object()) return false;
  const Json* const begin = Member(json, {"begin", "start", "start_offset", "start_position"});
  const Json* const end = Member(json, {"end", "end_offset", "end_position"});
  const Json* label = Member(json, {"label", "type", "entity_type", "entity_group", "labels"});
  if (label != nullptr && label->is_array() && label->size() == 1) label = &(*label)[0];
  if (label == nullptr || !label->is_string()) return false;
  entity->label = label->get<std::string>();
  entity->value = TextOf(Member(json, {"text", "value", "entity", "word", "entity_value"}));
  if (begin != nullptr && end != nullptr && begin->is_number_integer() && end->is_number_integer()) {
    entity->begin = begin->get<int64_t>();
    entity->end = end->get<int64_t>();
    return true;
  }
  return !entity->value.empty();
}

void ReadEntities(const Json& list, RawRecord* record) {
  if (!list.is_array()) {
    record->fault = "its entities are not a list";
    return;
  }
  for (const Json& json : list) {
    RawEntity entity;
    if (!ReadEntity(json, &entity)) {
      record->fault = "an entity has no label, or neither offsets nor a value";
      return;
    }
    record->entities.push_back(std::move(entity));
  }
}

// CLUENER: {label: {value: [[begin, last]]}}.
void ReadLabelTree(const Json& tree, RawRecord* record) {
  for (const auto& [label, values] : tree.items()) {
    if (!values.is_object()) {
      record->fault = "a label does not hold values";
      return;
    }
    for (const auto& [value, places] : values.items()) {
      for (const Json& place : places) {
        if (!place.is_array() || place.size() != 2 || !place[0].is_number_integer() ||
            !place[1].is_number_integer()) {
          record->fault = "a value's place is not [begin, last]";
          return;
        }
        record->entities.push_back({place[0].get<int64_t>(), place[1].get<int64_t>() + 1, label, value});
      }
    }
  }
}

// What an assistant answered: an object with entities, or its JSON.
void ReadAnswer(const Json& answer, RawRecord* record) {
  Json parsed = answer;
  if (answer.is_string())
    parsed = Json::parse(answer.get<std::string>(), nullptr, /*allow_exceptions=*/false);
  const Json* entities = parsed.is_object() ? Member(parsed, {"entities"}) : nullptr;
  if (parsed.is_array()) entities = &parsed;
  if (entities == nullptr) {
    record->fault = "the answer is not JSON with a list \"entities\"";
    return;
  }
  ReadEntities(*entities, record);
}

void ReadChat(const Json& turns, RawRecord* record) {
  if (!turns.is_array()) {
    record->fault = "its turns are not a list";
    return;
  }
  const Json* answer = nullptr;
  std::string question;
  for (const Json& turn : turns) {
    if (!turn.is_object()) continue;
    const std::string role = TextOf(Member(turn, {"role", "from"}));
    const Json* const content = Member(turn, {"content", "value"});
    if (role == "user" || role == "human") question = TextOf(content);
    if (role == "assistant" || role == "gpt") {
      answer = content;
      record->text = question;  // a question that comes after has no answer
    }
  }
  if (answer == nullptr) {
    record->fault = "no turn with content is an assistant's";
  } else {
    ReadAnswer(*answer, record);
  }
}

void ReadLabelStudio(const Json& json, RawRecord* record) {
  record->text = TextOf(Member(json["data"].is_object() ? json["data"] : Json::object(), {"text"}));
  const Json& annotations = json["annotations"];
  if (!annotations.is_array() || annotations.empty()) {
    record->fault = "nobody has annotated it yet";  // which does not say that it has no entities
    return;
  }
  const Json* const results = Member(annotations[0], {"result"});
  if (results == nullptr || !results->is_array()) return;
  for (const Json& result : *results) {
    RawEntity entity;
    const Json* const value = result.is_object() ? Member(result, {"value"}) : nullptr;
    // Relations and choices have no place in the text; what is marked in it has.
    if (value == nullptr || (Member(*value, {"start", "end"}) == nullptr)) continue;
    if (!ReadEntity(*value, &entity)) {
      record->fault = "a marked region has not one label, or no offsets";
      return;
    }
    record->entities.push_back(std::move(entity));
  }
}

void ReadCovers(const Json& list, RawRecord* record) {
  if (!list.is_array()) {
    record->fault = "\"covers\" is not a list of entity types";
    return;
  }
  record->covers.emplace();
  for (const Json& name : list) {
    const auto type = FindEntityType(name.is_string() ? name.get_ref<const std::string&>() : "");
    if (!type.has_value()) {
      record->fault = "\"covers\" is not a list of entity types";
      return;
    }
    record->covers->set(IndexOf(*type));
  }
}

RawRecord ReadObject(const Json& json) {
  RawRecord record;
  if (!json.is_object()) {
    record.fault = "is not a JSON object";
    return record;
  }
  if (json.contains("data") && json.contains("annotations")) {
    record.shape = "label studio";
    ReadLabelStudio(json, &record);
  } else if (const Json* const turns = Member(json, {"messages", "conversations"})) {
    record.shape = "chat";
    ReadChat(*turns, &record);
  } else if (json.contains("output") && (json.contains("input") || json.contains("instruction"))) {
    record.shape = "instruction";
    record.text = TextOf(Member(json, {"input"}));
    if (record.text.empty()) record.text = TextOf(Member(json, {"instruction"}));
    ReadAnswer(json["output"], &record);
  } else if (json.contains("text")) {
    record.text = TextOf(Member(json, {"text"}));
    if (const Json* const spans = Member(json, {"spans"})) {
      record.shape = "spans";
      ReadEntities(*spans, &record);
    } else if (const Json* const entities = Member(json, {"entities"})) {
      record.shape = "entities";
      ReadEntities(*entities, &record);
    } else if (const Json* const labels = Member(json, {"label", "labels"})) {
      record.shape = labels->is_object() ? "label tree" : "doccano";
      labels->is_object() ? ReadLabelTree(*labels, &record) : ReadEntities(*labels, &record);
    } else {
      record.fault = "has a text, but none of spans, entities, label";
    }
  } else {
    record.fault =
        "is of no known shape: it has no text, messages, input and output, or data and annotations";
  }
  if (const Json* const covers = Member(json, {"covers"}); covers != nullptr && record.fault.empty())
    ReadCovers(*covers, &record);
  if (record.fault.empty() && record.text.empty()) record.fault = "has no text";
  return record;
}

// ---- columns

// Between tokens of scripts that write words apart stands a space; Han, kana and what follows punctuation
// stand together.
bool IsWide(std::string_view token, bool last) {
  if (token.empty()) return false;
  const size_t at = last ? PreviousCodePoint(token, token.size()) : 0;
  return DecodeUtf8(token, at).value >= 0x2E80;
}

RawRecord ReadColumns(const std::vector<std::pair<std::string, std::string>>& rows) {
  RawRecord record;
  record.shape = "columns";
  RawEntity open;
  const auto close = [&] {
    if (!open.label.empty()) record.entities.push_back(open);
    open = {};
  };
  for (const auto& [token, tag] : rows) {
    if (FindInvalidUtf8(token) != std::string_view::npos) {  // before anything decodes it
      record.fault = "its text is not UTF-8";
      return record;
    }
    if (!record.text.empty() && !IsWide(record.text, true) && !IsWide(token, false)) record.text += ' ';
    const auto begin = static_cast<int64_t>(record.text.size());
    record.text += token;
    const auto end = static_cast<int64_t>(record.text.size());
    const char kind = tag.empty() ? 'O' : tag[0];
    const std::string label = tag.size() > 2 && (tag[1] == '-' || tag[1] == '_') ? tag.substr(2) : "";
    const bool continues =
        (kind == 'I' || kind == 'M' || kind == 'E') && label == open.label && !label.empty();
    if (!continues) close();
    if (label.empty()) continue;
    if (!continues) {
      open = {begin, end, label, ""};
    } else {
      open.end = end;
    }
    if (kind == 'E' || kind == 'S') close();
  }
  close();
  return record;
}

std::vector<RawRecord> ReadColumnFile(const std::string& content, const std::string& file) {
  std::vector<RawRecord> records;
  std::vector<std::pair<std::string, std::string>> rows;
  int64_t first_line = 1;
  const auto flush = [&] {
    if (rows.empty()) return;
    records.push_back(ReadColumns(rows));
    records.back().origin = absl::StrCat(file, ":", first_line);
    rows.clear();
  };
  int64_t number = 0;
  for (const absl::string_view piece : absl::StrSplit(content, '\n')) {
    ++number;
    std::string line(piece);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find_first_not_of(" \t") == std::string::npos || line.starts_with("-DOCSTART-")) {
      flush();
      continue;
    }
    if (rows.empty()) first_line = number;
    const size_t before_tag = line.find_last_of(" \t");
    const size_t after_token = line.find_first_of(" \t");
    if (before_tag == std::string::npos) {
      rows.emplace_back(line, "O");
    } else {
      rows.emplace_back(line.substr(0, after_token), line.substr(before_tag + 1));
    }
  }
  flush();
  return records;
}

// ---- offsets

// By unit: the byte at each offset; offsets inside a character give npos.
std::vector<size_t> BytesByOffset(std::string_view text, OffsetUnit unit) {
  std::vector<size_t> bytes;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeUtf8(text, i);
    bytes.push_back(i);
    const size_t more = unit == OffsetUnit::Bytes
                            ? point.length - 1
                            : (unit == OffsetUnit::Utf16 && point.value >= 0x10000 ? 1 : 0);
    bytes.insert(bytes.end(), more, std::string_view::npos);
    i += point.length;
  }
  bytes.push_back(text.size());
  return bytes;
}

std::optional<Span> SpanAt(const std::vector<size_t>& bytes, const RawEntity& entity) {
  if (entity.begin < 0 || entity.begin >= entity.end || entity.end >= static_cast<int64_t>(bytes.size()))
    return std::nullopt;
  const Span span = {bytes[static_cast<size_t>(entity.begin)], bytes[static_cast<size_t>(entity.end)]};
  if (span.begin == std::string_view::npos || span.end == std::string_view::npos) return std::nullopt;
  return span;
}

// How well a unit explains the offsets: spans on borders, with the value they are said to have, without white
// space at their ends. Of equals code points come first.
OffsetUnit DetectUnit(const std::vector<RawRecord>& records, bool* matters) {
  OffsetUnit best = OffsetUnit::CodePoints;
  int64_t best_score = -1;
  for (const OffsetUnit unit : {OffsetUnit::CodePoints, OffsetUnit::Utf16, OffsetUnit::Bytes}) {
    int64_t score = 0;
    for (const RawRecord& record : records) {
      if (!record.fault.empty() || record.shape == "columns") continue;
      const std::vector<size_t> bytes = BytesByOffset(record.text, unit);
      for (const RawEntity& entity : record.entities) {
        const std::optional<Span> span = SpanAt(bytes, entity);
        if (!span.has_value()) continue;
        const std::string_view value = std::string_view(record.text).substr(span->begin, span->size());
        const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
        score += 2 + (!entity.value.empty() && value == entity.value ? 4 : 0) -
                 (is_space(value.front()) || is_space(value.back()) ? 1 : 0);
      }
    }
    if (best_score >= 0 && score != best_score) *matters = true;
    if (score > best_score) {
      best_score = score;
      best = unit;
    }
  }
  return best;
}

// ---- labels and overlaps

// Where the values stand: the longest first, each occurrence that is free.
bool FindValues(const RawRecord& raw, std::vector<std::pair<Span, std::string>>* found, int64_t* unaligned) {
  std::vector<const RawEntity*> values;
  for (const RawEntity& entity : raw.entities) {
    if (entity.begin < 0) values.push_back(&entity);
  }
  std::stable_sort(values.begin(), values.end(),
                   [](const RawEntity* a, const RawEntity* b) { return a->value.size() > b->value.size(); });
  bool all = true;
  std::vector<std::string> done;
  for (const RawEntity* const entity : values) {
    const std::string key = absl::StrCat(entity->label, "\n", entity->value);
    if (std::find(done.begin(), done.end(), key) != done.end()) continue;
    done.push_back(key);
    bool occurs = false;
    for (size_t at = raw.text.find(entity->value); at != std::string::npos;
         at = raw.text.find(entity->value, at + entity->value.size())) {
      occurs = true;
      const Span span = {at, at + entity->value.size()};
      const bool taken = std::any_of(found->begin(), found->end(),
                                     [&](const auto& other) { return other.first.Overlaps(span); });
      if (!taken) found->emplace_back(span, entity->label);
    }
    if (!occurs) {
      ++*unaligned;
      all = false;
    }
  }
  return all;
}

void Convert(RawRecord raw, const ConvertOptions& options, OffsetUnit unit, ConvertReport* report,
             const std::function<void(const LabeledRecord&)>& take) {
  const auto unusable = [&](const std::string& reason) {
    ++report->unusable_count;
    if (report->unusable.size() < RecordFile::kMostListed) report->unusable.push_back({raw.origin, reason});
  };
  if (!raw.fault.empty()) return unusable(raw.fault);
  std::vector<std::pair<Span, std::string>> found;
  const std::vector<size_t> bytes =
      BytesByOffset(raw.text, raw.shape == "columns" ? OffsetUnit::Bytes : unit);
  for (const RawEntity& entity : raw.entities) {
    if (entity.begin < 0) continue;
    const std::optional<Span> span = SpanAt(bytes, entity);
    if (!span.has_value()) {
      return unusable(
          absl::StrCat("offsets [", entity.begin, ", ", entity.end,
                       ") are empty, beyond the text, or inside a character; --unit says what they count"));
    }
    found.emplace_back(*span, entity.label);
  }
  if (!FindValues(raw, &found, &report->unaligned)) return unusable("a value does not occur in the text");

  LabeledRecord record;
  record.text = std::move(raw.text);
  record.origin = raw.origin;
  if (raw.covers.has_value()) record.covers = *raw.covers;
  if (options.covers.has_value()) record.covers = *options.covers;
  bool known = true;
  std::vector<LabeledSpan> spans;
  for (const auto& [span, label] : found) {
    const std::optional<MappedLabel> mapped = options.labels.Find(label);
    if (!mapped.has_value()) {
      ++report->unknown_labels[label];
      known = false;
    } else if (!mapped->has_value()) {
      ++report->ignored_labels[label];
    } else {
      spans.push_back({span, **mapped});
    }
  }
  if (!known) return unusable("has a label that no map knows");
  // The earlier, of those the longer.
  std::sort(spans.begin(), spans.end(), [](const LabeledSpan& a, const LabeledSpan& b) {
    return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.span.end > b.span.end;
  });
  for (const LabeledSpan& span : spans) {
    if (!record.spans.empty() && record.spans.back().span.Overlaps(span.span)) {
      ++report->nested;
      continue;
    }
    record.spans.push_back(span);
    ++report->entities[span.type];
  }
  ++report->records;
  report->with_entities += record.spans.empty() ? 0 : 1;
  ++report->shapes[raw.shape];
  take(record);
}

}  // namespace

absl::StatusOr<ConvertReport> ConvertFile(const std::string& file, const ConvertOptions& options,
                                          const std::function<void(const LabeledRecord&)>& take) {
  std::ifstream in(file, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(in)), {});
  if (!in) return absl::NotFoundError(absl::StrCat(file, ": cannot be read"));
  const size_t first = content.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  std::vector<RawRecord> records;
  if (first != std::string::npos && content[first] == '[') {
    const Json array = Json::parse(content.substr(first), nullptr, /*allow_exceptions=*/false);
    if (!array.is_array())
      return absl::InvalidArgumentError(absl::StrCat(file, ": begins like a JSON array, but is none"));
    for (size_t i = 0; i < array.size(); ++i) {
      records.push_back(ReadObject(array[i]));
      records.back().origin = absl::StrCat(file, "[", i, "]");
    }
  } else if (first != std::string::npos && content[first] == '{') {
    int64_t number = 0;
    for (const absl::string_view piece : absl::StrSplit(content, '\n')) {
      ++number;
      const std::string line(piece);
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      records.push_back(ReadObject(Json::parse(line, nullptr, /*allow_exceptions=*/false)));
      records.back().origin = absl::StrCat(file, ":", number);
    }
  } else {
    records = ReadColumnFile(content, file);
  }
  for (RawRecord& record : records) {
    if (record.fault.empty() && FindInvalidUtf8(record.text) != std::string_view::npos)
      record.fault = "its text is not UTF-8";
  }
  ConvertReport report;
  const OffsetUnit detected = DetectUnit(records, &report.unit_matters);
  report.unit = options.unit == OffsetUnit::Auto ? detected : options.unit;
  for (RawRecord& record : records) Convert(std::move(record), options, report.unit, &report, take);
  return report;
}

}  // namespace privet
