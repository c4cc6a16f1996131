// What a run needs to go on where it stopped.
#ifndef PRIVET_TRAINING_LEARN_RUN_STATE_H_
#define PRIVET_TRAINING_LEARN_RUN_STATE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
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
  uint64_t data = 0;      // LearningTask::Fingerprint of what was learned from
  bool finished = false;  // all that a run makes after its last step is there
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Writes RUN/checkpoints/step-NNNNNNNN, whole or not at all (whole_folder.h). Of the others it leaves the
// `keep` - 1 newest ones before it: later ones are of a way that the run did not go on. Tensors are fp32.
absl::Status SaveCheckpoint(const std::filesystem::path& run, const RunProgress& progress,
                            const NamedTensors& tensors, int64_t keep);

// Writes the numbers anew in the checkpoint of progress.step, which was saved.
absl::Status UpdateCheckpoint(const std::filesystem::path& run, const RunProgress& progress);

// Reads the newest checkpoint that is not damaged into `tensors`; `say` gets a line about each that is.
// nullopt where there is none at all. FAILED_PRECONDITION where names and shapes are not those that were
// saved, DATA_LOSS where all are damaged.
absl::StatusOr<std::optional<RunProgress>> LoadNewestCheckpoint(
    const std::filesystem::path& run, const NamedTensors& tensors,
    const std::function<void(const std::string&)>& say);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_RUN_STATE_H_
