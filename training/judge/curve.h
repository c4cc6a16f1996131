// How precision and recall trade against one another as the least score moves, and whether scores mean what
// they say.
#ifndef PRIVET_TRAINING_JUDGE_CURVE_H_
#define PRIVET_TRAINING_JUDGE_CURVE_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace privet {

struct ScoredFinding {
  double score = 0;  // in [0, 1]
  bool right = false;
};

// Precision and recall of all findings whose score is at least the threshold.
struct CurvePoint {
  double threshold = 0;
  double precision = 0;
  double recall = 0;
};

// One point for each score that occurs, from the highest down. None without findings or entities.
std::vector<CurvePoint> PrecisionRecallCurve(std::vector<ScoredFinding> findings, size_t entities);

// The area in steps, sum of (R_i - R_{i-1}) P_i, without interpolation (Manning, Raghavan and Schuetze,
// Introduction to Information Retrieval, 2008, section 8.4). What the lowest threshold does not find counts
// as never found.
double AveragePrecision(std::span<const CurvePoint> curve);

// The most of the one where the other is at least `least`; nothing where no threshold gives it.
std::optional<double> RecallAtPrecision(std::span<const CurvePoint> curve, double least);
std::optional<double> PrecisionAtRecall(std::span<const CurvePoint> curve, double least);

struct ReliabilityBin {
  size_t findings = 0;
  double mean_score = 0;
  double share_right = 0;
};

// Ten bins of equal width; a score of 1 belongs to the last.
struct Reliability {
  static constexpr size_t kBins = 10;
  std::array<ReliabilityBin, kBins> bins;
  // Expected calibration error: the mean over findings of |mean score - share right| of their bin (Guo et al.
  // 2017, "On calibration of modern neural networks", equation 3). 0 without findings.
  double expected_error = 0;
};
Reliability ReliabilityOf(std::span<const ScoredFinding> findings);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_CURVE_H_
