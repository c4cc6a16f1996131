// What a run needs to go on where it stopped.
#ifndef PRIVET_TRAINING_LEARN_RUN_STATE_H_
#define PRIVET_TRAINING_LEARN_RUN_STATE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "training/data/sampler.h"

namespace privet {

// The numbers; the tensors are written beside them.
struct RunProgress {
  int64_t step = 0;  // steps that are done
  std::vector<SourcePosition> positions;
  double best_metric = -1;
  double best_tie_break = -1;
  int64_t best_step = 0;
  int64_t evaluations_without_better = 0;
  uint64_t data = 0;  // LearningTask::Fingerprint of what was learned from
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Writes RUN/checkpoints/step-NNNNNNNN through a folder that then takes its name, so that a checkpoint is
// whole or not there; removes all but the `keep` newest. Tensors are fp32.
absl::Status SaveCheckpoint(const std::filesystem::path& run, const RunProgress& progress,
                            const NamedTensors& tensors, int64_t keep);

// The newest checkpoint's folder; empty when there is none.
std::filesystem::path NewestCheckpoint(const std::filesystem::path& run);

// Reads a checkpoint into `tensors`, whose names and shapes must be those that were saved:
// FAILED_PRECONDITION otherwise.
absl::StatusOr<RunProgress> LoadCheckpoint(const std::filesystem::path& checkpoint,
                                           const NamedTensors& tensors);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_RUN_STATE_H_
