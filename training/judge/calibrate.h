// Everything that a bundle's manifest says about probabilities and thresholds, from text that no stage has
// seen.
#ifndef PRIVET_TRAINING_JUDGE_CALIBRATE_H_
#define PRIVET_TRAINING_JUDGE_CALIBRATE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pipeline/bundle_manifest.h"
#include "training/judge/judged_text.h"

namespace privet {

struct CalibrationOptions {
  double alpha = 0.05;             // share of entities that an answer may miss, on average, at high_recall
  double precision_target = 0.97;  // of high_precision
  double tau = 0.01;               // of all operating points; the texts' opinions were collected with it
  uint64_t seed = 1;               // of the split
};

struct CalibrationResult {
  FusionModel fusion;
  std::vector<OperatingPoint> operating_points;  // high_recall, balanced, high_precision
  int64_t fitted_on = 0;                         // documents that the fusion was fitted on
  int64_t bounded_on = 0;    // documents with entities that thresholds were set on; never those
  bool bound_holds = false;  // whether high_recall keeps alpha; else it is the lowest threshold there is
  double recall_miss = 0;    // mean missed share at high_recall on bounded_on
  double loss_before = 0;    // of the fusion, on bounded_on
  double loss_after = 0;
  double error_before = 0;  // calibration error of the scores, on bounded_on
  double error_after = 0;
};

// Splits the documents in two. On one half the fusion is fitted, on the other its temperatures and all
// thresholds:
//   high_recall     the highest least score for which conformal risk control holds the missed share of a
//   document's
//                   entities (those of `types` that no finding touches) to alpha in expectation; documents
//                   without an entity do not count
//   balanced        by type the least score with the best F1, where a type has kLeastTrue entities; else the
//   best overall high_precision  the lowest least score whose findings are right in precision_target of
//   cases; by type where a type
//                   has enough findings
// FAILED_PRECONDITION where there are too few documents to keep alpha, with how many are needed.
absl::StatusOr<CalibrationResult> Calibrate(std::span<const JudgedText> texts, const TypeSet& types,
                                            const CalibrationOptions& options);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_CALIBRATE_H_
