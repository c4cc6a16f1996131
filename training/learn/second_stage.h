// What makes a run one of stage 2.
#ifndef PRIVET_TRAINING_LEARN_SECOND_STAGE_H_
#define PRIVET_TRAINING_LEARN_SECOND_STAGE_H_

#include <filesystem>

#include "absl/status/status.h"
#include "training/config.h"

namespace privet {

// Whether a model knows what entities are: told by the labels of its config.json, or of the one in best/
// where the folder is a run. It may know the texts' labels by heart.
bool WasTrainedToFindEntities(const std::filesystem::path& base);

// INVALID_ARGUMENT where the configuration is not one for this stage: a span head in stage 1, which has to
// propose; a base of stage 1 that is a bundle's stage 2; or a base of stage 2 that was trained to find
// entities, as it may have nothing to say where stage 1 errs. What the bundle.yaml in the folder above names
// as its stage 2 is a base all the same: it learned apart from that bundle's stage 1, and goes on with more
// text.
absl::Status CheckStage(const TrainingConfig& config, int stage);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_SECOND_STAGE_H_
