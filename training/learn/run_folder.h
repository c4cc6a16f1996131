// The folder of a run: what it was started with, what it wrote down, the models that it made.
#ifndef PRIVET_TRAINING_LEARN_RUN_FOLDER_H_
#define PRIVET_TRAINING_LEARN_RUN_FOLDER_H_

#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "training/config.h"
#include "training/learn/file_lock.h"
#include "training/learn/tensorboard.h"
#include "training/learn/trainable_model.h"

namespace privet {

// One thread, and one process: of several that train together, the first has it, and it alone as long as this
// lives.
class RunFolder {
 public:
  // Makes config.output, or opens it to go on there; `restart` takes away first what an earlier run made in
  // it: checkpoints, models, log and events, and nothing else. All paths of `config` are absolute.
  // FAILED_PRECONDITION where log, models or checkpoints are those of a run with another configuration (the
  // folder may have been renamed), where another process has the folder, or where `restart` would remove the
  // run's own base.
  static absl::StatusOr<RunFolder> Open(const TrainingConfig& config, bool restart);

  // What Open without `restart` would say of another run in the folder: to ask before data and base are read.
  static absl::Status CheckGoesOn(const TrainingConfig& config);

  const std::filesystem::path& path() const { return path_; }
  EventFile* events() { return &events_; }

  // A line of log.jsonl, which is there at once, as are the events before it: who looks on, or looks for why
  // a run was killed, sees all of it. A disk that is full shows when something is saved.
  void Log(std::string_view line);

  // Writes FOLDER/name with the tokenizer's files, whole or not at all (whole_folder.h).
  absl::Status SaveModel(const char* name, const TrainableModel& model,
                         const std::filesystem::path& tokenizer_folder) const;

 private:
  RunFolder(std::filesystem::path path, FileLock lock, std::ofstream log, EventFile events)
      : path_(std::move(path)), lock_(std::move(lock)), log_(std::move(log)), events_(std::move(events)) {}

  std::filesystem::path path_;
  FileLock lock_;
  std::ofstream log_;
  EventFile events_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_RUN_FOLDER_H_
