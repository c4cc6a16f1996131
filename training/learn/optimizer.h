// AdamW, or Muon with it, over the parameters of a model.
#ifndef PRIVET_TRAINING_LEARN_OPTIMIZER_H_
#define PRIVET_TRAINING_LEARN_OPTIMIZER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "training/config.h"
#include "training/learn/trainable_model.h"

namespace privet {

// AdamW: decoupled weight decay (Loshchilov & Hutter 2019), with bias correction. Muon: the matrices of the
// layers go along the orthogonalised Nesterov momentum of their gradients (muon.h), at
// config.muon_rate times the learning rate, all else by AdamW. State in fp32. Not thread-safe.
class Optimizer {
 public:
  Optimizer(const TrainingConfig& config, std::vector<Parameter>* parameters);

  // The length of all gradients together. Where it is more than config.clip_norm the next step takes them
  // shortened to that. A gradient that is not finite gives what is not finite.
  double ClipGradients();
  // One step at this learning rate; clears the gradients.
  void Step(double learning_rate);
  void ClearGradients();

  int64_t steps() const { return steps_; }
  // First and second moments, by parameter, for a checkpoint; a second is undefined where Muon needs none.
  std::vector<at::Tensor>& first() { return first_; }
  std::vector<at::Tensor>& second() { return second_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  void StepAlongMuon(Parameter* parameter, at::Tensor* momentum, double rate, double decay) const;

  bool bf16_products_;
  double momentum_, muon_rate_;
  double beta1_, beta2_, epsilon_, weight_decay_, clip_norm_;
  std::vector<Parameter>* parameters_;
  std::vector<at::Tensor> first_;
  std::vector<at::Tensor> second_;
  int64_t steps_ = 0;
  double gradient_scale_ = 1;  // of the next step
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_OPTIMIZER_H_
