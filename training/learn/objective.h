// What a run minimises.
#ifndef PRIVET_TRAINING_LEARN_OBJECTIVE_H_
#define PRIVET_TRAINING_LEARN_OBJECTIVE_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/status/statusor.h"
#include "tagging/label_scheme.h"
#include "training/config.h"
#include "training/learn/targets.h"

namespace privet {

// The targets of a packed batch.
struct Targets {
  at::Tensor labels;     // [tokens] int64
  at::Tensor positions;  // [tokens] int32: which tokens of the batch they are of; undefined: all
  at::Tensor
      allowed;  // [tokens, labels] bool: which labels are as right as the one in `labels`; undefined: only it
  std::vector<int32_t> offsets;  // of the sequences, as in PackedTokens
};
Targets TargetsOf(const std::vector<const Example*>& batch, const LabelScheme& scheme);

// The objectives, with p the probability of the right label (of all that are right, where several are):
//   cross_entropy  -log p
//   focal          -(1 - p)^gamma log p                      (Lin et al. 2017)
//   asymmetric     focal, with outside_gamma where O is right (after Ridnik et al. 2021)
//   dice           1 - (2 q + 1) / (q + 2), q = (1 - p)^gamma p (Li et al. 2020, self-adjusting, of the right
//   label) chain          -log P(all labels of a sequence), over the valid labellings (a linear-chain CRF
//   without learned
//                  transitions): what span marginals are computed from
// Label smoothing adds label_smoothing times the mean over labels of -log p (Szegedy et al. 2016). Each token
// counts by its weight: entity_weight and type_weights, and the class's weight where class_weights says
// counts.
class Objective {
 public:
  // `label_counts` are those of the training tokens, by label.
  static absl::StatusOr<Objective> Create(const TrainingConfig& config, const LabelScheme& scheme,
                                          const std::vector<int64_t>& label_counts);

  // The loss summed over the tokens, weighted: a scalar that autograd can follow. logits [tokens, labels]
  // fp32.
  at::Tensor SummedLoss(const at::Tensor& logits, const Targets& targets) const;
  // The sum of the tokens' weights. A step's loss is the sum over its micro-batches of the former, divided by
  // that of the latter, so that accumulation changes nothing.
  double Weight(const Targets& targets) const;

 private:
  Objective(const TrainingConfig& config, const LabelScheme& scheme) : config_(config), scheme_(scheme) {}

  TrainingConfig config_;
  LabelScheme scheme_;
  std::vector<float> label_weights_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_OBJECTIVE_H_
