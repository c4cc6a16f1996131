#include "training/judge/curve.h"

#include <algorithm>
#include <cmath>

namespace privet {

std::vector<CurvePoint> PrecisionRecallCurve(std::vector<ScoredFinding> findings, size_t entities) {
  std::vector<CurvePoint> curve;
  if (entities == 0) return curve;
  std::sort(findings.begin(), findings.end(),
            [](const ScoredFinding& a, const ScoredFinding& b) { return a.score > b.score; });
  size_t right = 0;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (findings[i].right) ++right;
    if (i + 1 < findings.size() && findings[i + 1].score == findings[i].score) continue;
    curve.push_back({findings[i].score, static_cast<double>(right) / static_cast<double>(i + 1),
                     static_cast<double>(right) / static_cast<double>(entities)});
  }
  return curve;
}

double AveragePrecision(std::span<const CurvePoint> curve) {
  double area = 0, before = 0;
  for (const CurvePoint& point : curve) {
    area += (point.recall - before) * point.precision;
    before = point.recall;
  }
  return area;
}

std::optional<double> RecallAtPrecision(std::span<const CurvePoint> curve, double least) {
  std::optional<double> best;
  for (const CurvePoint& point : curve) {
    if (point.precision >= least) best = std::max(best.value_or(0), point.recall);
  }
  return best;
}

std::optional<double> PrecisionAtRecall(std::span<const CurvePoint> curve, double least) {
  std::optional<double> best;
  for (const CurvePoint& point : curve) {
    if (point.recall >= least) best = std::max(best.value_or(0), point.precision);
  }
  return best;
}

Reliability ReliabilityOf(std::span<const ScoredFinding> findings) {
  Reliability reliability;
  for (const ScoredFinding& finding : findings) {
    const auto bin = static_cast<size_t>(std::clamp(finding.score, 0.0, 1.0) * Reliability::kBins);
    ReliabilityBin& its = reliability.bins[std::min(bin, Reliability::kBins - 1)];
    ++its.findings;
    its.mean_score += finding.score;
    its.share_right += finding.right ? 1 : 0;
  }
  for (ReliabilityBin& bin : reliability.bins) {
    if (bin.findings == 0) continue;
    const auto count = static_cast<double>(bin.findings);
    reliability.expected_error +=
        std::abs(bin.mean_score - bin.share_right) / static_cast<double>(findings.size());
    bin.mean_score /= count;
    bin.share_right /= count;
  }
  return reliability;
}

}  // namespace privet
