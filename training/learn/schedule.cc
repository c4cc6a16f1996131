#include "training/learn/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace privet {

double LearningRateShare(const TrainingConfig& config, int64_t step) {
  const auto steps = static_cast<double>(config.steps);
  const double warmup = std::floor(config.warmup_share * steps);
  const auto at = static_cast<double>(step);
  if (at < warmup) return (at + 1) / (warmup + 1);
  // How much of what follows the warm-up is done.
  const double done = (at - warmup) / std::max(1.0, steps - warmup);
  const double bottom = config.final_share;
  const auto down = [&](double share) { return bottom + (1 - bottom) * share; };
  const auto cosine = [](double x) { return 0.5 * (1 + std::cos(std::numbers::pi * x)); };
  if (config.schedule == "linear") return down(1 - done);
  if (config.schedule == "cosine") return down(cosine(done));
  if (config.schedule == "cosine_restarts") {
    const double cycle = done * static_cast<double>(config.cycles);
    return down(cosine(cycle - std::floor(cycle)));
  }
  if (config.schedule == "wsd") {
    const double left = (steps - at) / std::max(1.0, config.decay_share * steps);
    return down(std::min(1.0, left));
  }
  return 1;
}

}  // namespace privet
