#include "training/judge/judged_text.h"

#include <algorithm>

#include "pipeline/selection.h"

namespace privet {
namespace {

// The opinion as it would be if only these parts had spoken.
SpanOpinion Restricted(SpanOpinion opinion, Parts parts) {
  if (parts == Parts::Rules) {
    opinion.stage1.reset();
    opinion.proposed.reset();
  }
  if (parts == Parts::Stage1) opinion.rules.clear();
  if (parts == Parts::Rules || parts == Parts::Stage1 || parts == Parts::Stage1AndRules)
    opinion.stage2.reset();
  return opinion;
}

std::vector<Finding> DecideOne(const SpanOpinion& opinion, Parts parts, const FusionModel& fusion,
                               const TypeThresholds& least_scores) {
  static const FusionModel kUnfitted;
  std::vector<Finding> kept;
  SpanOpinion restricted = Restricted(opinion, parts);
  if (restricted.rules.empty() && restricted.proposed.none()) return kept;
  DecideSpan(parts == Parts::Average ? kUnfitted : fusion, least_scores, std::move(restricted), &kept);
  std::erase_if(kept,
                [&](const Finding& finding) { return finding.score < least_scores[IndexOf(finding.type)]; });
  return kept;
}

bool IsProposed(const SpanOpinion& opinion, EntityType type) {
  return opinion.proposed.test(IndexOf(type)) ||
         std::any_of(opinion.rules.begin(), opinion.rules.end(),
                     [&](const Finding& rule) { return rule.type == type; });
}

MissCause CauseOf(const JudgedText& text, const LabeledSpan& gold, const std::vector<Finding>& findings,
                  const FusionModel& fusion, const TypeThresholds& least_scores) {
  for (const Finding& finding : findings) {
    if (finding.span == gold.span) return MissCause::Type;
  }
  bool touched = false;
  for (const SpanOpinion& opinion : text.opinions) {
    touched |= opinion.span.Overlaps(gold.span) && (opinion.proposed.any() || !opinion.rules.empty());
    if (opinion.span != gold.span || !IsProposed(opinion, gold.type)) continue;
    const auto keeps = [&](Parts parts) {
      const std::vector<Finding> kept = DecideOne(opinion, parts, fusion, least_scores);
      return std::any_of(kept.begin(), kept.end(), [&](const Finding& f) { return f.type == gold.type; });
    };
    if (keeps(Parts::Pipeline)) return MissCause::Selection;
    return opinion.stage2.has_value() && keeps(Parts::Stage1AndRules) ? MissCause::Stage2
                                                                      : MissCause::Threshold;
  }
  return touched ? MissCause::Border : MissCause::NoCandidate;
}

}  // namespace

std::vector<Finding> Decide(const JudgedText& text, Parts parts, const FusionModel& fusion,
                            const TypeThresholds& least_scores) {
  std::vector<Finding> kept;
  for (const SpanOpinion& opinion : text.opinions) {
    std::vector<Finding> of_span = DecideOne(opinion, parts, fusion, least_scores);
    std::move(of_span.begin(), of_span.end(), std::back_inserter(kept));
  }
  return SelectWithoutOverlaps(std::move(kept));
}

void MatchCounts::Add(const MatchCounts& other) {
  gold += other.gold;
  found += other.found;
  exact += other.exact;
  gold_touched += other.gold_touched;
  found_touching += other.found_touching;
  gold_noticed += other.gold_noticed;
}

double PrecisionOf(int64_t right, int64_t found) {
  return found == 0 ? 0 : static_cast<double>(right) / static_cast<double>(found);
}
double RecallOf(int64_t right, int64_t gold) { return PrecisionOf(right, gold); }

double FScore(double precision, double recall, double beta) {
  const double square = beta * beta;
  const double below = square * precision + recall;
  return below == 0 ? 0 : (1 + square) * precision * recall / below;
}

double Scores::MacroF1() const {
  double sum = 0;
  int64_t types = 0;
  for (const auto& [type, counts] : by_type) {
    if (counts.gold == 0) continue;
    sum += FScore(PrecisionOf(counts.exact, counts.found), RecallOf(counts.exact, counts.gold));
    ++types;
  }
  return types == 0 ? 0 : sum / static_cast<double>(types);
}

void CountMatches(const LabeledRecord& record, const std::vector<Finding>& findings, const TypeSet& types,
                  Scores* scores) {
  const TypeSet judged = types & record.covers;
  for (const LabeledSpan& gold : record.spans) {
    if (!judged.test(IndexOf(gold.type))) continue;
    MatchCounts counts;
    counts.gold = 1;
    for (const Finding& finding : findings) {
      if (!finding.span.Overlaps(gold.span)) continue;
      counts.gold_noticed = 1;
      if (finding.type == gold.type) counts.gold_touched = 1;
    }
    scores->micro.Add(counts);
    scores->by_type[gold.type].Add(counts);
  }
  for (const Finding& finding : findings) {
    if (!judged.test(IndexOf(finding.type))) continue;
    MatchCounts counts;
    counts.found = 1;
    for (const LabeledSpan& gold : record.spans) {
      if (gold.type != finding.type || !gold.span.Overlaps(finding.span)) continue;
      counts.found_touching = 1;
      if (gold.span == finding.span) counts.exact = 1;
    }
    scores->micro.Add(counts);
    scores->by_type[finding.type].Add(counts);
    scores->scored.emplace_back(finding.score, counts.exact == 1);
  }
}

std::vector<std::pair<LabeledSpan, MissCause>> ExplainMisses(const JudgedText& text,
                                                             const std::vector<Finding>& findings,
                                                             const FusionModel& fusion,
                                                             const TypeThresholds& least_scores,
                                                             const TypeSet& types) {
  std::vector<std::pair<LabeledSpan, MissCause>> misses;
  for (const LabeledSpan& gold : text.record.spans) {
    if (!types.test(IndexOf(gold.type)) || !text.record.covers.test(IndexOf(gold.type))) continue;
    const bool found = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.span == gold.span && finding.type == gold.type;
    });
    if (!found) misses.emplace_back(gold, CauseOf(text, gold, findings, fusion, least_scores));
  }
  return misses;
}

}  // namespace privet
