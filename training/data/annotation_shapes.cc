#include "training/data/annotation_shapes.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/verbatim_json.h"
#include "training/data/json_line.h"

namespace privet {
namespace {

using Json = nlohmann::json;

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
    *entity = {RawRange{json[0].get<int64_t>(), json[1].get<int64_t>()}, json[2].get<std::string>(), ""};
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
  const auto is_given = [](const Json* offset) { return offset != nullptr && !offset->is_null(); };
  if (!is_given(begin) && !is_given(end)) return !entity->value.empty();
  if (!is_given(begin) || !is_given(end) || !begin->is_number_integer() || !end->is_number_integer())
    return false;
  entity->range = {begin->get<int64_t>(), end->get<int64_t>()};
  return true;
}

void ReadEntities(const Json& list, RawRecord* record) {
  if (!list.is_array()) {
    record->fault = "its entities are not a list";
    return;
  }
  for (const Json& json : list) {
    RawEntity entity;
    if (!ReadEntity(json, &entity)) {
      record->fault = "an entity has no label, or neither offsets that are whole numbers nor a value";
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
      if (places.empty()) {
        record->fault = "a value has no place";
        return;
      }
      for (const Json& place : places) {
        if (!place.is_array() || place.size() != 2 || !place[0].is_number_integer() ||
            !place[1].is_number_integer()) {
          record->fault = "a value's place is not [begin, last]";
          return;
        }
        record->entities.push_back(
            {RawRange{place[0].get<int64_t>(), place[1].get<int64_t>() + 1}, label, value});
      }
    }
  }
}

// JSON that a model wrote: perhaps behind its thoughts, and in a fence of Markdown.
Json ParseAnswer(std::string_view answer) {
  constexpr std::string_view kThought = "</think>", kFence = "```";
  if (auto whole = ParseJsonLine(answer); whole.ok()) return *std::move(whole);
  if (const size_t thought = answer.find(kThought); thought != std::string_view::npos)
    answer.remove_prefix(thought + kThought.size());
  if (auto whole = ParseJsonLine(answer); whole.ok()) return *std::move(whole);
  const size_t fence = answer.find(kFence);
  const size_t begin =
      fence == std::string_view::npos ? fence : answer.find('\n', fence);  // behind "```json"
  if (begin == std::string_view::npos) return nullptr;
  return ParseJsonLine(answer.substr(begin, answer.find(kFence, begin) - begin)).value_or(nullptr);
}

// What an assistant answered: an object with entities, or its JSON.
void ReadAnswer(const Json& answer, RawRecord* record) {
  const Json parsed = answer.is_string() ? ParseAnswer(answer.get_ref<const std::string&>()) : answer;
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
  const Json* const data = Member(json, {"data"});
  if (data != nullptr && data->is_object()) record->text = TextOf(Member(*data, {"text"}));
  const Json& annotations = *Member(json, {"annotations"});
  if (!annotations.is_array() || annotations.empty()) {
    record->fault = "nobody has annotated it yet";  // which does not say that it has no entities
    return;
  }
  // One that its annotator skipped says nothing of the text. Of several annotators' the first counts.
  const Json* annotation = nullptr;
  for (const Json& candidate : annotations) {
    const Json* const cancelled = Member(candidate, {"was_cancelled"});
    if (cancelled != nullptr && *cancelled == true) continue;
    if (annotation == nullptr) {
      annotation = &candidate;
    } else {
      ++record->left_out_annotations;
    }
  }
  const Json* const results = annotation == nullptr ? nullptr : Member(*annotation, {"result"});
  if (results == nullptr || !results->is_array()) {
    record->fault = annotation == nullptr ? "all its annotations were cancelled"
                                          : "its annotation has no list \"result\"";
    return;
  }
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

std::optional<AnnotationShape> ShapeOf(const Json& json) {
  if (json.contains("data") && json.contains("annotations")) return AnnotationShape::LabelStudio;
  if (Member(json, {"messages", "conversations"}) != nullptr) return AnnotationShape::Chat;
  if (json.contains("output") && Member(json, {"input", "instruction"}) != nullptr)
    return AnnotationShape::Instruction;
  if (!json.contains("text")) return std::nullopt;
  if (json.contains("spans")) return AnnotationShape::Spans;
  if (json.contains("entities")) return AnnotationShape::Entities;
  const Json* const labels = Member(json, {"label", "labels"});
  if (labels == nullptr) return std::nullopt;
  return labels->is_object() ? AnnotationShape::LabelTree : AnnotationShape::Doccano;
}

// The fields that a shape reads, and the one of them without which there is nothing to read.
struct Fields {
  std::vector<const char*> own;
  std::vector<const char*> needed;  // one of them
};

Fields FieldsOf(AnnotationShape shape) {
  switch (shape) {
    case AnnotationShape::Spans:
      return {{"text", "spans"}, {"spans"}};
    case AnnotationShape::Entities:
      return {{"text", "entities"}, {"entities"}};
    case AnnotationShape::Doccano:
    case AnnotationShape::LabelTree:
      return {{"text", "label", "labels"}, {"label", "labels"}};
    case AnnotationShape::Instruction:
      return {{"input", "instruction", "output"}, {"output"}};
    case AnnotationShape::Chat:
      return {{"messages", "conversations"}, {"messages", "conversations"}};
    case AnnotationShape::LabelStudio:
      return {{"data", "annotations"}, {"annotations"}};
    case AnnotationShape::Columns:
      break;
  }
  return {};
}

const Json* FirstOf(const Json& json, const std::vector<const char*>& keys) {
  for (const char* const key : keys) {
    if (const Json* const found = Member(json, {key})) return found;
  }
  return nullptr;
}

// What is left when the shape's fields and a record's own are taken out.
std::string OtherFieldsOf(std::string_view json, const Fields& fields) {
  VerbatimObject others = VerbatimObject::Parse(json).value_or(VerbatimObject());
  VerbatimObject data;
  if (const std::string* const found = others.Find("data");
      found != nullptr && fields.own.front() == std::string_view("data"))
    data = VerbatimObject::Parse(*found).value_or(VerbatimObject());
  for (const char* const own : fields.own) others.Erase(own);
  for (const VerbatimObject::Member& member : data.members()) {
    if (others.Find(member.name) == nullptr) others.Set(member.name, member.json);
  }
  for (const char* const own : {"text", "spans", "covers"}) others.Erase(own);
  return others.members().empty() ? "" : others.Write();
}

}  // namespace

RawRecord ReadAnnotation(std::string_view object, std::optional<AnnotationShape> shape) {
  RawRecord record;
  const absl::StatusOr<Json> parsed = ParseJsonLine(object);
  if (!parsed.ok()) {
    record.fault = std::string(parsed.status().message());
    return record;
  }
  const Json& json = *parsed;
  if (!json.is_object()) {
    record.fault = "is not a JSON object";
    return record;
  }
  record.shape = shape.has_value() ? shape : ShapeOf(json);
  if (!record.shape.has_value()) {
    record.fault =
        json.contains("text")
            ? "has a text, but none of spans, entities, label"
            : "is of no known shape: it has no text, messages, input and output, or data and annotations";
    return record;
  }
  const Fields fields = FieldsOf(*record.shape);
  const Json* const annotation = FirstOf(json, fields.needed);
  if (annotation == nullptr) {
    record.fault = absl::StrCat("has no \"", fields.needed.empty() ? "" : fields.needed.front(),
                                "\", as its shape should");
    return record;
  }
  switch (*record.shape) {
    case AnnotationShape::Spans:
    case AnnotationShape::Entities:
    case AnnotationShape::Doccano:
      ReadEntities(*annotation, &record);
      break;
    case AnnotationShape::LabelTree:
      ReadLabelTree(*annotation, &record);
      break;
    case AnnotationShape::Instruction:
      record.text = TextOf(Member(json, {"input"}));
      if (record.text.empty()) record.text = TextOf(Member(json, {"instruction"}));
      ReadAnswer(*annotation, &record);
      break;
    case AnnotationShape::Chat:
      ReadChat(*annotation, &record);
      break;
    case AnnotationShape::LabelStudio:
      ReadLabelStudio(json, &record);
      break;
    case AnnotationShape::Columns:
      break;
  }
  if (fields.own.front() == std::string_view("text")) record.text = TextOf(Member(json, {"text"}));
  if (const Json* const covers = Member(json, {"covers"}); covers != nullptr && record.fault.empty())
    ReadCovers(*covers, &record);
  if (record.fault.empty() && record.text.empty()) record.fault = "has no text";
  if (record.fault.empty()) record.other_fields = OtherFieldsOf(object, fields);
  return record;
}

}  // namespace privet
