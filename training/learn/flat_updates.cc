#include "training/learn/flat_updates.h"

#include <algorithm>
#include <cmath>

#include "qwen3/kernels/target_clones.h"

namespace privet {

PRIVET_TARGET_CLONES
void StepAdamW(const AdamWSizes& sizes, const AdamWStep& step, const float* gradient, float* value,
               float* first, float* second, int64_t count) {
  const auto scale = static_cast<float>(step.gradient_scale);
  const auto rate = static_cast<float>(step.learning_rate * sizes.rate / step.first_correction);
  const auto decay = static_cast<float>(step.learning_rate * sizes.decay);
  const auto second_scale = static_cast<float>(step.second_scale);
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const float slope = scale * gradient[i];
    first[i] = sizes.beta1 * first[i] + (1 - sizes.beta1) * slope;
    second[i] = sizes.beta2 * second[i] + (1 - sizes.beta2) * slope * slope;
    value[i] -= decay * value[i] + rate * first[i] / (std::sqrt(second[i]) * second_scale + sizes.epsilon);
  }
}

PRIVET_TARGET_CLONES
double SumOfSquares(const float* values, int64_t count) {
  // Short float sums in a double one: as fast as floats, and as exact as is needed.
  constexpr int64_t kPiece = 4096;
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += kPiece) {
    const int64_t end = std::min(begin + kPiece, count);
    float piece = 0;
#pragma omp simd reduction(+ : piece)
    for (int64_t i = begin; i < end; ++i) piece += values[i] * values[i];
    sum += piece;
  }
  return sum;
}

}  // namespace privet
