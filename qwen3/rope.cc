#include "qwen3/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace privet {
namespace {

// The dimension that turns `rotations` times over the original length (YaRN, section 3.2, solved for the
// dimension).
double DimensionOf(double rotations, const Qwen3Config& config) {
  const auto length = static_cast<double>(config.rope_scaling.original_max_position_embeddings);
  return static_cast<double>(config.head_dim) * std::log(length / (rotations * 2 * std::numbers::pi)) /
         (2 * std::log(config.rope_theta));
}

}  // namespace

std::vector<float> RopeFrequencies(const Qwen3Config& config) {
  const RopeScaling& scaling = config.rope_scaling;
  const int64_t half = config.head_dim / 2;
  double low = 0;
  double high = 0;
  if (scaling.type == RopeScaling::Type::Yarn) {
    low = DimensionOf(scaling.beta_fast, config);
    high = DimensionOf(scaling.beta_slow, config);
    if (scaling.truncate) {
      low = std::floor(low);
      high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, static_cast<double>(config.head_dim - 1));
    if (low == high) high += 0.001;
  }
  std::vector<float> frequencies;
  for (int64_t i = 0; i < half; ++i) {
    const double plain =
        std::pow(config.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(config.head_dim));
    double frequency = plain;
    if (scaling.type == RopeScaling::Type::Linear) frequency = plain / scaling.factor;
    if (scaling.type == RopeScaling::Type::Yarn) {
      // Fast dimensions stay as they are, slow ones are interpolated, with a ramp between.
      const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
      frequency = plain / scaling.factor * ramp + plain * (1 - ramp);
    }
    frequencies.push_back(static_cast<float>(frequency));
  }
  return frequencies;
}

}  // namespace privet
