#include "training/data/audit/review.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/read_file.h"
#include "training/data/audit/proposals.h"
#include "training/data/json_line.h"

namespace privet {
namespace {

struct Decision {
  std::string origin;  // "FILE:LINE" of the reviewed file
  std::string value;   // what the extent of marked and suggested was
  nlohmann::json marked, suggested;
};
using Decisions = std::unordered_map<int64_t, std::vector<Decision>>;  // by line of the records

void List(const std::string& origin, std::string_view reason, ReviewReport* report) {
  if (report->listed.size() < RecordFile::kMostListed)
    report->listed.push_back({origin, std::string(reason)});
}

// File and line, so that line 2 stands before line 10.
std::pair<std::string_view, int64_t> PlaceOf(const UnusableLine& line) {
  const std::string_view origin = line.origin;
  const size_t colon = origin.rfind(':');
  int64_t number = 0;
  if (colon == std::string_view::npos || !absl::SimpleAtoi(AbslView(origin.substr(colon + 1)), &number))
    return {origin, 0};
  return {origin.substr(0, colon), number};
}

std::string ValueOf(const nlohmann::json& json) {
  const auto value = json.find("value");
  return value != json.end() && value->is_string() ? value->get<std::string>() : "";
}

absl::StatusOr<Decisions> ReadDecisions(const std::filesystem::path& file, ReviewReport* report) {
  auto stream = OpenFile(file.string());
  if (!stream.ok()) return stream.status();
  Decisions decisions;
  std::string line;
  for (int64_t number = 1; std::getline(*stream, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const std::string origin = absl::StrCat(file.string(), ":", number);
    nlohmann::json json = ParseJsonLine(line).value_or(nullptr);
    const auto has = [&](const char* key, auto is) { return json.contains(key) && (json[key].*is)(); };
    using Json = nlohmann::json;
    if (!json.is_object() || !has("line", &Json::is_number_integer) || !has("marked", &Json::is_array) ||
        !has("suggested", &Json::is_array) || (json.contains("accept") && !json["accept"].is_boolean())) {
      ++report->unusable;
      List(origin, "is no suspect: it must have line, marked and suggested, and accept may be true or false",
           report);
      continue;
    }
    if (!json.contains("accept")) {
      ++report->undecided;
    } else if (!json["accept"].get<bool>()) {
      ++report->declined;
    } else {
      decisions[json["line"].get<int64_t>()].push_back(
          {origin, ValueOf(json), std::move(json["marked"]), std::move(json["suggested"])});
    }
  }
  if (stream->bad()) return absl::DataLossError(absl::StrCat(file.string(), ": reading failed"));
  if (report->unusable > 0 && decisions.empty() && report->declined + report->undecided == 0) {
    return absl::InvalidArgumentError(absl::StrCat(file.string(), ": none of its ", report->unusable,
                                                   " lines is a suspect; the first, ",
                                                   report->listed[0].origin, ", ", report->listed[0].reason));
  }
  return decisions;
}

absl::StatusOr<std::vector<LabeledSpan>> ParseTriples(const nlohmann::json& list,
                                                      const std::vector<size_t>& borders) {
  std::vector<LabeledSpan> spans;
  for (const nlohmann::json& triple : list) {
    const absl::StatusOr<LabeledSpan> span = ParseTriple(triple, borders);
    if (!span.ok()) return span.status();
    spans.push_back(*span);
  }
  return spans;
}

bool Contains(const std::vector<LabeledSpan>& spans, const LabeledSpan& span) {
  return std::find(spans.begin(), spans.end(), span) != spans.end();
}

// Whether the value stands where it has the span in it, or beside it: a suggestion may have been edited.
bool StandsNear(const std::string& value, const std::string& text, const Span& span) {
  const size_t at = text.find(value, span.begin - std::min(span.begin, value.size()));
  return at != std::string::npos && at <= span.end;
}

// Applies the decision to the record, whose marks were `original` before any, or says why not.
void Apply(const Decision& decision, const std::vector<LabeledSpan>& original,
           const std::vector<size_t>& borders, LabeledRecord* record, ReviewReport* report) {
  const auto refuse = [&](int64_t ReviewReport::*count, std::string_view reason) {
    ++(report->*count);
    List(decision.origin, reason, report);
  };
  const auto marked = ParseTriples(decision.marked, borders);
  const auto suggested = ParseTriples(decision.suggested, borders);
  if (!marked.ok() || !suggested.ok() || (marked->empty() && suggested->empty()))
    return refuse(&ReviewReport::stale, "its ranges are not of its record's text");
  for (const LabeledSpan& span : *marked) {
    if (!Contains(original, span))
      return refuse(&ReviewReport::stale, "its record has not the marks that it speaks of");
  }
  if (!StandsNear(decision.value, record->text, (marked->empty() ? *suggested : *marked).front().span))
    return refuse(&ReviewReport::stale, "its record has another text");

  std::vector<LabeledSpan> spans;
  for (const LabeledSpan& span : record->spans) {
    if (!Contains(*marked, span)) spans.push_back(span);
  }
  for (const LabeledSpan& added : *suggested) {
    if (Contains(spans, added)) continue;
    if (std::any_of(spans.begin(), spans.end(),
                    [&](const LabeledSpan& span) { return span.span.Overlaps(added.span); }))
      return refuse(&ReviewReport::crossing, "its suggestion overlaps another mark");
    spans.push_back(added);
  }
  std::sort(spans.begin(), spans.end(),
            [](const LabeledSpan& a, const LabeledSpan& b) { return a.span < b.span; });
  record->spans = std::move(spans);
  ++report->applied;
}

}  // namespace

absl::StatusOr<ReviewReport> ApplyReview(const std::filesystem::path& records,
                                         const std::filesystem::path& reviewed, std::ostream& out) {
  ReviewReport report;
  absl::StatusOr<Decisions> decisions = ReadDecisions(reviewed, &report);
  if (!decisions.ok()) return decisions.status();
  auto stream = OpenFile(records.string());
  if (!stream.ok()) return stream.status();
  std::string line;
  for (int64_t number = 1; std::getline(*stream, line); ++number) {
    const auto of_line = decisions->find(number);
    if (line.empty() || line == "\r") continue;
    ++report.records;
    if (of_line == decisions->end()) {
      out << line << "\n";
      continue;
    }
    absl::StatusOr<LabeledRecord> record = ParseRecord(line, OtherFields::Keep);
    if (!record.ok()) {
      out << line << "\n";
      ++report.unusable;
      List(absl::StrCat(records.string(), ":", number), StdView(record.status().message()), &report);
      continue;  // its decisions are left over, and counted below
    }
    const std::vector<LabeledSpan> original = record->spans;
    const std::vector<size_t> borders = CodePointBorders(record->text);
    for (const Decision& decision : of_line->second) Apply(decision, original, borders, &*record, &report);
    report.changed += record->spans == original ? 0 : 1;
    out << (record->spans == original ? line : WriteRecord(*record)) << "\n";
    decisions->erase(of_line);
  }
  if (stream->bad()) return absl::DataLossError(absl::StrCat(records.string(), ": reading failed"));
  for (const auto& [number, left_over] : *decisions) {
    report.stale += static_cast<int64_t>(left_over.size());
    for (const Decision& decision : left_over) List(decision.origin, "there is no such record", &report);
  }
  std::sort(report.listed.begin(), report.listed.end(),
            [](const UnusableLine& a, const UnusableLine& b) { return PlaceOf(a) < PlaceOf(b); });
  return report;
}

}  // namespace privet
