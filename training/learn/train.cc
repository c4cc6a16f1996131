#include "training/learn/train.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <memory>
#include <new>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "training/learn/learning_task.h"
#include "training/learn/masked_task.h"
#include "training/learn/processes.h"
#include "training/learn/tagging_task.h"
#include "training/learn/trainable_model.h"
#include "training/learn/training_run.h"

namespace privet {
namespace {

constexpr const char* kTooLittleMemory =
    "training: memory does not suffice; lower batch.tokens, or set compute.gradient_checkpointing";

using MakeTask = std::unique_ptr<LearningTask> (*)(const TrainingConfig&);

absl::StatusOr<TrainResult> LearnAs(const TrainingConfig& config, const TrainOptions& options,
                                    const ProcessPlace& place, Processes* processes, MakeTask make_task) try {
  const TrainingConfig absolute = WithAbsolutePaths(config);
  return RunTraining(absolute, options, place, processes, make_task(absolute));
} catch (const c10::OutOfMemoryError&) {  // a device's
  return absl::ResourceExhaustedError(kTooLittleMemory);
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat("training: ", error.what_without_backtrace()));
} catch (const std::bad_alloc&) {
  return absl::ResourceExhaustedError(kTooLittleMemory);
} catch (const std::exception& error) {
  return absl::InternalError(absl::StrCat("training: ", error.what()));
}

// Alone, or as one of several processes.
absl::StatusOr<TrainResult> Learn(const TrainingConfig& config, const TrainOptions& options,
                                  MakeTask make_task) {
  const absl::StatusOr<ProcessPlace> place =
      ProcessPlaceOf([](const char* name) { return std::getenv(name); });
  if (!place.ok()) return place.status();
  if (place->count == 1) return LearnAs(config, options, *place, nullptr, make_task);

  if (config.accumulate < place->count) {
    return absl::InvalidArgumentError(
        absl::StrFormat("batch.accumulate: the %d batches of a step cannot be shared by %d processes; take a "
                        "multiple of that, and lower batch.tokens where a step shall learn from no more",
                        config.accumulate, place->count));
  }
  const absl::StatusOr<at::Device> device = DeviceOf(config, place->local_rank);
  if (!device.ok()) return device.status();
  auto processes = Processes::Connect(*place, *device);
  if (!processes.ok()) return processes.status();
  TrainOptions quiet = options;
  if (!place->leads()) quiet.say = quiet.progress = {};
  absl::StatusOr<TrainResult> result = LearnAs(config, quiet, *place, processes->get(), make_task);
  if (result.ok()) {
    result->leads = place->leads();
    return result;
  }
  // Who was stopped by another has nothing to add.
  if (!absl::IsAborted(result.status())) (*processes)->Fail(result.status());
  return absl::Status(result.status().code(), absl::StrCat("process ", place->rank, " of ", place->count,
                                                           ": ", result.status().message()));
}

}  // namespace

absl::StatusOr<TrainResult> Train(const TrainingConfig& config, const TrainOptions& options) {
  if (absl::Status status = CheckTrainingConfig(config); !status.ok()) return status;
  return Learn(config, options, MakeTaggingTask);
}

absl::StatusOr<TrainResult> Adapt(const TrainingConfig& config, const TrainOptions& options) {
  if (absl::Status status = CheckTrainingConfig(config); !status.ok()) return status;
  if (absl::Status status = CheckRawSources(config); !status.ok()) return status;
  return Learn(config, options, MakeMaskedTask);
}

}  // namespace privet
