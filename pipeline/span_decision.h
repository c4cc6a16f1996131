// What all parts of the pipeline say of one span, and what follows from it.
#ifndef PRIVET_PIPELINE_SPAN_DECISION_H_
#define PRIVET_PIPELINE_SPAN_DECISION_H_

#include <optional>
#include <vector>

#include "core/finding.h"
#include "core/span.h"
#include "core/taxonomy.h"
#include "stage2_filter/fusion_model.h"
#include "tagging/span_marginals.h"
#include "tagging/span_reading.h"

namespace privet {

// A span that rules or stage 1 propose, and all that is known of it.
struct SpanOpinion {
  Span span;
  std::vector<Finding> rules;  // on exactly this span, one a type
  TypeSet proposed;            // by stage 1
  std::optional<SpanReading> stage1;
  std::optional<SpanReading> stage2;

  // Whether a checksum has settled it.
  bool conclusive() const;
};

// Whether a rule of the caller's own found it.
bool IsCustom(const Finding& finding);

// Appends to `kept` what is to be reported of the span before selection: what the fusion finds probable
// enough, with the stages' evidence. Left as they are: findings of a conclusive rule, of a rule of the
// caller's own, and of types that no stage knows. `thresholds` are the least scores, by IndexOf(type).
void DecideSpan(const FusionModel& fusion, const TypeThresholds& thresholds, SpanOpinion opinion,
                std::vector<Finding>* kept);

}  // namespace privet

#endif  // PRIVET_PIPELINE_SPAN_DECISION_H_
