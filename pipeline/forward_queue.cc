#include "pipeline/forward_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"

namespace privet {
namespace {

// How soon a caller that gave up is let go.
constexpr std::chrono::milliseconds kStopPollInterval(20);

}  // namespace

// On the stack of the thread that waits in Forward, until nothing of it is in the queue or in a batch.
struct ForwardQueue::Call {
  std::span<const std::span<const int32_t>> windows;
  const StopToken* stop = nullptr;
  std::vector<TokenRows> rows;
  size_t open = 0;  // windows without an answer
  absl::Status status;

  bool stopped() const { return *stop && (*stop)(); }
};

ForwardQueue::ForwardQueue(std::vector<ForwardFunction> models, size_t batch_tokens,
                           std::function<void(const ForwardBatch&)> observer)
    : models_(std::move(models)),
      batch_tokens_(batch_tokens),
      observer_(std::move(observer)),
      waiting_(models_.size()),
      dropped_(models_.size()),
      device_([this] { Run(); }) {}

ForwardQueue::~ForwardQueue() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_all();
  device_.join();
}

absl::StatusOr<std::vector<TokenRows>> ForwardQueue::Forward(
    size_t model, std::span<const std::span<const int32_t>> windows, const StopToken& stop) {
  Call call;
  call.windows = windows;
  call.stop = &stop;
  call.rows.resize(windows.size());
  call.open = windows.size();
  const absl::Time arrival = absl::Now();
  std::unique_lock lock(mutex_);
  uint64_t turn = virtual_time_;
  for (size_t i = 0; i < windows.size(); ++i) {
    waiting_[model][{turn, next_number_++}] = {&call, i, arrival};
    turn += windows[i].size();
  }
  ++calls_;
  work_.notify_one();
  while (!done_.wait_for(lock, kStopPollInterval, [&] { return call.open == 0; })) {
    if (!call.status.ok()) {
      Withdraw(&call);
      continue;
    }
    lock.unlock();
    const bool stopped = call.stopped();
    lock.lock();
    if (stopped) {
      call.status.Update(absl::CancelledError("stopped by the caller"));
      Withdraw(&call);
    }
  }
  --calls_;
  if (!call.status.ok()) return call.status;
  return std::move(call.rows);
}

// Takes what still waits out of the queue; what is in a batch comes back by itself. The mutex is held.
bool ForwardQueue::Withdraw(Call* call) {
  for (size_t model = 0; model < waiting_.size(); ++model) {
    const size_t withdrawn =
        std::erase_if(waiting_[model], [&](const auto& waiting) { return waiting.second.call == call; });
    call->open -= withdrawn;
    dropped_[model] += withdrawn;
  }
  return call->open == 0;
}

void ForwardQueue::Run() {
  for (;;) {
    size_t model = 0;
    size_t dropped = 0;
    const std::vector<Job> batch = TakeBatch(&model, &dropped);
    if (batch.empty()) return;
    RunBatch(model, batch, dropped);
  }
}

// Waits for work. Empty at the end.
std::vector<ForwardQueue::Job> ForwardQueue::TakeBatch(size_t* model, size_t* dropped) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(), [](const auto& a, const auto& b) {
      if (a.empty() || b.empty()) return !a.empty();
      return a.begin()->first < b.begin()->first;
    });
    if (next == waiting_.end() || next->empty()) {
      if (closing_) return {};
      work_.wait(lock);
      continue;
    }
    std::map<Turn, Job>& jobs = *next;
    virtual_time_ = std::max(virtual_time_, jobs.begin()->first.tokens);
    std::vector<Job> batch;
    size_t tokens = 0;
    // The last call that was asked whether it still waits, since one has many windows.
    const Call* asked = nullptr;
    while (!jobs.empty()) {
      const Job job = jobs.begin()->second;
      Call& call = *job.call;
      if (&call != asked) {
        asked = &call;
        if (call.stopped()) call.status.Update(absl::CancelledError("stopped by the caller"));
      }
      if (!call.status.ok()) {
        if (Withdraw(&call)) done_.notify_all();
        continue;
      }
      const size_t size = call.windows[job.window].size();
      if (!batch.empty() && tokens + size > batch_tokens_) break;
      tokens += size;
      batch.push_back(job);
      jobs.erase(jobs.begin());
    }
    if (batch.empty()) continue;
    virtual_time_ += tokens / std::max<size_t>(calls_, 1);
    *model = static_cast<size_t>(next - waiting_.begin());
    *dropped = std::exchange(dropped_[*model], 0);
    return batch;
  }
}

void ForwardQueue::RunBatch(size_t model, const std::vector<Job>& batch, size_t dropped) {
  PackedTokens tokens;
  for (const Job& job : batch) {
    const std::span<const int32_t> ids = job.call->windows[job.window];
    tokens.ids.insert(tokens.ids.end(), ids.begin(), ids.end());
    tokens.offsets.push_back(static_cast<int32_t>(tokens.ids.size()));
  }
  const absl::Time begin = absl::Now();
  const absl::StatusOr<TokenRows> rows = models_[model](tokens);
  if (observer_) {
    ForwardBatch done = {model, batch.size(), tokens.ids.size(), dropped, absl::Now() - begin, {}};
    for (const Job& job : batch) done.waits.push_back(begin - job.arrival);
    observer_(done);
  }
  Finish(batch, rows);
}

void ForwardQueue::Finish(const std::vector<Job>& batch, const absl::StatusOr<TokenRows>& rows) {
  // Nobody else touches a window's rows, so they are copied without the mutex.
  size_t begin = 0;
  if (rows.ok()) {
    for (const Job& job : batch) {
      const size_t end = begin + job.call->windows[job.window].size();
      const std::span<const float> own = rows->Rows(begin, end);
      job.call->rows[job.window] = {rows->width, std::vector<float>(own.begin(), own.end())};
      begin = end;
    }
  }
  const std::lock_guard lock(mutex_);
  for (const Job& job : batch) {
    job.call->status.Update(rows.status());
    --job.call->open;
  }
  done_.notify_all();
}

}  // namespace privet
