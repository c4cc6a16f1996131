// One training run, from a configuration to a model that a bundle can hold.
#ifndef PRIVET_TRAINING_LEARN_TRAIN_H_
#define PRIVET_TRAINING_LEARN_TRAIN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "training/config.h"

namespace privet {

struct TrainOptions {
  bool restart = false;  // remove what an earlier run made in the same folder, once this one can begin
  // Set by a signal: the run finishes its step, saves and ends. May be nullptr.
  const std::atomic<bool>* stop = nullptr;
  // A line for the user, without line feed: what is going on (also goes to the run's log), and a line that
  // the next replaces, while it goes on.
  std::function<void(const std::string&)> say = {};
  std::function<void(const std::string&)> progress = {};
};

struct TrainResult {
  bool interrupted = false;
  int64_t steps = 0;        // done, of all runs together
  double last_loss = 0;     // of the last step
  double best_metric = -1;  // of config.metric on the dev texts; -1 without any
  int64_t best_step = 0;
  double tokens_per_second = 0;
  bool leads = true;  // of several processes: whether this one is to say so
};

// Trains in config.output, which must not hold a run of another configuration: FAILED_PRECONDITION. It gets:
//   - config.yaml: the effective configuration
//   - run.lock: what a run holds, so that a second one in the folder is FAILED_PRECONDITION
//   - log.jsonl: one object for each step that was logged, and each evaluation
//   - events.*: the same for TensorBoard
//   - checkpoints/: to go on from. A run that finds one of its own goes on where it ended, to the same result
//     bit for bit on a CPU with the same number of threads, as long as its data and its base are the same
//   - best/: the best model by config.metric, a Hugging Face folder or a PEFT adapter, with its tokenizer
//   - last/: the same of the last step
// Where torchrun's environment says that there are several processes (processes.h), they compute a step's
// batches in turn and add up their gradients: the result is that of one process up to rounding, however many
// there are, and the first alone says, judges and saves. Errors name file and key. INTERNAL where a loss is
// not finite, with the step and the records that were learned from; CANCELLED where it was stopped while it
// read its data.
absl::StatusOr<TrainResult> Train(const TrainingConfig& config, const TrainOptions& options);

// The same on raw texts (masked_task.h): the files of data.train and data.dev hold a text a line, or are
// .jsonl with "text". best/ and last/ are whole models without a head, which base.folder of other runs names;
// best by the loss on held-out text, of which best_metric is exp(-loss).
absl::StatusOr<TrainResult> Adapt(const TrainingConfig& config, const TrainOptions& options);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TRAIN_H_
