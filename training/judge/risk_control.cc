#include "training/judge/risk_control.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace privet {

std::optional<size_t> HighestSafeThreshold(std::vector<std::vector<double>> losses, double alpha) {
  std::optional<size_t> highest;
  for (size_t t = 0; t < losses.size(); ++t) {
    double sum = 0;
    for (size_t i = 0; i < losses[t].size(); ++i) {
      if (t > 0) losses[t][i] = std::max(losses[t][i], losses[t - 1][i]);
      sum += losses[t][i];
    }
    const auto n = static_cast<double>(losses[t].size());
    if ((sum + 1) / (n + 1) <= alpha) highest = t;
  }
  return highest;
}

int64_t LeastDocuments(double alpha) { return static_cast<int64_t>(std::ceil(1 / alpha - 1 - 1e-9)); }

}  // namespace privet
