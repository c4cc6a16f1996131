#include "training/data/record.h"

#include <algorithm>
#include <utility>

#include "core/unescape.h"

namespace privet {

void Unescape(LabeledRecord* record) {
  const UnescapedText text(record->text);
  if (!text.has_escapes()) return;
  std::vector<LabeledSpan> spans = record->spans;
  for (LabeledSpan& span : spans) span.span = text.AsRead(span.span);
  const auto overlap = [](const LabeledSpan& a, const LabeledSpan& b) { return a.span.Overlaps(b.span); };
  // Two marks in one sequence mean the sequence, not what it stands for.
  if (std::adjacent_find(spans.begin(), spans.end(), overlap) != spans.end()) return;
  record->spans = std::move(spans);
  if (record->proposals.has_value()) {
    for (Proposal& proposal : *record->proposals) proposal.span = text.AsRead(proposal.span);
  }
  record->text = std::string(text.read());
}

}  // namespace privet
