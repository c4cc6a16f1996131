#include "training/data/record_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "core/verbatim_json.h"
#include "training/data/json_line.h"

namespace privet {
namespace {

// Of entry `index` of the list `what`. The error does not show the label: where fields are swapped it is a
// piece of the text.
absl::StatusOr<EntityType> TypeOf(const nlohmann::json& label, std::string_view what, size_t index) {
  const auto type = FindEntityType(label.is_string() ? label.get_ref<const std::string&>() : "");
  if (!type.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("label number ", index + 1, " of \"", AbslView(what),
                     "\" is not an entity type; `trainer data convert --labels` maps labels"));
  }
  return *type;
}

// [begin, end) in code points, as the first two of a list.
absl::StatusOr<Span> RangeOf(const nlohmann::json& list, std::string_view what,
                             const std::vector<size_t>& borders) {
  const int64_t begin = list[0].get<int64_t>();
  const int64_t end = list[1].get<int64_t>();
  if (begin < 0 || begin >= end || end >= static_cast<int64_t>(borders.size())) {
    return absl::InvalidArgumentError(absl::StrCat(AbslView(what), " [", begin, ", ", end,
                                                   ") is empty or beyond the text's ", borders.size() - 1,
                                                   " code points"));
  }
  return Span{borders[static_cast<size_t>(begin)], borders[static_cast<size_t>(end)]};
}

absl::StatusOr<std::vector<Proposal>> ProposalsOf(const nlohmann::json& list,
                                                  const std::vector<size_t>& borders) {
  if (!list.is_array()) return absl::InvalidArgumentError("\"proposals\" must be a list");
  std::vector<Proposal> proposals;
  for (const nlohmann::json& entry : list) {
    if (!entry.is_array() || entry.size() != 4 || !entry[0].is_number_integer() ||
        !entry[1].is_number_integer() || !entry[3].is_number() || !(entry[3].get<double>() >= 0) ||
        !(entry[3].get<double>() <= 1)) {
      return absl::InvalidArgumentError("a proposal must be [begin, end, \"TYPE\", probability]");
    }
    const auto span = RangeOf(entry, "proposal", borders);
    if (!span.ok()) return span.status();
    const auto type = TypeOf(entry[2], "proposals", proposals.size());
    if (!type.ok()) return type.status();
    proposals.push_back({*span, *type, entry[3].get<double>()});
  }
  std::sort(proposals.begin(), proposals.end(), [](const Proposal& a, const Proposal& b) {
    return std::tie(a.span.begin, a.span.end, a.type) < std::tie(b.span.begin, b.span.end, b.type);
  });
  return proposals;
}

}  // namespace

std::vector<size_t> CodePointBorders(std::string_view text) {
  std::vector<size_t> borders;
  borders.reserve(text.size() + 1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsUtf8Continuation(text[i])) borders.push_back(i);
  }
  borders.push_back(text.size());
  return borders;
}

