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
  at::Tensor doubt;                   // [tokens] fp32: as Example has it; undefined: nobody asked a model
  std::vector<int32_t> offsets;       // of the sequences, as in PackedTokens
  std::vector<SpanLattice> lattices;  // of the sequences
};
Targets TargetsOf(const std::vector<const Example*>& batch, const LabelScheme& scheme);

// What a loss over single tokens reads of them, where the model computes.
struct TokenTargets {
  at::Tensor labels;   // [tokens] int64
  at::Tensor weights;  // [tokens] fp32
  at::Tensor allowed;  // [tokens, labels] bool, as in Targets
};

TokenTargets ToDevice(const TokenTargets& targets, const at::Device& device);

// What a model's rows cost.
class Objective {
 public:
  virtual ~Objective() = default;

  // The loss summed over a batch, weighted: a scalar that autograd can follow. rows [tokens, width] fp32, as
  // the model's Forward gave them.
  virtual at::Tensor SummedLoss(const at::Tensor& rows, const Targets& targets) const = 0;
  // The sum of the weights, above 0. A step's loss is the sum over its micro-batches of the former, divided
  // by that of the latter, so that accumulation changes nothing.
  virtual double Weight(const Targets& targets) const = 0;
};

// Objectives of taggers, with p the probability of the right label (of all that are right, where several
// are):
//   - cross_entropy: -log p
//   - focal: -(1 - p)^gamma log p (Lin et al. 2017)
//   - asymmetric: focal, with outside_gamma where O is right (after Ridnik et al. 2021)
//   - dice: (1 - p)^gamma (1 - (2 p + 1) / (p + 2)) (after Li et al. 2020, whose factor stands before p, so
//     that p = 1 / (1 + gamma) is the best there is)
//   - chain: -log P(all labels of a sequence) over the valid labellings, a linear-chain CRF without learned
//     transitions: what span marginals are computed from
// Label smoothing adds label_smoothing times the mean over labels of -log p (Szegedy et al. 2016), where one
// label alone is right: where several are, nobody said which. The chain has none. Each token
// counts by its weight: entity_weight and type_weights, and the class's weight where class_weights says
// counts; all times 1 + (hard weight - 1) * doubt, where hard_negative_weight is for tokens outside and
// hard_positive_weight for those of entities.
class LabelObjective final : public Objective {
 public:
  // `label_shares` of the tokens that are drawn in training, by label.
  static absl::StatusOr<LabelObjective> Create(const TrainingConfig& config, const LabelScheme& scheme,
                                               const std::vector<double>& label_shares);

  // logits [tokens, labels].
  at::Tensor SummedLoss(const at::Tensor& logits, const Targets& targets) const override;
  double Weight(const Targets& targets) const override;

  // All objectives but the chain are losses over single tokens. This is the same loss in operations that read
  // nothing of the host.
  bool over_tokens() const { return config_.objective != "chain"; }
  TokenTargets OverTokens(const Targets& targets) const;  // on the CPU
  at::Tensor SummedLoss(const at::Tensor& logits, const TokenTargets& targets) const;

 private:
  LabelObjective(const TrainingConfig& config, const LabelScheme& scheme)
      : config_(config), scheme_(scheme) {}

  at::Tensor WeightsOf(const Targets& targets) const;  // [tokens], on the CPU
  at::Tensor SummedChainLoss(const at::Tensor& logits, const Targets& targets) const;

  TrainingConfig config_;
  LabelScheme scheme_;
  std::vector<float> label_weights_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_OBJECTIVE_H_
