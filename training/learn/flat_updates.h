// Loops over all numbers of a parameter: one pass over memory each, where ATen's operations would take many.
#ifndef PRIVET_TRAINING_LEARN_FLAT_UPDATES_H_
#define PRIVET_TRAINING_LEARN_FLAT_UPDATES_H_

#include <cstdint>

namespace privet {

struct AdamWSizes {
  float beta1, beta2;
  float rate;   // learning rate over the first moment's correction
  float decay;  // learning rate times weight decay
  float epsilon;
  float second_scale;    // 1 / sqrt of the second moment's correction
  float gradient_scale;  // times the gradient; below 1 where it is clipped
};

void StepAdamW(const AdamWSizes& sizes, const float* gradient, float* value, float* first, float* second,
               int64_t count);

double SumOfSquares(const float* values, int64_t count);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FLAT_UPDATES_H_
