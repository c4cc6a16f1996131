// The pipeline in use, and its replacement under load.
#ifndef PRIVET_SERVER_ENGINE_H_
#define PRIVET_SERVER_ENGINE_H_

#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pipeline/limits.h"
#include "pipeline/load.h"

namespace privet {

// Every call takes the pipeline once and keeps it to its end, so a reload never touches a call that runs.
// Thread-safe.
class Engine {
 public:
  static absl::StatusOr<std::unique_ptr<Engine>> Load(const PipelineFolders& folders,
                                                      const ModelOptions& models, const Limits& limits);

  std::shared_ptr<const Pipeline> pipeline() const {
    const std::lock_guard lock(mutex_);
    return pipeline_;
  }

  // Reads the packs and the bundle again, before the old ones go: for a while memory holds both. On an error
  // the old ones stay in use, and the error says what is wrong.
  absl::Status Reload();

 private:
  Engine(PipelineFolders folders, ModelOptions models, const Limits& limits)
      : folders_(std::move(folders)), models_(std::move(models)), limits_(limits) {}

  const PipelineFolders folders_;
  const ModelOptions models_;
  const Limits limits_;
  // Not std::atomic<std::shared_ptr>: in GCC 12 its load races with its store.
  mutable std::mutex mutex_;  // guards the pointer, never held while it is used
  std::shared_ptr<const Pipeline> pipeline_;
};

}  // namespace privet

#endif  // PRIVET_SERVER_ENGINE_H_
