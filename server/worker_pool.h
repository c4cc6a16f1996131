// The threads that do the work of calls, so that gRPC's own threads stay free for the network.
#ifndef PRIVET_SERVER_WORKER_POOL_H_
#define PRIVET_SERVER_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace privet {

// First in, first out. The queue needs no bound of its own: admission bounds what can be in it. Thread-safe.
class WorkerPool {
 public:
  explicit WorkerPool(size_t threads);
  // Runs what is queued, then ends.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  using TaskId = uint64_t;
  static constexpr TaskId kNoTask = 0;  // Submit gives no such one

  TaskId Submit(std::function<void()> task);
  // Whether the task had not begun and now never will.
  bool Withdraw(TaskId task);

 private:
  void Run();

  std::mutex mutex_;                               // guards the three below
  std::map<TaskId, std::function<void()>> tasks_;  // in the order in which they came
  TaskId last_ = kNoTask;
  bool closing_ = false;
  std::condition_variable ready_;
  std::vector<std::thread> threads_;
};

}  // namespace privet

#endif  // PRIVET_SERVER_WORKER_POOL_H_
