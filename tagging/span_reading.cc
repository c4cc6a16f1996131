#include "tagging/span_reading.h"

#include <algorithm>
#include <cmath>

#include "tagging/log_odds.h"

namespace privet {

double ProbabilityOf(const SpanReading& reading, EntityType type) {
  if (!reading.known.test(IndexOf(type))) return 0;
  double sum = 1;  // none's odds against itself
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (reading.known.test(t)) sum += std::exp(reading.log_odds[t]);
  }
  return std::exp(reading.log_odds[IndexOf(type)]) / sum;
}

SpanReading EitherOf(const SpanReading& a, const SpanReading& b) {
  // Rounding must not leave less for none than for the types that neither reading means.
  constexpr double kLeastForNone = 1e-6;
  std::array<double, kEntityTypeCount> probabilities{};
  double sum = 0;
  for (const EntityTypeSpec& spec : Taxonomy())
    sum += probabilities[IndexOf(spec.type)] = ProbabilityOf(a, spec.type) + ProbabilityOf(b, spec.type);
  const double scale = std::min(1.0, (1 - kLeastForNone) / std::max(sum, 1e-12));
  for (double& probability : probabilities) probability *= scale;
  return ReadingOf(a.known | b.known, probabilities);
}

SpanReading ReadingOf(const TypeSet& known, const std::array<double, kEntityTypeCount>& probabilities) {
  double none = 1;
  for (const double probability : probabilities) none -= probability;
  // Far below what log-odds can say, so that no logarithm is infinite.
  constexpr double kLeast = 1e-12;
  const double log_none = std::log(std::max(none, kLeast));
  SpanReading reading;
  reading.known = known;
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (!known.test(t)) continue;
    reading.log_odds[t] =
        std::clamp(std::log(std::max(probabilities[t], kLeast)) - log_none, -kMostLogOdds, kMostLogOdds);
  }
  return reading;
}

}  // namespace privet
