// AdamW, or Muon with it, over the parameters of a model.
#ifndef PRIVET_TRAINING_LEARN_OPTIMIZER_H_
#define PRIVET_TRAINING_LEARN_OPTIMIZER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "training/config.h"
#include "training/learn/flat_updates.h"
#include "training/learn/trainable_model.h"

namespace privet {

// AdamW: decoupled weight decay (Loshchilov & Hutter 2019), with bias correction. Muon: the matrices of the
// layers go along the orthogonalised Nesterov momentum of their gradients (muon.h), each projection of a
// stack by itself, at config.muon_rate times the learning rate, all else by AdamW. State in fp32. Not
// thread-safe.
class Optimizer {
 public:
  Optimizer(const TrainingConfig& config, std::vector<Parameter>* parameters);

  // One step at this learning rate; clears the gradients. Where all of them together are longer than
  // config.clip_norm they are taken shortened to that; where they are not finite nothing else changes. On a
  // device it has only begun.
  void Step(double learning_rate) {
    Begin(learning_rate);
    Apply();
  }
  // Its two halves. With AdamW on CUDA all that differs from step to step is in memory of the device, where
  // Begin writes it: a graph that Apply was captured in goes with the next learning rate when it is replayed
  // after the next Begin.
  void Begin(double learning_rate);
  void Apply();
  // The length of all gradients of the last step together; not finite where they were not. Waits for a
  // device.
  double GradientNorm() const;
  void ClearGradients();

  int64_t steps() const { return steps_; }
  // First and second moments, by parameter, for a checkpoint; a second is undefined where Muon needs none.
  std::vector<at::Tensor>& first() { return first_; }
  std::vector<at::Tensor>& second() { return second_; }
  void set_steps(int64_t steps) { steps_ = steps; }
  int64_t moment_bytes() const;

 private:
  void MeasureGradients();
  bool OnCuda() const;
  void StepAlongAdamW(size_t index);
  void StepAlongMuon(Parameter* parameter, at::Tensor* momentum) const;

  bool muon_;
  bool bf16_products_;
  double momentum_, muon_rate_;
  double beta1_, beta2_, epsilon_, weight_decay_, clip_norm_;
  std::vector<Parameter>* parameters_;
  std::vector<at::Tensor> first_;
  std::vector<at::Tensor> second_;
  int64_t steps_ = 0;
  AdamWStep step_;             // the last one
  at::Tensor step_on_device_;  // on CUDA the same, and the gradients' part of it there alone
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_OPTIMIZER_H_
