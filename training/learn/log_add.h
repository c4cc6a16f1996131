// Sums of probabilities that are known by their logarithms.
#ifndef PRIVET_TRAINING_LEARN_LOG_ADD_H_
#define PRIVET_TRAINING_LEARN_LOG_ADD_H_

#include <cmath>
#include <limits>
#include <utility>

namespace privet {

// The logarithm of nothing.
inline constexpr double kImpossible = -std::numeric_limits<double>::infinity();

// log(exp(a) + exp(b)).
inline double LogAdd(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kImpossible ? a : a + std::log1p(std::exp(b - a));
}

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_LOG_ADD_H_
