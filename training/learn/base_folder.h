// Whether what a run starts from is there, before anything is read.
#ifndef PRIVET_TRAINING_LEARN_BASE_FOLDER_H_
#define PRIVET_TRAINING_LEARN_BASE_FOLDER_H_

#include "absl/status/status.h"
#include "training/config.h"

namespace privet {

// An error with key and folder where base.folder or base.tokenizer is missing, or the base is an adapter
// without the model that it adapts, or a run's folder and not the model in it. What else may be wrong with a
// base shows when it is loaded.
absl::Status CheckBaseFolder(const TrainingConfig& config);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_BASE_FOLDER_H_
