// Where windows wait for the device: calls put them in from many threads, one thread takes them out in
// batches.
#ifndef PRIVET_PIPELINE_FORWARD_QUEUE_H_
#define PRIVET_PIPELINE_FORWARD_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "pipeline/stop_token.h"
#include "qwen3/text_model.h"

namespace privet {

// What one forward did, for metrics.
struct ForwardBatch {
  size_t model = 0;  // its index
  size_t windows = 0;
  size_t tokens = 0;
  size_t dropped = 0;  // windows taken out unread since its last forward: given up, or their call had failed
  absl::Duration forward_time;
  std::vector<absl::Duration> waits;  // of each window, from Forward to the forward's start
};

// There is no timer: whenever the device is free, the next batch is the window whose turn it is and, up to a
// budget of tokens, those that wait for the same model behind it. So a lone text is read at once, and under
// load batches fill by themselves.
//
// Calls share the device fairly: a window's turn is the tokens that its call has before it, counted from when
// the call came, while all calls that wait are served alike (virtual time of weighted fair queueing: Demers,
// Keshav and Shenker 1989, "Analysis and simulation of a fair queueing algorithm"). So a short text does not
// wait for all of a long one, and a long one is never kept waiting by short ones that go on coming. Work
// whose caller gave up is dropped when its turn comes, before it costs anything. Callers' threads tokenise
// and decode while the device's thread computes.
//
// Thread-safe. What can be in it is bounded by its callers, each of which waits for its answer.
class ForwardQueue {
 public:
  // `models` are known by their indexes from here on. A batch has at most `batch_tokens` tokens, or one
  // window that is larger. `observer`, if any, is called after each forward, on the device's thread.
  ForwardQueue(std::vector<ForwardFunction> models, size_t batch_tokens,
               std::function<void(const ForwardBatch&)> observer = {});
  // No call may be waiting.
  ~ForwardQueue();
  ForwardQueue(const ForwardQueue&) = delete;
  ForwardQueue& operator=(const ForwardQueue&) = delete;

  // The rows of each window's tokens, in order; waits for them. The first error of a forward that any of them
  // was in, or CANCELLED soon after `stop` says so, which is asked from the device's thread too.
  absl::StatusOr<std::vector<TokenRows>> Forward(size_t model,
                                                 std::span<const std::span<const int32_t>> windows,
                                                 const StopToken& stop = {});

 private:
  struct Call;
  // A window of a call.
  struct Job {
    Call* call = nullptr;
    size_t window = 0;
    absl::Time arrival;
  };
  struct Turn {
    uint64_t tokens = 0;  // in virtual time
    uint64_t number = 0;  // in order of arrival over all models
    friend auto operator<=>(const Turn&, const Turn&) = default;
  };

  void Run();
  std::vector<Job> TakeBatch(size_t* model, size_t* dropped);
  void RunBatch(size_t model, const std::vector<Job>& batch, size_t dropped);
  void Finish(const std::vector<Job>& batch, const absl::StatusOr<TokenRows>& rows);
  bool Withdraw(Call* call);

  const std::vector<ForwardFunction> models_;
  const size_t batch_tokens_;
  const std::function<void(const ForwardBatch&)> observer_;

  std::mutex mutex_;                          // guards what follows, and what calls hold
  std::condition_variable work_;              // something came in, or the end
  std::condition_variable done_;              // some call got its last window
  std::vector<std::map<Turn, Job>> waiting_;  // by model
  std::vector<size_t> dropped_;               // by model, since its last forward
  size_t calls_ = 0;                          // that wait for windows
  uint64_t virtual_time_ = 0;                 // tokens that each call that waits was served
  uint64_t next_number_ = 0;
  bool closing_ = false;
  std::thread device_;
};

}  // namespace privet

#endif  // PRIVET_PIPELINE_FORWARD_QUEUE_H_
