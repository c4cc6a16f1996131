#include "tagging/span_reading.h"

#include <algorithm>
#include <cmath>

#include "tagging/log_odds.h"

namespace privet {

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
