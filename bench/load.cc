#include "load.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>
#include <thread>

#include "absl/status/status.h"

namespace privet::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than any answer that is of use, so that a load always ends.
constexpr std::chrono::seconds kDeadline(10);
constexpr size_t kMostUnderWay = 10000;

Clock::duration DurationOf(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// The calls of one load and what became of them. Thread-safe.
class Calls {
 public:
  // Called once a call is answered, on a thread of gRPC.
  using OnAnswer = std::function<void()>;

  // Answers after `count_until` are not counted.
  Calls(const LoadTarget& target, Clock::time_point count_until)
      : target_(target), count_until_(count_until) {}

  void Start(Clock::time_point meant_to_begin, OnAnswer on_answer) {
    auto call = std::make_unique<Call>();
    call->meant_to_begin = meant_to_begin;
    call->on_answer = std::move(on_answer);
    call->context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    size_t index = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++under_way_;
      index = started_++;
    }
    Call* const raw = call.release();  // Finish takes it back
    target_.stubs[index % target_.stubs.size()]->async()->Detect(
        &raw->context, &target_.requests[index % target_.requests.size()], &raw->response,
        [this, raw](const grpc::Status& status) { Finish(std::unique_ptr<Call>(raw), status); });
  }

  size_t UnderWay() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return under_way_;
  }

  void CountNotSent() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++result_.errors["NOT_SENT"];
  }

  // Waits until no call is under way.
  LoadResult Await(double seconds) {
    std::unique_lock<std::mutex> lock(mutex_);
    none_under_way_.wait(lock, [this] { return under_way_ == 0; });
    std::sort(result_.latencies_ms.begin(), result_.latencies_ms.end());
    result_.requests_per_second = static_cast<double>(result_.latencies_ms.size()) / seconds;
    return std::move(result_);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::DetectResponse response;
    Clock::time_point meant_to_begin;
    OnAnswer on_answer;
  };

  void Finish(std::unique_ptr<Call> call, const grpc::Status& status) {
    const Clock::time_point now = Clock::now();
    // Before this call counts as answered, so that a closed loop is never without one until its end.
    call->on_answer();
    const Clock::time_point meant_to_begin = call->meant_to_begin;
    call.reset();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (now <= count_until_ && status.ok()) {
      result_.latencies_ms.push_back(std::chrono::duration<double, std::milli>(now - meant_to_begin).count());
    } else if (now <= count_until_) {
      ++result_.errors[absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()))];
    }
    if (--under_way_ == 0) none_under_way_.notify_all();
  }

  const LoadTarget& target_;
  const Clock::time_point count_until_;
  std::mutex mutex_;  // for all below
  std::condition_variable none_under_way_;
  size_t under_way_ = 0;
  size_t started_ = 0;
  LoadResult result_;
};

}  // namespace

double LoadResult::PercentileMs(double share) const {
  if (latencies_ms.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(latencies_ms.size())));
  return latencies_ms[std::clamp<size_t>(rank, 1, latencies_ms.size()) - 1];
}

LoadResult RunClosedLoop(const LoadTarget& target, size_t in_flight, double seconds) {
  const Clock::time_point end = Clock::now() + DurationOf(seconds);
  Calls calls(target, end);
  const std::function<void()> next = [&] {
    const Clock::time_point now = Clock::now();
    if (now < end) calls.Start(now, next);
  };
  for (size_t i = 0; i < in_flight; ++i) next();
  return calls.Await(seconds);
}

LoadResult RunOpenLoop(const LoadTarget& target, double rate, double seconds, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> gap(rate);
  const Clock::time_point begin = Clock::now();
  Calls calls(target, Clock::time_point::max());
  double at = gap(random);
  while (at < seconds) {
    const Clock::time_point due = begin + DurationOf(at);
    std::this_thread::sleep_until(due);
    if (calls.UnderWay() >= kMostUnderWay) {
      calls.CountNotSent();
    } else {
      calls.Start(due, [] {});
    }
    at += gap(random);
  }
  return calls.Await(seconds);
}

}  // namespace privet::bench
