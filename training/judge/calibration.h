// From readings of text that no stage has seen to a fusion and to operating points: what `trainer calibrate`
// writes.
#ifndef PRIVET_TRAINING_JUDGE_CALIBRATION_H_
#define PRIVET_TRAINING_JUDGE_CALIBRATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pipeline/bundle_manifest.h"
#include "training/judge/curve.h"
#include "training/judge/matching.h"
#include "training/judge/replay.h"

namespace privet {

inline constexpr size_t kLeastOfAKind = 50;

struct CalibrationOptions {
  double alpha = 0.05;  // the bound on the expected share of missed entities at high_recall
  // Thresholds are set for alpha - margin: for texts that are easier than those to come, or known too well.
  double margin = 0;
  double precision = 0.97;  // that high_precision aims at
  double tau = 0.005;       // that high_recall gets, and the fusion is fitted at
  uint64_t seed = 1;        // of the split
};

// How one operating point does on the documents that thresholds were set on.
struct PointScore {
  std::string name;
  Counts exact;
  Counts overlap;
  double missed_share = 0;  // mean over documents with entities
};

// How high_recall does on the documents that its bound was sought on: all, or those of one kind.
struct RecallBound {
  std::string of;        // "", "texts with Chinese characters", "texts without"
  size_t documents = 0;  // with entities: the n of the bound
  double missed = 0;     // the mean share of entities that are missed, corrected for n
  bool holds = false;    // whether that is as little as was asked for
};

struct Calibrated {
  FusionModel fusion;
  std::vector<OperatingPoint> points;  // all of the bundle's, the three set anew
  size_t fusion_documents = 0;         // weights and biases
  size_t temperature_documents = 0;
  size_t threshold_documents = 0;
  std::vector<RecallBound> bounds;  // one, or one for each kind of text
  size_t samples = 0;               // spans that the fusion was fitted to
  // Mean -log P(truth) on the temperature documents, under the bundle's fusion and the fitted one before it
  // got its temperatures; nothing where spans were too few.
  std::optional<double> loss_before, loss_after;
  Reliability reliability_before, reliability_after;  // on the threshold documents
  std::vector<PointScore> before, after;              // in the order of the points
  std::vector<std::string> remarks;

  // Whether the bound holds for every kind of text, and on how many documents it was sought.
  bool bounded() const;
  size_t bound_documents() const;
};

// Parts the documents by the seed: a quarter for the fusion's weights, a quarter for its temperatures, half
// for the thresholds, so that no threshold is set on a score that has seen its truth.
//
// An entity is missed where no finding of its type overlaps it; a document's loss is the share of its
// entities that are missed. Only documents that hold an entity (of a type that the record covers and the
// pipeline finds) count for the bound: empty ones would lower the mean and promise less to the others.
//
// high_recall: the highest least score for which conformal risk control (risk_control.h) bounds the expected
// loss by alpha, and never more than balanced's. Where the documents hold enough texts with a Chinese
// character and enough without (HasHan; kLeastOfAKind with entities each), the bound holds for either kind by
// itself, the harder one setting the score. Where no score is safe it is the lowest one, and no bound holds.
// balanced: the least score with the best exact F1 (BestThreshold). high_precision: for each type with enough
// findings the lowest score from balanced's on at which its exact precision reaches the aim, for the others
// the same over all types. The aim is to be reached over all records and in each of their files
// (origins) that has enough findings by itself. Both are set for each kind of text by itself. Other points of
// the bundle stay as they are.
//
// The texts must have been read down to options.tau and to the lowest tau of the bundle's points.
// FAILED_PRECONDITION, with the number of documents that it takes, when there are too few for alpha.
absl::StatusOr<Calibrated> Calibrate(const Readings& readings, const BundleManifest& bundle,
                                     const CalibrationOptions& options);

// What was done, for a terminal: documents, the fusion, before and after.
std::string CalibrationReport(const Calibrated& calibrated, const BundleManifest& bundle,
                              const CalibrationOptions& options);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_CALIBRATION_H_
