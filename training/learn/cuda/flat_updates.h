// The loops of training/learn/flat_updates.h on a CUDA device, on its memory, and how long all gradients are
// together without that the host waits. As in qwen3/kernels/cuda/rows.h a call puts its kernel into `stream`
// and returns nullptr, or why it could not; sums have one order.
#ifndef PRIVET_TRAINING_LEARN_CUDA_FLAT_UPDATES_H_
#define PRIVET_TRAINING_LEARN_CUDA_FLAT_UPDATES_H_

#include <cstdint>

#include "training/learn/flat_updates.h"

namespace privet::cuda {

// The partial sums that SumOfSquares writes for so many values, 1 at least.
int64_t SquareParts(int64_t count);
const char* SumOfSquares(const float* values, int64_t count, double* parts, void* stream);

// From `count` partial sums, of all parameters: step->gradient_norm, and step->gradient_scale, which is
// clip_norm / gradient_norm where that is below 1 and clip_norm above 0, else 1. `step` is on the device.
const char* MeasureGradients(const double* parts, int64_t count, double clip_norm, AdamWStep* step,
                             void* stream);

// As StepAdamW, with `step` on the device. Changes nothing where step->gradient_norm is not finite.
const char* StepAdamW(const AdamWSizes& sizes, const AdamWStep* step, const float* gradient, float* value,
                      float* first, float* second, int64_t count, void* stream);

}  // namespace privet::cuda

#endif  // PRIVET_TRAINING_LEARN_CUDA_FLAT_UPDATES_H_
