// The kernels of training/learn/cuda/ on tensors: in builds with PRIVET_CUDA. Everything is put into the
// current stream of the device, and the host does not wait. Throws c10::Error where a launch fails.
#ifndef PRIVET_TRAINING_LEARN_FLAT_UPDATES_CUDA_H_
#define PRIVET_TRAINING_LEARN_FLAT_UPDATES_CUDA_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "training/learn/flat_updates.h"

namespace privet {

// An AdamWStep in memory of the device. Nobody waits for what is written into it.
at::Tensor MakeAdamWStepOnCuda(const at::Device& device);
void WriteAdamWStep(const AdamWStep& step, const at::Tensor& on_device);
AdamWStep ReadAdamWStep(const at::Tensor& on_device);  // waits for the device

// Writes the length of all gradients (fp32) together into `step`, and what is to be taken of them, so that
// they are no longer than clip_norm where that is above 0.
void MeasureGradientsOnCuda(const std::vector<at::Tensor>& gradients, double clip_norm,
                            const at::Tensor& step);

// One step of dense fp32 tensors. Changes nothing where the gradients' length is not finite.
void StepAdamWOnCuda(const AdamWSizes& sizes, const at::Tensor& step, const at::Tensor& gradient,
                     const at::Tensor& value, const at::Tensor& first, const at::Tensor& second);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FLAT_UPDATES_CUDA_H_
