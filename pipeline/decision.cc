#include "pipeline/decision.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "pipeline/selection.h"
#include "stage2_filter/fusion.h"

namespace privet {
namespace {

// Keeps the strongest first.
void AddEvidence(std::vector<Evidence> evidence, Finding* finding) {
  std::move(evidence.begin(), evidence.end(), std::back_inserter(finding->evidence));
  std::stable_sort(finding->evidence.begin(), finding->evidence.end(),
                   [](const Evidence& a, const Evidence& b) { return a.score > b.score; });
}

}  // namespace

bool ProposedSpan::conclusive() const {
  return std::any_of(rules.begin(), rules.end(), [](const Finding& rule) { return rule.conclusive; });
}

TypeSet ProposedSpan::known() const {
  return (stage1.has_value() ? stage1->known : TypeSet()) | (stage2.has_value() ? stage2->known : TypeSet());
}

bool AsksStage2(const ProposedSpan& proposal, const TypeSet& stage2_types) {
  if (proposal.conclusive()) return false;
  if (proposal.proposed.any()) return true;
  return std::any_of(proposal.rules.begin(), proposal.rules.end(), [&](const Finding& rule) {
    return stage2_types.test(IndexOf(rule.type)) && !IsCustom(rule);
  });
}

void Decide(ProposedSpan proposal, const FusionModel& fusion, const TypeThresholds& thresholds,
            std::vector<Finding>* kept) {
  const auto add_stages = [&](Finding* finding) {
    const auto add = [&](const std::optional<SpanReading>& reading, const char* source) {
      if (!reading.has_value() || !reading->known.test(IndexOf(finding->type))) return;
      Evidence evidence;
      evidence.source = source;
      evidence.score = ProbabilityOf(*reading, finding->type);
      AddEvidence({std::move(evidence)}, finding);
    };
    add(proposal.stage1, kStage1Source);
    add(proposal.stage2, kStage2Source);
  };
  const TypeSet known = proposal.known();
  const bool conclusive = proposal.conclusive();
  std::vector<Finding> disputed;
  for (Finding& rule : proposal.rules) {
    if (!conclusive && !IsCustom(rule) && known.test(IndexOf(rule.type))) {
      disputed.push_back(std::move(rule));
    } else {
      if (rule.conclusive) add_stages(&rule);
      kept->push_back(std::move(rule));
    }
  }
  if (conclusive || (disputed.empty() && proposal.proposed.none())) return;

  std::vector<RuleOpinion> rules;
  rules.reserve(disputed.size());
  for (const Finding& rule : disputed) rules.push_back({rule.type, rule.score});
  const FusedSpan fused = Fuse(fusion, {proposal.stage1, proposal.stage2, rules});
  const bool trusted =
      std::ranges::any_of(rules, [](const RuleOpinion& rule) { return rule.score >= kTrustedRuleScore; });
  const std::optional<Judgement> judgement =
      trusted ? JudgeTrusted(fused, thresholds) : Judge(fused, thresholds);
  if (!judgement.has_value()) return;
  Finding finding = {proposal.span, judgement->type, judgement->probability, false, {}};
  for (Finding& rule : disputed) {
    if (rule.type == finding.type) finding.evidence = std::move(rule.evidence);
  }
  add_stages(&finding);
  // A rule of the caller's own may have said the same.
  const auto same = std::find_if(kept->begin(), kept->end(), [&](const Finding& other) {
    return other.span == proposal.span && other.type == finding.type;
  });
  if (same == kept->end()) {
    kept->push_back(std::move(finding));
    return;
  }
  same->score = std::max(same->score, finding.score);
  AddEvidence(std::move(finding.evidence), &*same);
}

}  // namespace privet
