// What the processes of a run tell one another (processes.h), so that together they do what one would.
#ifndef PRIVET_TRAINING_LEARN_SHARED_RUN_H_
#define PRIVET_TRAINING_LEARN_SHARED_RUN_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "training/config.h"
#include "training/learn/processes.h"
#include "training/learn/run_state.h"
#include "training/learn/trainable_model.h"

namespace privet {

// FAILED_PRECONDITION where this process was given another configuration or other data than the first:
// folders, threads and device aside. `data` is the data's Fingerprint.
absl::Status CheckSameRun(const TrainingConfig& config, uint64_t data, Processes* processes);

// Gives every process the first one's. `progress` has as many positions in all of them, and `tensors` are of
// the same shapes.
absl::Status ShareProgress(RunProgress* progress, Processes* processes);
absl::Status ShareTensors(const NamedTensors& tensors, Processes* processes);

// What a step comes to, besides gradients.
struct StepSums {
  double loss = 0;    // to fp32's precision
  bool stop = false;  // whether any process was asked to stop
};

// Replaces gradients and sums by the sums over all processes, in one message of the size of all gradients. A
// parameter that has no gradient in any process gets none. `buffer` is kept between steps; the gradients are
// views of it.
absl::Status SumStep(std::vector<Parameter>* parameters, StepSums* sums, at::Tensor* buffer,
                     Processes* processes);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_SHARED_RUN_H_
