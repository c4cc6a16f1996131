#include "server/engine.h"

#include <utility>

namespace privet {

absl::StatusOr<std::unique_ptr<Engine>> Engine::Load(const PipelineFolders& folders,
                                                     const ModelOptions& models, const Limits& limits) {
  std::unique_ptr<Engine> engine(new Engine(folders, models, limits));
  if (absl::Status status = engine->Reload(); !status.ok()) return status;
  return engine;
}

absl::Status Engine::Reload() {
  absl::StatusOr<std::shared_ptr<const Pipeline>> pipeline = LoadPipeline(folders_, models_, limits_);
  if (!pipeline.ok()) return pipeline.status();
  {
    const std::lock_guard lock(mutex_);
    pipeline_.swap(*pipeline);
  }
  // The old one dies here, or with the last call that uses it, outside the lock.
  return absl::OkStatus();
}

}  // namespace privet
