// Precision and recall over all thresholds.
#ifndef PRIVET_TRAINING_JUDGE_PR_CURVE_H_
#define PRIVET_TRAINING_JUDGE_PR_CURVE_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace privet {

struct CurvePoint {
  double threshold = 0;
  double precision = 0;
  double recall = 0;
};

// `found` are scores and whether each was right. One point for each distinct score, from the highest down: of
// all that score at least so much.
std::vector<CurvePoint> PrCurve(std::vector<std::pair<double, bool>> found, int64_t gold);

// The highest recall of a point whose precision is at least `precision`, and the reverse; 0 where there is
// none.
double RecallAtPrecision(std::span<const CurvePoint> curve, double precision);
double PrecisionAtRecall(std::span<const CurvePoint> curve, double recall);

// The area under the curve as a step function.
double AveragePrecision(std::span<const CurvePoint> curve);

// The expected calibration error over ten bins of equal width: the mean distance between a score and the
// share of right ones among those that score alike (Naeini et al. 2015).
double CalibrationError(std::span<const std::pair<double, bool>> found);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_PR_CURVE_H_
