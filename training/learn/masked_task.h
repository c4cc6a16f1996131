// Learning a language from raw text: naming tokens that were hidden, from what stands around them (Devlin et
// al. 2019).
#ifndef PRIVET_TRAINING_LEARN_MASKED_TASK_H_
#define PRIVET_TRAINING_LEARN_MASKED_TASK_H_

#include <memory>

#include "absl/status/status.h"
#include "training/config.h"
#include "training/learn/learning_task.h"

namespace privet {

// All chosen tokens are hidden, in the way in which data.mask_share hides them from taggers; none is replaced
// by another or kept, which gains nothing (Wettig et al. 2023). The embeddings are the output
// layer. The metric is the geometric mean of the probabilities of held-out hidden tokens, exp(-loss).
std::unique_ptr<LearningTask> MakeMaskedTask(const TrainingConfig& config);

// What such a run begins from in place of TrainingConfig's own: everything learns, and sees in both
// directions.
TrainingConfig MaskedDefaults();

// Refuses what only records have in data.train and data.dev: covers, templates, swap.
absl::Status CheckRawSources(const TrainingConfig& config);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_MASKED_TASK_H_
