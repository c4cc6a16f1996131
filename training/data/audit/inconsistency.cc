#include "training/data/audit/inconsistency.h"

#include "training/data/marked_values.h"

namespace privet {
namespace {

Suspect SuspectOf(size_t record, const LabeledSpan& span, const ValueUse& use, bool is_marked) {
  Suspect suspect;
  suspect.record = record;
  suspect.kind = FaultKind::Inconsistent;
  (is_marked ? suspect.marked : suspect.suggested) = {span};
  suspect.evidence.times_marked = use.times_marked();
  suspect.evidence.times_unmarked = use.unmarked;
  // Of one place and another more, as if each way had been seen half a time more often, and once more
  // unclear.
  const auto marked = static_cast<double>(use.times_marked());
  const auto unmarked = static_cast<double>(use.unmarked);
  suspect.log_likelihood_ratio = LogOddsOf(((is_marked ? unmarked : marked) + 0.5) / (marked + unmarked + 2));
  return suspect;
}

}  // namespace

std::vector<Suspect> InconsistentMarks(std::span<const LabeledRecord> records) {
  std::vector<Suspect> suspects;
  const ValueUses uses = UsesOfValues(records);
  ForEachUnmarkedPlace(records, uses, [&](const UnmarkedPlace& place, const ValueUse& use) {
    if (use.times_marked() >= use.unmarked)
      suspects.push_back(SuspectOf(place.record, {place.span, use.type()}, use, /*is_marked=*/false));
  });
  for (size_t r = 0; r < records.size(); ++r) {
    for (const LabeledSpan& span : records[r].spans) {
      const auto use = uses.find(std::string_view(records[r].text).substr(span.span.begin, span.span.size()));
      if (use != uses.end() && use->second.times_marked() < use->second.unmarked)
        suspects.push_back(SuspectOf(r, span, use->second, /*is_marked=*/true));
    }
  }
  return suspects;
}

}  // namespace privet
