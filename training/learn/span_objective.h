// What a span head learns from, and what it finds.
#ifndef PRIVET_TRAINING_LEARN_SPAN_OBJECTIVE_H_
#define PRIVET_TRAINING_LEARN_SPAN_OBJECTIVE_H_

#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "tagging/label_scheme.h"
#include "training/learn/dev_scores.h"
#include "training/learn/objective.h"
#include "training/learn/trainable_model.h"

namespace privet {

// -log of the share of the sets of spans that may be right, of each window (span_set.h). A window weighs as
// much as it has candidates, and one for the choice of none. The model is that of a span head, and outlives
// this.
class SpanSetObjective final : public Objective {
 public:
  explicit SpanSetObjective(const TrainableModel& model) : model_(model) {}

  at::Tensor SummedLoss(const at::Tensor& rows, const Targets& targets) const override;
  double Weight(const Targets& targets) const override;

 private:
  const TrainableModel& model_;
};

// Scores a span head on dev texts, whose records have proposals, among which it chooses: for the answer the
// set of most mass, for the curve each span with the probability that stage 2 would give it.
absl::StatusOr<DevScores> ScoreSpanDev(std::span<const DevText> texts, const LabelScheme& scheme,
                                       TrainableModel* model, int64_t batch_tokens, double at);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_SPAN_OBJECTIVE_H_
