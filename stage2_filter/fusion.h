// What all readers say of a span, as one probability for each type.
#ifndef PRIVET_STAGE2_FILTER_FUSION_H_
#define PRIVET_STAGE2_FILTER_FUSION_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "core/taxonomy.h"
#include "stage2_filter/fusion_model.h"
#include "tagging/span_marginals.h"
#include "tagging/span_reading.h"

namespace privet {

// What the rules say of a span: the strongest finding of a type. Conclusive ones are not up to a fusion.
struct RuleOpinion {
  EntityType type = EntityType::OTHER_ID;
  double score = 0;  // in [0, 1]
};

// Everything that is known of one span. Any part may be missing, not all.
struct SpanOpinions {
  std::optional<SpanReading> stage1;   // none: stage 1 did not run
  std::optional<SpanReading> stage2;   // none: stage 2 did not run, or has not read this window
  std::span<const RuleOpinion> rules;  // at most one a type; empty: no rule matched just this span
};

// The features of one type on one span: what the weights of a FusionModel multiply, in training and in use.
//   stage1, stage2  log-odds of the type against none, where both stages know the type;
//   alone           the same of the one stage that knows it, where the other did not run or does not know it;
//   rule            the log-odds of the rule's score, where a rule and a stage speak;
//   rule_present    1 where they do;
//   rule_alone      the log-odds of the rule's score, where no stage knows the type.
// All else is 0. Log-odds are within [-kMostLogOdds, kMostLogOdds].
FusionFeatures FeaturesOf(const SpanOpinions& opinions, EntityType type);

// The probability of each type, by IndexOf(type), and of none of them; together one.
struct FusedSpan {
  std::array<double, kEntityTypeCount> probability{};
  double none = 1;
};

// The least score of a rule that is taken at its word: it is likelier right than wrong by itself.
inline constexpr double kTrustedRuleScore = 0.5;

// A multinomial logistic model over the types that anyone speaks of, and none:
//   P(type) in proportion to exp((weights . features + bias(type)) / temperature(type)),  P(none) to exp(0).
// Models tell what a form is from what stands around it, and where nothing does (a cell of a table, a value
// of a log line) they are sure that it is nothing. So for a type that a trusted rule found the exponent is
// never below the rule's log-odds: models can raise it, and name another type, but not hush it up. Nor can
// they, by another name, make readable what a trusted rule hides: then no type that is kept by default is in
// question (a URL with a password in it is a secret, however surely it is a URL). And where a trusted rule
// found a SECRET the probabilities of types that no rule found are the SECRET's: people choose names, dates
// and places for passwords, and what the value looks like says nothing beside the word before it. For a type
// with non-negative weights more log-odds from any part never lower its probability nor raise another's, but
// for a rule that becomes trusted. With FusionModel's defaults: one stage alone gives its own probabilities,
// a rule alone its score, two stages the normalised geometric mean of theirs.
FusedSpan Fuse(const FusionModel& model, const SpanOpinions& opinions);

// What a span is reported as.
struct Judgement {
  EntityType type = EntityType::OTHER_ID;
  double probability = 0;  // of that type
};

// What becomes of a span at an operating point, whose `thresholds` say by IndexOf(type) how probable the
// least is that is reported: the most probable of the types that reach their thresholds, of equals the
// taxonomy's first; none: it is dropped.
std::optional<Judgement> Judge(const FusedSpan& fused, const TypeThresholds& thresholds);

// The same for a span that a trusted rule found: where readers agree that it is something, and no type by
// itself is probable enough (a card number that may be a resident id), it is the most probable one, with the
// probability that it is anything, where that reaches the type's threshold.
std::optional<Judgement> JudgeTrusted(const FusedSpan& fused, const TypeThresholds& thresholds);

}  // namespace privet

#endif  // PRIVET_STAGE2_FILTER_FUSION_H_
