#include "training/data/audit/suspects.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "training/data/audit/border_faults.h"
#include "training/data/audit/disagreement.h"
#include "training/data/audit/inconsistency.h"

namespace privet {
namespace {

bool ChangesBefore(const std::vector<LabeledSpan>& a, const std::vector<LabeledSpan>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const LabeledSpan& x, const LabeledSpan& y) {
                                        return std::tie(x.span, x.type) < std::tie(y.span, y.type);
                                      });
}

// By record, change and kind: suspects of the same change stand together.
bool StandsBefore(const Suspect& a, const Suspect& b) {
  if (a.record != b.record) return a.record < b.record;
  if (a.marked != b.marked) return ChangesBefore(a.marked, b.marked);
  if (a.suggested != b.suggested) return ChangesBefore(a.suggested, b.suggested);
  return a.kind < b.kind;
}

template <typename T>
void TakeIfMissing(const std::optional<T>& from, std::optional<T>* to) {
  if (!to->has_value()) *to = from;
}

void Join(const Suspect& other, Suspect* suspect) {
  suspect->log_likelihood_ratio += other.log_likelihood_ratio;
  FaultEvidence* const evidence = &suspect->evidence;
  TakeIfMissing(other.evidence.times_marked, &evidence->times_marked);
  TakeIfMissing(other.evidence.times_unmarked, &evidence->times_unmarked);
  if (evidence->edges.empty()) evidence->edges = other.evidence.edges;
  TakeIfMissing(other.evidence.marks_with_such, &evidence->marks_with_such);
  TakeIfMissing(other.evidence.marks_of_type, &evidence->marks_of_type);
}

}  // namespace

std::vector<Suspect> FindSuspects(const AuditedFile& file) {
  const Disagreement disagreement(file);
  std::vector<Suspect> suspects = disagreement.Suspects();
  const auto add = [&](std::vector<Suspect> more) {
    std::move(more.begin(), more.end(), std::back_inserter(suspects));
  };
  add(InconsistentMarks(file.records));
  add(MarksWithBorderFaults(file.records));
  std::sort(suspects.begin(), suspects.end(), StandsBefore);
  std::vector<Suspect> joined;
  for (Suspect& suspect : suspects) {
    if (!joined.empty() && joined.back().record == suspect.record && joined.back().marked == suspect.marked &&
        joined.back().suggested == suspect.suggested) {
      Join(suspect, &joined.back());
    } else {
      joined.push_back(std::move(suspect));
    }
  }
  // What the models say to a value's place; of the other kinds it is known already.
  for (Suspect& suspect : joined) {
    if (suspect.kind != FaultKind::Inconsistent) continue;
    const bool is_marked = suspect.suggested.empty();
    const LabeledSpan& span = is_marked ? suspect.marked.front() : suspect.suggested.front();
    if (const std::optional<double> odds = disagreement.LogOddsOfEntity(suspect.record, span))
      suspect.log_likelihood_ratio += is_marked ? -*odds : *odds;
  }
  std::stable_sort(joined.begin(), joined.end(), [](const Suspect& a, const Suspect& b) {
    const double score_a = a.score();
    const double score_b = b.score();
    if (score_a != score_b) return score_a > score_b;
    return a.evidence.presence.value_or(0) > b.evidence.presence.value_or(0);
  });
  return joined;
}

}  // namespace privet