absl::StatusOr<LabeledRecord> ParseRecord(std::string_view line, OtherFields others) {
  absl::StatusOr<nlohmann::json> parsed = ParseJsonLine(line);
  if (!parsed.ok()) return parsed.status();
  const nlohmann::json& json = *parsed;
  if (!json.is_object()) return absl::InvalidArgumentError("is not a JSON object");
  const auto text = json.find("text");
  if (text == json.end() || !text->is_string()) return absl::InvalidArgumentError("has no \"text\"");
  LabeledRecord record;
  record.text = text->get<std::string>();
  if (FindInvalidUtf8(record.text) != std::string_view::npos)
    return absl::InvalidArgumentError("\"text\" is not UTF-8");
  const auto spans = json.find("spans");
  if (spans == json.end() || !spans->is_array()) return absl::InvalidArgumentError("has no list \"spans\"");
  const std::vector<size_t> borders = CodePointBorders(record.text);
  for (const nlohmann::json& span : *spans) {
    if (!span.is_array() || span.size() != 3 || !span[0].is_number_integer() || !span[1].is_number_integer())
      return absl::InvalidArgumentError("a span must be [begin, end, \"TYPE\"]");
    const auto range = RangeOf(span, "span", borders);
    if (!range.ok()) return range.status();
    const auto type = TypeOf(span[2], "spans", record.spans.size());
    if (!type.ok()) return type.status();
    record.spans.push_back({*range, *type});
  }
  std::sort(record.spans.begin(), record.spans.end(),
            [](const LabeledSpan& a, const LabeledSpan& b) { return a.span < b.span; });
  for (size_t i = 1; i < record.spans.size(); ++i) {
    if (record.spans[i].span.Overlaps(record.spans[i - 1].span))
      return absl::InvalidArgumentError("spans overlap; keep the outermost of them");
  }
  if (const auto covers = json.find("covers"); covers != json.end()) {
    if (!covers->is_array()) return absl::InvalidArgumentError("\"covers\" must be a list of types");
    record.covers.reset();
    for (size_t i = 0; i < covers->size(); ++i) {
      const auto type = TypeOf((*covers)[i], "covers", i);
      if (!type.ok()) return type.status();
      record.covers.set(IndexOf(*type));
    }
  }
  if (const auto list = json.find("proposals"); list != json.end()) {
    auto proposals = ProposalsOf(*list, borders);
    if (!proposals.ok()) return proposals.status();
    record.proposals = *std::move(proposals);
  }
  if (others == OtherFields::Keep) {
    VerbatimObject other = VerbatimObject::Parse(line).value_or(VerbatimObject());
    for (const char* const own : {"text", "spans", "covers", "proposals"}) other.Erase(own);
    if (!other.members().empty()) record.other_fields = other.Write();
  }
  return record;
}

absl::StatusOr<RecordFile> ReadRecordFile(const std::filesystem::path& file, OtherFields others) {
  auto stream = OpenFile(file.string());
  if (!stream.ok()) return stream.status();
  RecordFile result;
  std::string line;
  for (int64_t number = 1; ReadLine(&*stream, &line); ++number) {
    if (line.empty()) continue;
    const std::string origin = absl::StrCat(file.string(), ":", number);
    absl::StatusOr<LabeledRecord> record = ParseRecord(line, others);
    if (record.ok()) {
      record->origin = origin;
      result.records.push_back(*std::move(record));
      continue;
    }
    ++result.unusable_count;
    if (result.unusable.size() < RecordFile::kMostListed)
      result.unusable.push_back({origin, std::string(record.status().message())});
  }
  if (stream->bad()) return absl::DataLossError(absl::StrCat(file.string(), ": reading failed"));
  return result;
}

std::string WriteRecord(const LabeledRecord& record) {
  const std::vector<size_t> borders = CodePointBorders(record.text);
  const auto code_point = [&](size_t byte) {
    return std::lower_bound(borders.begin(), borders.end(), byte) - borders.begin();
  };
  nlohmann::ordered_json json;
  json["text"] = record.text;
  json["spans"] = nlohmann::ordered_json::array();
  for (const LabeledSpan& span : record.spans)
    json["spans"].push_back(
        {code_point(span.span.begin), code_point(span.span.end), std::string(IdOf(span.type))});
  if (!record.covers.all()) {
    json["covers"] = nlohmann::ordered_json::array();
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (record.covers.test(IndexOf(spec.type))) json["covers"].push_back(std::string(spec.id));
    }
  }
  if (record.proposals.has_value()) {
    json["proposals"] = nlohmann::ordered_json::array();
    for (const Proposal& proposal : *record.proposals) {
      json["proposals"].push_back({code_point(proposal.span.begin), code_point(proposal.span.end),
                                   std::string(IdOf(proposal.type)),
                                   std::round(proposal.probability * 1e5) / 1e5});
    }
  }
  std::string line = json.dump();
  if (!record.other_fields.empty()) {
    line.back() = ',';
    line.append(record.other_fields, 1);
  }
  return line;
}

}  // namespace privet
