// The detector in use, and its replacement under load.
#ifndef PRIVET_SERVER_ENGINE_H_
#define PRIVET_SERVER_ENGINE_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pipeline/detector.h"

namespace privet {

// Every call takes the detector once and keeps it to its end, so a reload never touches a call that runs.
// Thread-safe.
class Engine {
 public:
  // Loads the packs of `packs_dir`, or those built in when it is empty.
  static absl::StatusOr<std::unique_ptr<Engine>> Load(const std::string& packs_dir, const Limits& limits);

  std::shared_ptr<const Detector> detector() const {
    const std::lock_guard lock(mutex_);
    return detector_;
  }

  // Reads the packs again. On an error the old ones stay in use, and the error says what is wrong.
  absl::Status Reload();

 private:
  Engine(std::string packs_dir, const Limits& limits) : packs_dir_(std::move(packs_dir)), limits_(limits) {}

  const std::string packs_dir_;
  const Limits limits_;
  // Not std::atomic<std::shared_ptr>: in GCC 12 its load races with its store.
  mutable std::mutex mutex_;  // guards the pointer, never held while it is used
  std::shared_ptr<const Detector> detector_;
};

}  // namespace privet

#endif  // PRIVET_SERVER_ENGINE_H_
