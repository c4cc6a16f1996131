// The processes that train one model together, each on its share of every step.
#ifndef PRIVET_TRAINING_LEARN_PROCESSES_H_
#define PRIVET_TRAINING_LEARN_PROCESSES_H_

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

// Which of them this one is.
struct ProcessPlace {
  int rank = 0;  // below count; 0 leads: it alone says, judges and saves
  int count = 1;
  int local_rank = 0;  // among those of this machine: the index of its GPU
  int local_count = 1;
  std::string address;  // where all of them meet
  int port = 0;
  bool port_is_served = false;  // torchrun listens there; otherwise rank 0 does
  int attempt = 0;              // how often torchrun has started all of them anew

  bool leads() const { return rank == 0; }
  // Whether this one computes the step's batch `index`: they are dealt in turn.
  bool Computes(size_t index) const {
    return index % static_cast<size_t>(count) == static_cast<size_t>(rank);
  }
};

// From the environment as torchrun sets it: RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR,
// MASTER_PORT. Without WORLD_SIZE there is one process. INVALID_ARGUMENT names a variable that is missing or
// out of range. `variable` gives a variable's value, or nullptr: std::getenv.
using Variable = std::function<const char*(const char* name)>;
absl::StatusOr<ProcessPlace> ProcessPlaceOf(const Variable& variable);

// The connection to the others (libtorch's c10d): Gloo, and for tensors on CUDA devices NCCL, where each
// process has such a device and a build for it. All processes make the same calls in the same order; each
// waits for all. Not thread-safe. ABORTED where another process failed, with its reason as far as that is
// known, or ended, or does not answer: nothing can then follow but the end of this process.
class Processes {
 public:
  // Waits until all have come, for at most `patience`. `device` is this process's own. A call waits for the
  // slowest process: up to half an hour, while the first judges and saves. One that ends is noticed at once;
  // in the middle of a sum over NCCL, after five minutes.
  static absl::StatusOr<std::unique_ptr<Processes>> Connect(
      const ProcessPlace& place, const at::Device& device,
      std::chrono::seconds patience = std::chrono::minutes(2));
  virtual ~Processes() = default;

  virtual bool over_nccl() const = 0;  // whether tensors on CUDA devices go over NCCL
  // Replaces a dense tensor of the CPU or of Connect's device by the sum of all processes' (the same bits in
  // all of them), or by that of rank 0.
  virtual absl::Status Sum(const at::Tensor& values) = 0;
  virtual absl::Status ShareFirst(const at::Tensor& values) = 0;
  // Leaves the reason why this process ends for the others to find; false where it cannot be left, so that
  // they learn of the end alone.
  virtual bool Fail(const absl::Status& reason) = 0;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_PROCESSES_H_
