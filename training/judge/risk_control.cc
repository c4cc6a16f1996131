#include "training/judge/risk_control.h"

#include <algorithm>
#include <cmath>

namespace privet {

LossCurve Monotone(LossCurve losses) {
  for (size_t i = 1; i < losses.size(); ++i) losses[i] = std::max(losses[i], losses[i - 1]);
  return losses;
}

size_t LeastDocuments(double alpha) {
  // Rounding must not ask for one more where 1 / alpha is whole.
  return static_cast<size_t>(std::max(1.0, std::ceil(1 / alpha - 1e-9) - 1));
}

std::optional<size_t> HighestSafeThreshold(std::span<const LossCurve> documents, double alpha) {
  if (documents.empty()) return std::nullopt;
  const auto n = static_cast<double>(documents.size());
  std::optional<size_t> highest;
  for (size_t i = 0; i < documents.front().size(); ++i) {
    double sum = 0;
    for (const LossCurve& losses : documents) sum += losses[i];
    // n / (n + 1) * sum / n + 1 / (n + 1)
    if ((sum + 1) / (n + 1) <= alpha + 1e-12) highest = i;
  }
  return highest;
}

}  // namespace privet
