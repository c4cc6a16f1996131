// Probabilities as log-odds, the scale on which evidence adds up.
#ifndef PRIVET_TAGGING_LOG_ODDS_H_
#define PRIVET_TAGGING_LOG_ODDS_H_

#include <algorithm>
#include <cmath>

namespace privet {

// As sure as anything here ever is, 1 in 3 million to be wrong: no reader's certainty, and no rounding to 0
// or 1, may silence every other voice.
inline constexpr double kMostLogOdds = 15;

// log(p / (1 - p)), within [-kMostLogOdds, kMostLogOdds]; p in [0, 1].
inline double LogOddsOf(double probability) {
  if (probability <= 0) return -kMostLogOdds;
  if (probability >= 1) return kMostLogOdds;
  return std::clamp(std::log(probability) - std::log1p(-probability), -kMostLogOdds, kMostLogOdds);
}

// The probability of these log-odds, in [0, 1].
inline double ProbabilityOf(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

}  // namespace privet

#endif  // PRIVET_TAGGING_LOG_ODDS_H_
