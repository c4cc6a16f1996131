// What the judging verbs share at their edges: marked files in, a pipeline's readings of them out, progress
// on a terminal.
#ifndef PRIVET_TRAINING_JUDGE_MARKED_FILES_H_
#define PRIVET_TRAINING_JUDGE_MARKED_FILES_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pipeline/load.h"
#include "training/judge/replay.h"

namespace privet {

// Lines of marked files that are no records.
struct UnusableLines {
  int64_t count = 0;
  // "FILE:LINE: REASON" of at most 1000 a file; where there are more, one more line says how many.
  std::vector<std::string> named;
};

// All records of the files, in order. An error where a file cannot be read, or none of its lines is a record.
// Lines that are none are added to `unusable`.
absl::StatusOr<std::vector<LabeledRecord>> ReadMarkedFiles(std::span<const std::string> files,
                                                           UnusableLines* unusable);

// Loads the pipeline and reads the records down to `tau`. On a terminal a line on stderr says how far it is.
absl::StatusOr<Readings> ReadWithPipeline(const PipelineContents& contents, const ModelOptions& models,
                                          double tau, std::vector<LabeledRecord> records);

// The offer's point of that name. NOT_FOUND names those that there are.
absl::StatusOr<OperatingPoint> FindOperatingPoint(const Offer& offer, const std::string& name);

// The lowest tau of any point, and `most` at most: what to read with so that each point can be replayed.
double LowestTau(const Offer& offer, double most);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_MARKED_FILES_H_
