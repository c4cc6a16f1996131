// Detection over one StreamDetect call. The server answers texts as they are ready; here their results are
// put back into the order of the texts.
#ifndef PRIVET_CLI_DETECT_STREAM_H_
#define PRIVET_CLI_DETECT_STREAM_H_

#include <grpcpp/grpcpp.h>
#include <privet/v1/privet.grpc.pb.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/backend.h"

namespace privet {

// One thread adds. Results are taken on threads of gRPC or on the adding one, never two at once. Texts in
// hand are bounded in number and bytes; while results are not taken, the call is read no further.
class DetectStream final
    : private grpc::ClientBidiReactor<v1::StreamDetectRequest, v1::StreamDetectResponse> {
 public:
  // Calls the server when the first text is added. `timeout`: how long to wait with nothing answered; then
  // the call is given up, and every text in hand gets DEADLINE_EXCEEDED.
  DetectStream(v1::Privet::Stub* stub, v1::Policy policy, absl::Duration timeout);
  // Waits until every result was taken and the call has ended.
  ~DetectStream() override;

  // Puts a text in line and sends it in its turn; blocks while there is no room. With a `result` nothing is
  // sent: it only keeps its place in the order.
  void Add(std::string text, std::optional<absl::StatusOr<Detection>> result, Backend::Take take);

  // Whether the call has failed. Texts that are added later get its status; a new stream may fare better.
  bool failed();

 private:
  struct InHand {
    std::string text;
    std::optional<absl::StatusOr<Detection>> result;
    Backend::Take take;
  };
  using Lock = std::unique_lock<std::mutex>;

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  // Each is called with the lock held and returns with it held.
  void SendNext(Lock& lock);
  void TakeResults(Lock& lock);
  void ReleaseCall(Lock& lock);
  void WaitUntil(Lock& lock, const std::function<bool()>& met);

  v1::Privet::Stub* const stub_;
  const v1::Policy policy_;
  const absl::Duration timeout_;
  grpc::ClientContext context_;
  v1::StreamDetectRequest request_;    // belongs to the write under way
  v1::StreamDetectResponse response_;  // belongs to the read under way

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<InHand> in_hand_;
  size_t bytes_in_hand_ = 0;
  uint64_t first_ = 0;    // number of the front of in_hand_; numbers are the ids in the call
  uint64_t to_send_ = 0;  // no text before this number is unsent
  uint64_t answers_ = 0;
  bool started_ = false;
  bool writing_ = false;
  bool taking_ = false;  // a thread hands results on
  bool held_ = false;    // gRPC waits for us before it calls OnDone
  bool reading_over_ = false;
  bool done_ = false;
  absl::Status failure_;
};

}  // namespace privet

#endif  // PRIVET_CLI_DETECT_STREAM_H_
