#include "pipeline/repeats.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "pipeline/selection.h"
#include "pipeline/value_search.h"

namespace privet {
namespace {

bool FoundByModel(const Finding& finding) {
  return std::ranges::any_of(finding.evidence, [](const Evidence& evidence) {
    return std::string_view(evidence.source).starts_with(kModelSourcePrefix);
  });
}

bool MeansLittleElse(std::string_view value) {
  constexpr size_t kBytesOfOneHan = 3, kLeastLetters = 3;
  const auto all = [&](auto is) {
    return std::ranges::all_of(value, [&](char c) { return is(static_cast<unsigned char>(c)); });
  };
  if (!all(absl::ascii_isascii)) return value.size() > kBytesOfOneHan;
  return value.size() >= kLeastLetters && !all(absl::ascii_islower);
}

}  // namespace

absl::Status AddRepeats(std::string_view text, const TypeThresholds& min_score, const StopToken& stop,
                        std::vector<Finding>* findings) {
  std::map<std::string, double> scores;  // of values, the highest
  for (const Finding& finding : *findings) {
    if (finding.type != EntityType::PERSON || !FoundByModel(finding)) continue;
    const double score = kRepeatCertainty * finding.score;
    const std::string_view value = text.substr(finding.span.begin, finding.span.size());
    if (score < min_score[IndexOf(finding.type)] || !MeansLittleElse(value)) continue;
    double& highest = scores[std::string(value)];
    highest = std::max(highest, score);
  }
  if (scores.empty()) return absl::OkStatus();

  std::vector<std::string> values;
  values.reserve(scores.size());
  for (const auto& [value, score] : scores) values.push_back(value);
  const auto matches = ValueSearch(values).FindAll(text, stop);
  if (!matches.ok()) return matches.status();

  std::vector<Finding> repeats;
  auto next = findings->begin();  // the first that does not end before the match
  size_t free = 0;                // behind the last repeat
  for (const ValueSearch::Match& match : *matches) {
    while (next != findings->end() && next->span.end <= match.span.begin) ++next;
    const bool taken = next != findings->end() && next->span.Overlaps(match.span);
    if (taken || match.span.begin < free) continue;
    const double score = scores[values[match.value]];
    Evidence evidence;
    evidence.source = kRepeatSource;
    evidence.score = score;
    repeats.push_back({match.span, EntityType::PERSON, score, false, {std::move(evidence)}});
    free = match.span.end;
  }
  const auto middle = static_cast<ptrdiff_t>(findings->size());
  std::ranges::move(repeats, std::back_inserter(*findings));
  std::inplace_merge(findings->begin(), findings->begin() + middle, findings->end(),
                     [](const Finding& a, const Finding& b) { return a.span < b.span; });
  return absl::OkStatus();
}

}  // namespace privet
