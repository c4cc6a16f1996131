#include "training/data/audit/suspect.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "training/data/record_reader.h"

namespace privet {
namespace {

constexpr double kWrongShare = 0.05;
constexpr double kSurplusShare = 0.01;
constexpr size_t kContextCodePoints = 40;

double Rounded(double value) { return std::round(value * 1e4) / 1e4; }

}  // namespace

Span Suspect::extent() const {
  Span extent = marked.empty() ? suggested.front().span : marked.front().span;
  for (const auto* const list : {&marked, &suggested}) {
    for (const LabeledSpan& span : *list)
      extent = {std::min(extent.begin, span.span.begin), std::max(extent.end, span.span.end)};
  }
  return extent;
}

EntityType Suspect::type() const { return suggested.empty() ? marked.front().type : suggested.front().type; }

double LogOddsOf(double probability) {
  const double p = std::clamp(probability, 1e-3, 1 - 1e-3);
  return std::log(p / (1 - p));
}

double Suspect::score() const {
  const double expected = LogOddsOf(suggested.empty() ? kSurplusShare : kWrongShare);
  return 1 / (1 + std::exp(-(expected + log_likelihood_ratio)));
}

std::string WriteSuspect(const Suspect& suspect, const LabeledRecord& record, int64_t line) {
  const std::vector<size_t> borders = CodePointBorders(record.text);
  const auto code_point = [&](size_t byte) {
    return static_cast<size_t>(std::lower_bound(borders.begin(), borders.end(), byte) - borders.begin());
  };
  const auto triples = [&](const std::vector<LabeledSpan>& spans) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const LabeledSpan& span : spans)
      list.push_back({code_point(span.span.begin), code_point(span.span.end), std::string(IdOf(span.type))});
    return list;
  };
  const auto piece = [&](size_t from, size_t to) {  // code points
    return record.text.substr(borders[from], borders[to] - borders[from]);
  };
  const size_t begin = code_point(suspect.extent().begin);
  const size_t end = code_point(suspect.extent().end);

  nlohmann::ordered_json evidence = nlohmann::ordered_json::object();
  const FaultEvidence& known = suspect.evidence;
  const auto add = [&](const char* name, const auto& value) {
    if (value.has_value()) evidence[name] = *value;
  };
  const auto add_share = [&](const char* name, const std::optional<double>& value) {
    if (value.has_value()) evidence[name] = Rounded(*value);
  };
  add_share("probability", known.probability);
  add_share("presence", known.presence);
  add_share("confirmed", known.confirmed);
  add_share("as_doubted", known.as_doubted);
  add("times_marked", known.times_marked);
  add("times_unmarked", known.times_unmarked);
  if (!known.edges.empty()) evidence["edges"] = std::string(known.edges);
  add("marks_with_such", known.marks_with_such);
  add("marks_of_type", known.marks_of_type);

  return nlohmann::ordered_json{
      {"line", line},
      {"kind", std::string(kFaultKindNames[static_cast<size_t>(suspect.kind)])},
      {"score", Rounded(suspect.score())},
      {"marked", triples(suspect.marked)},
      {"suggested", triples(suspect.suggested)},
      {"before", piece(begin < kContextCodePoints ? 0 : begin - kContextCodePoints, begin)},
      {"value", piece(begin, end)},
      {"after", piece(end, std::min(end + kContextCodePoints, borders.size() - 1))},
      {"evidence", evidence}}
      .dump();
}

}  // namespace privet
