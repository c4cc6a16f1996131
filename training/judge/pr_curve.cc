#include "training/judge/pr_curve.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace privet {

std::vector<CurvePoint> PrCurve(std::vector<std::pair<double, bool>> found, int64_t gold) {
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<CurvePoint> curve;
  int64_t right = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    right += found[i].second ? 1 : 0;
    if (i + 1 < found.size() && found[i + 1].first == found[i].first) continue;
    curve.push_back({found[i].first, static_cast<double>(right) / static_cast<double>(i + 1),
                     gold == 0 ? 0 : static_cast<double>(right) / static_cast<double>(gold)});
  }
  return curve;
}

double RecallAtPrecision(std::span<const CurvePoint> curve, double precision) {
  double best = 0;
  for (const CurvePoint& point : curve) {
    if (point.precision >= precision) best = std::max(best, point.recall);
  }
  return best;
}

double PrecisionAtRecall(std::span<const CurvePoint> curve, double recall) {
  double best = 0;
  for (const CurvePoint& point : curve) {
    if (point.recall >= recall) best = std::max(best, point.precision);
  }
  return best;
}

double AveragePrecision(std::span<const CurvePoint> curve) {
  double area = 0;
  double recall = 0;
  for (const CurvePoint& point : curve) {
    area += (point.recall - recall) * point.precision;
    recall = point.recall;
  }
  return area;
}

double CalibrationError(std::span<const std::pair<double, bool>> found) {
  constexpr size_t kBins = 10;
  std::array<double, kBins> score{};
  std::array<double, kBins> right{};
  for (const auto& [probability, is_right] : found) {
    const size_t bin = std::min(kBins - 1, static_cast<size_t>(std::max(0.0, probability) * kBins));
    score[bin] += probability;
    right[bin] += is_right ? 1 : 0;
  }
  double error = 0;
  for (size_t bin = 0; bin < kBins; ++bin) error += std::abs(score[bin] - right[bin]);
  return found.empty() ? 0 : error / static_cast<double>(found.size());
}

}  // namespace privet
