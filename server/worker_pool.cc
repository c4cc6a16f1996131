#include "server/worker_pool.h"

#include <utility>

namespace privet {

WorkerPool::WorkerPool(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

WorkerPool::TaskId WorkerPool::Submit(std::function<void()> task) {
  TaskId id = kNoTask;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_;
    tasks_.emplace_hint(tasks_.end(), id, std::move(task));
  }
  ready_.notify_one();
  return id;
}

bool WorkerPool::Withdraw(TaskId task) {
  decltype(tasks_)::node_type withdrawn;  // dies when nothing is locked any more
  const std::lock_guard lock(mutex_);
  withdrawn = tasks_.extract(task);
  return !withdrawn.empty();
}

void WorkerPool::Run() {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.extract(tasks_.begin()).mapped());
    }
    task();
  }
}

}  // namespace privet
