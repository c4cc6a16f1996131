// Loops over all numbers of a parameter: one pass over memory each, where ATen's operations would take many.
#ifndef PRIVET_TRAINING_LEARN_FLAT_UPDATES_H_
#define PRIVET_TRAINING_LEARN_FLAT_UPDATES_H_

#include <cstdint>

namespace privet {

// Of one parameter, in all steps.
struct AdamWSizes {
  double rate;   // times the learning rate
  double decay;  // times the learning rate: what a step takes off the values
  float beta1, beta2;
  float epsilon;
};
// Of one step, for all parameters.
struct AdamWStep {
  double gradient_norm = 0;   // of all gradients together
  double gradient_scale = 1;  // times the gradients; below 1 where they are clipped
  double learning_rate = 0;
  double first_correction = 1;  // 1 - beta1^steps
  double second_scale = 1;      // 1 / sqrt(1 - beta2^steps)
};

void StepAdamW(const AdamWSizes& sizes, const AdamWStep& step, const float* gradient, float* value,
               float* first, float* second, int64_t count);

double SumOfSquares(const float* values, int64_t count);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FLAT_UPDATES_H_
