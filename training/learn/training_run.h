// One process's part of a training, from loading to the last checkpoint. Internal to training/learn.
#ifndef PRIVET_TRAINING_LEARN_TRAINING_RUN_H_
#define PRIVET_TRAINING_LEARN_TRAINING_RUN_H_

#include <memory>

#include "absl/status/statusor.h"
#include "training/learn/learning_task.h"
#include "training/learn/processes.h"
#include "training/learn/train.h"

namespace privet {

// Loads, goes on from the newest checkpoint, steps, evaluates and saves as `config` says, whose paths are
// absolute. `processes` is nullptr where this one is alone; else all of them run this, and the one that leads
// alone writes. Throws what libtorch throws.
absl::StatusOr<TrainResult> RunTraining(const TrainingConfig& config, const TrainOptions& options,
                                        const ProcessPlace& place, Processes* processes,
                                        std::unique_ptr<LearningTask> task);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TRAINING_RUN_H_
