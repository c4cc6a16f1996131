// How fast a run learns, beside what its device could do: the figures of the progress line.
#ifndef PRIVET_TRAINING_LEARN_THROUGHPUT_H_
#define PRIVET_TRAINING_LEARN_THROUGHPUT_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <vector>

#include "qwen3/config.h"
#include "training/learn/trainable_model.h"

namespace privet {

// What matrix products reach on this device, in operations a second. `precision` is "fp32" or "bf16". Takes
// some hundredths of a second on a CPU; throws c10::Error where libtorch does.
double MeasurePeak(const at::Device& device, const std::string& precision);

// Operations that learning from one token takes: products with the layers' matrices, forth and back; where
// they learn, once more for their own gradients.
double OperationsPerToken(const Qwen3Config& config, const std::vector<Parameter>& parameters);

struct Pace {
  int64_t step = 0;    // the last that was done
  int64_t steps = 0;   // of the whole run
  int64_t done = 0;    // steps since the program began, one or more
  int64_t tokens = 0;  // in these
  double seconds = 0;  // that these took
  double loss = 0;     // smoothed
  double learning_rate = 0;
  double peak_tokens_per_second = 0;  // what the device's peak would give
};

// "step 12/900  loss 0.4313  lr 1.20e-03  4211 tokens/s  31 % of peak  7 min 03 s left"
std::string ProgressLine(const Pace& pace);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_THROUGHPUT_H_
