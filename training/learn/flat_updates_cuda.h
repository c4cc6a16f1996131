// The kernels of training/learn/cuda/ on tensors: in builds with PRIVET_CUDA. Everything is put into the
// current stream of the device, and the host does not wait. Throws c10::Error where a launch fails.
#ifndef PRIVET_TRAINING_LEARN_FLAT_UPDATES_CUDA_H_
#define PRIVET_TRAINING_LEARN_FLAT_UPDATES_CUDA_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "training/learn/flat_updates.h"

namespace privet {

// [2] in fp64 on the device: the length of all gradients (fp32) together, and what a step takes them times,
// so that they are no longer than clip_norm where that is above 0.
at::Tensor MeasureGradientsOnCuda(const std::vector<at::Tensor>& gradients, const at::Device& device,
                                  double clip_norm);

// One step of dense fp32 tensors; `size` is MeasureGradientsOnCuda's, and sizes.gradient_scale is not read.
// Changes nothing where the gradients' length is not finite.
void StepAdamWOnCuda(const AdamWSizes& sizes, const at::Tensor& size, const at::Tensor& gradient,
                     const at::Tensor& value, const at::Tensor& first, const at::Tensor& second);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FLAT_UPDATES_CUDA_H_
