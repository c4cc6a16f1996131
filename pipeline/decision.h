// What becomes of a span that rules or stage 1 propose, once everything that is known of it is at hand.
#ifndef PRIVET_PIPELINE_DECISION_H_
#define PRIVET_PIPELINE_DECISION_H_

#include <optional>
#include <vector>

#include "core/finding.h"
#include "core/taxonomy.h"
#include "stage2_filter/fusion_model.h"
#include "tagging/span_marginals.h"
#include "tagging/span_reading.h"

namespace privet {

// A proposed span, and all that is known of it before the fusion. Plain values: calibration and judging keep
// them (Detector::ProposeEach), change what they want to ask about, and decide again.
struct ProposedSpan {
  Span span;
  std::vector<Finding> rules;         // on just this span, one for each type
  TypeSet proposed;                   // by stage 1: its probability of these reached tau
  double probability = 0;             // of the likeliest of these
  std::optional<SpanReading> stage1;  // none: there are no models, or no window holds the span
  std::optional<SpanReading> stage2;  // none: nobody asked, or as above

  // A rule whose check holds has spoken: no model is heard.
  bool conclusive() const;
  // What the stages that read it know.
  TypeSet known() const;
};

// Whether stage 2, which knows `stage2_types`, is asked about the span: where stage 1 proposed it, or a rule
// of the bundle found a type that stage 2 knows, and nothing is conclusive.
bool AsksStage2(const ProposedSpan& proposal, const TypeSet& stage2_types);

// Fuses what is known of a span, and appends to `kept` what reaches its type's threshold (above 1: none of
// that type). Kept as they are, whatever their score: findings of a conclusive rule, of a rule of the
// caller's own, and of types that no stage knows.
void Decide(ProposedSpan proposal, const FusionModel& fusion, const TypeThresholds& thresholds,
            std::vector<Finding>* kept);

}  // namespace privet

#endif  // PRIVET_PIPELINE_DECISION_H_
