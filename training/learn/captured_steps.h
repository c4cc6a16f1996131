// Steps of training as CUDA graphs: in builds with PRIVET_CUDA.
#ifndef PRIVET_TRAINING_LEARN_CAPTURED_STEPS_H_
#define PRIVET_TRAINING_LEARN_CAPTURED_STEPS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "training/learn/fixed_batch.h"

namespace privet {

// A step's batches, and the weight of all of them together: [] fp64 on the device.
struct StepInput {
  std::vector<BatchInput> batches;
  at::Tensor weight;
};

// The thousands of launches of a step are recorded once for each combination of its tensors' shapes, after
// two such steps that ran launch by launch, and begun with one launch from then on. What is recorded reads
// the tensors of its first input, into which those of others are copied. One thread.
class CapturedSteps {
 public:
  // Forward, backward and the optimiser's update; returns the loss, []. It reads what differs from step to
  // step from memory of the device alone, and does not wait for it.
  using Step = std::function<at::Tensor(const StepInput&)>;

  explicit CapturedSteps(Step step);
  ~CapturedSteps();

  // The loss; it is overwritten by the next step. Throws c10::Error where something in the step cannot be
  // captured.
  at::Tensor Run(const StepInput& input);

 private:
  struct Captured;
  void Capture(const StepInput& input, Captured* captured);

  Step step_;
  // By the sizes of all tensors of the input.
  std::map<std::vector<int64_t>, std::unique_ptr<Captured>> captured_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_CAPTURED_STEPS_H_
