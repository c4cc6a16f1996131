#include "training/judge/misses.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace privet {
namespace {

// What was proposed of one text, in order of position.
struct Proposed {
  std::vector<ProposedSpan> spans;

  const ProposedSpan* Exactly(Span span) const {
    const auto at = std::lower_bound(spans.begin(), spans.end(), span,
                                     [](const ProposedSpan& p, Span s) { return p.span < s; });
    return at == spans.end() || at->span != span ? nullptr : &*at;
  }
  bool Touches(Span span) const {
    return std::any_of(spans.begin(), spans.end(),
                       [&](const ProposedSpan& p) { return p.span.Overlaps(span); });
  }
};

Proposed ProposedTo(const Variant& variant, const TypeSet& stage2_types, const JudgedText& text) {
  Proposed proposed;
  for (const ProposedSpan& proposal : text.proposals) {
    ProposedSpan seen = proposal;
    if (SeenBy(variant, stage2_types, &seen)) proposed.spans.push_back(std::move(seen));
  }
  return proposed;
}

// What a variant keeps of one span.
std::vector<Finding> Kept(const ProposedSpan& proposal, const Variant& variant, const TypeSet& stage2_types) {
  return Candidates({&proposal, 1}, variant, stage2_types);
}

bool HasType(const std::vector<Finding>& findings, EntityType type) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& f) { return f.type == type; });
}

MissCause CauseOf(const LabeledSpan& entity, const Proposed& proposed, const Variant& variant,
                  const TypeSet& stage2_types, std::span<const Finding> findings) {
  const ProposedSpan* proposal = proposed.Exactly(entity.span);
  if (proposal == nullptr) {
    return proposed.Touches(entity.span) ? MissCause::Border : MissCause::NoCandidate;
  }
  const std::vector<Finding> kept = Kept(*proposal, variant, stage2_types);
  if (HasType(kept, entity.type)) {
    const bool other_type_won = std::any_of(findings.begin(), findings.end(),
                                            [&](const Finding& f) { return f.span == entity.span; });
    return other_type_won ? MissCause::Type : MissCause::Selection;
  }
  if (variant.stage2 && proposal->stage2.has_value()) {
    Variant without = variant;
    without.stage2 = false;
    without.fusion =
        FusionModel();  // fitted weights speak of both stages; by default one stage is as sure as it says
    if (HasType(Kept(*proposal, without, stage2_types), entity.type)) return MissCause::Stage2;
  }
  // Where nobody spoke of its type no threshold would give it.
  const bool spoken_of =
      proposal->proposed.test(IndexOf(entity.type)) || HasType(proposal->rules, entity.type);
  return kept.empty() && spoken_of ? MissCause::Threshold : MissCause::Type;
}

}  // namespace

std::vector<Miss> FindMisses(const JudgedText& text, const Variant& variant, const TypeSet& stage2_types,
                             std::span<const Finding> findings) {
  std::vector<Miss> misses;
  const std::vector<LabeledSpan> entities = JudgedEntities(text.record);
  const std::vector<Finding> judged = JudgedFindings(text.record, {findings.begin(), findings.end()});
  const std::vector<bool> found = MatchSpans(entities, judged, Match::Exact).found;
  if (std::find(found.begin(), found.end(), false) == found.end()) return misses;

  const Proposed proposed = ProposedTo(variant, stage2_types, text);
  Variant wide = variant;
  wide.tau = Everywhere(0);
  const Proposed within_reach = ProposedTo(wide, stage2_types, text);
  for (size_t i = 0; i < entities.size(); ++i) {
    if (found[i]) continue;
    Miss miss = {entities[i], CauseOf(entities[i], proposed, variant, stage2_types, findings), false};
    const bool not_proposed = miss.cause == MissCause::NoCandidate || miss.cause == MissCause::Border;
    miss.within_reach = not_proposed && within_reach.Exactly(entities[i].span) != nullptr;
    misses.push_back(miss);
  }
  return misses;
}

size_t MissCounts::total() const { return std::accumulate(by_cause.begin(), by_cause.end(), size_t{0}); }

std::vector<std::string> AdviceOn(const MissCounts& counts, double tau) {
  std::vector<std::string> advice;
  if (counts.total() == 0) return advice;
  const auto of = [&](MissCause cause) { return counts.by_cause[static_cast<size_t>(cause)]; };
  const auto say = [&](size_t count, std::string_view words) {
    if (count == 0) return;
    advice.push_back(absl::StrFormat("%d of %d misses (%.0f%%): %s", count, counts.total(),
                                     100.0 * static_cast<double>(count) / static_cast<double>(counts.total()),
                                     std::string(words)));
  };
  const size_t never = of(MissCause::NoCandidate) + of(MissCause::Border) - counts.within_reach;
  say(counts.unknown_type,
      "of types that neither rules nor models of this pipeline know; train them or leave them out of the "
      "data");
  say(counts.within_reach,
      absl::StrFormat("not proposed at this operating point, but would be at tau %g; lower its tau", tau));
  say(never - std::min(never, counts.unknown_type),
      "never proposed with these borders; add data that shows such entities, or train on a larger base");
  say(of(MissCause::Threshold), "proposed, but below the least score; lower the threshold, or calibrate");
  say(of(MissCause::Stage2),
      "dropped by stage 2 against stage 1; add such cases to stage 2's data, or fit the fusion (trainer "
      "calibrate)");
  say(of(MissCause::Type), "found or proposed as another type; add data that tells these types apart");
  say(of(MissCause::Selection), "kept, but a finding that overlaps won; look at the borders of both");
  return advice;
}

}  // namespace privet
