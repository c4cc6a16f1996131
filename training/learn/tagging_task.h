// Learning to tag: what stages 1 and 2 learn from records.
#ifndef PRIVET_TRAINING_LEARN_TAGGING_TASK_H_
#define PRIVET_TRAINING_LEARN_TAGGING_TASK_H_

#include <memory>

#include "training/config.h"
#include "training/learn/learning_task.h"

namespace privet {

// With the paths, objective and metric of a configuration that was checked.
std::unique_ptr<LearningTask> MakeTaggingTask(const TrainingConfig& config);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TAGGING_TASK_H_
