// How the learning rate goes up and down over a run.
#ifndef PRIVET_TRAINING_LEARN_SCHEDULE_H_
#define PRIVET_TRAINING_LEARN_SCHEDULE_H_

#include <cstdint>

#include "training/config.h"

namespace privet {

// The share of the highest learning rate at `step`, which counts from 0 to config.steps - 1: linearly up over
// the warm-up, then as config.schedule says, down to final_share. Cosine: Loshchilov & Hutter 2017, with
// restarts in `cycles` equal parts; wsd: warm-up, stable, decay (Hu et al. 2024).
double LearningRateShare(const TrainingConfig& config, int64_t step);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_SCHEDULE_H_
