// Where a training step's memory goes.
#ifndef PRIVET_TRAINING_LEARN_STEP_MEMORY_H_
#define PRIVET_TRAINING_LEARN_STEP_MEMORY_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <vector>

#include "training/learn/trainable_model.h"

namespace privet {

// In bytes, of one process.
struct StepMemory {
  int64_t weights = 0;    // of the whole model, as they lie in memory
  int64_t gradients = 0;  // of what learns
  int64_t optimizer = 0;  // first and second moments
  int64_t average = 0;    // of optimizer.ema
  int64_t sum = 0;        // what several processes add gradients up in
  int64_t activations =
      0;             // what else a step had at its peak: what it keeps for the backward pass, temporaries
  int64_t peak = 0;  // of everything, while it ran: resident memory, or on CUDA what libtorch allocated
};

// All that is known before a step has run; `averages` and `several_processes` say whether there are such.
StepMemory PlannedMemory(const TrainableModel& model, int64_t optimizer_bytes, bool averages,
                         bool several_processes);

// "weights 2.38 GB, gradients 41 MB, ...", without what is not there; then what was measured.
std::string DescribePlanned(const StepMemory& memory);
std::string DescribeMeasured(const StepMemory& memory);
// As a JSON object, by the names above.
std::string MemoryJson(const StepMemory& memory);

// Measures what a step needs, on the device that it runs on.
class StepMeter {
 public:
  // From here on the peak counts. On a CPU it counts the whole process's, and needs Linux's /proc: 0 without.
  explicit StepMeter(const c10::Device& device);
  // Fills in peak and activations, after the first step, whose gradients were not there before it.
  void Measure(StepMemory* memory) const;

 private:
  c10::Device device_;
  int64_t before_ = 0;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_STEP_MEMORY_H_
