#include "server/stream.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/field_error.h"
#include "server/error_details.h"
#include "server/wire.h"

namespace privet {
namespace {

constexpr size_t kMaxIdBytes = 256;

class DetectStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  DetectStream(const ServiceParts& parts, grpc::CallbackServerContext* context)
      : parts_(parts), context_(context), pipeline_(parts.engine.pipeline()), arrival_(absl::Now()) {
    std::string_view why;
    ticket_ = parts_.admission.TryEnter(0, &why);
    if (!ticket_.has_value()) {
      parts_.metrics.CountRejected(why);
      context_->AddTrailingMetadata("grpc-retry-pushback-ms", "200");
      End(FullStatus(why));
      return;
    }
    parts_.metrics.SetInFlight(parts_.admission.calls_in_flight());
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    std::unique_lock lock(mutex_);
    // A message that was read while the call was ending is not begun.
    if (!ok || ended_ || broken_ || !failure_.ok()) {
      reading_over_ = true;
      EndIfIdle(std::move(lock));
      return;
    }
    request_bytes_ += incoming_.Length();
    // The buffer is moved out, so that the next message can be read while this one is worked on.
    auto message = std::make_shared<grpc::ByteBuffer>();
    message->Swap(&incoming_);
    ++in_flight_;
    const bool first = !std::exchange(met_first_, true);
    read_waits_ = first || in_flight_ >= static_cast<size_t>(parts_.config.max_stream_in_flight);
    const bool read_on = !read_waits_;
    lock.unlock();
    if (read_on) StartRead(&incoming_);
    parts_.workers.Submit([this, message, first] { Work(*message, first); });
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    outgoing_.pop_front();
    --in_flight_;
    if (!ok) {
      broken_ = true;
      in_flight_ -= outgoing_.size();
      outgoing_.clear();
    }
    WriteNext(std::move(lock));
  }

  void OnCancel() override {}  // workers ask the context

  void OnDone() override {
    ticket_.reset();
    parts_.metrics.SetInFlight(parts_.admission.calls_in_flight());
    delete this;
  }

 private:
  // The first message alone sets the policy, so nothing else is read until it is done.
  void Work(const grpc::ByteBuffer& message, bool first) {
    v1::StreamDetectRequest request;
    v1::StreamDetectResponse response;
    absl::Status fatal;
    const std::string content = BytesOf(message);
    const StopToken stop = StopTokenOf(context_);
    absl::StatusOr<Detection> detection = absl::CancelledError("");
    if (stop()) {
      fatal = StoppedStatus(*context_);
    } else if (!request.ParseFromString(content)) {
      // Without a parsed id no answer could say which text failed, so the stream ends.
      fatal = ExplainParseFailure(request, content);
    } else {
      fatal = SetPolicy(request, first);
    }
    if (fatal.ok()) {
      response.set_id(request.id());
      detection = pipeline_->detector->Detect(request.text(), *policy_, stop);
      if (detection.ok()) {
        parts_.metrics.CountText(request.text().size(), *detection);
        *response.mutable_result()->mutable_response() = ToWire(request.text(), *detection, wire_policy_);
      } else if (absl::IsCancelled(detection.status())) {
        fatal = StoppedStatus(*context_);
      } else {
        *response.mutable_result()->mutable_error() = ToRpcStatus(detection.status());
      }
    }

    std::unique_lock lock(mutex_);
    if (!fatal.ok() || broken_ || !failure_.ok()) {
      if (failure_.ok() && !fatal.ok()) failure_ = std::move(fatal);
      --in_flight_;
      reading_over_ = reading_over_ || read_waits_;  // no read is under way, and none will start
      EndIfIdle(std::move(lock));
      return;
    }
    outgoing_.push_back(BufferOf(response));
    const bool read_on = first && read_waits_;
    if (read_on) read_waits_ = in_flight_ >= static_cast<size_t>(parts_.config.max_stream_in_flight);
    const bool start_read = read_on && !read_waits_;
    // Other workers append to outgoing_ meanwhile, so its front is looked up under the mutex.
    const grpc::ByteBuffer* const write = writing_ ? nullptr : &outgoing_.front();
    writing_ = true;
    lock.unlock();
    // Here nothing keeps the stream alive but the answer that is not yet written: once its write is started,
    // the call can end and delete this.
    if (start_read) StartRead(&incoming_);
    if (write != nullptr) StartWrite(write);
  }

  // Called by one worker at a time: by the first message's before any other is read, later only to refuse.
  absl::Status SetPolicy(const v1::StreamDetectRequest& request, bool first) {
    if (request.id().size() > kMaxIdBytes) {
      return InvalidField(
          "id", absl::StrCat("has ", request.id().size(), " bytes, at most ", kMaxIdBytes, " are allowed"));
    }
    if (!first) {
      return request.has_policy() ? InvalidField("policy", "is allowed in the first message of a stream only")
                                  : absl::OkStatus();
    }
    wire_policy_ = request.policy();
    auto policy =
        CompilePolicy(FromWire(wire_policy_), pipeline_->detector->limits(), pipeline_->contents.offer());
    if (!policy.ok()) return PrefixField(policy.status(), "policy");
    policy_ = *std::move(policy);
    return absl::OkStatus();
  }

  void WriteNext(std::unique_lock<std::mutex> lock) {
    const bool more = !outgoing_.empty() && failure_.ok();
    if (!more && !failure_.ok()) {
      in_flight_ -= outgoing_.size();
      outgoing_.clear();
    }
    writing_ = more;
    const bool may_read = read_waits_ && !reading_over_ && !broken_ && failure_.ok() &&
                          in_flight_ < static_cast<size_t>(parts_.config.max_stream_in_flight);
    if (may_read) read_waits_ = false;
    if (broken_ && read_waits_) reading_over_ = true;
    if (more) {
      const grpc::ByteBuffer* const write = &outgoing_.front();
      lock.unlock();
      if (may_read) StartRead(&incoming_);
      StartWrite(write);
      return;
    }
    if (may_read) {
      lock.unlock();
      StartRead(&incoming_);
      return;
    }
    EndIfIdle(std::move(lock));
  }

  // Ends the call once nothing is read, worked on or written any more. A failure ends it as soon as the work
  // in hand is done; Finish may overtake a read, which then reports false.
  void EndIfIdle(std::unique_lock<std::mutex> lock) {
    const bool over = reading_over_ || !failure_.ok() || broken_;
    if (!over || in_flight_ > 0 || writing_ || std::exchange(ended_, true)) return;
    absl::Status status = failure_;
    if (status.ok() && broken_) status = StoppedStatus(*context_);
    lock.unlock();
    End(ToGrpcStatus(status));
  }

  void End(const grpc::Status& status) {
    LogCall(parts_, "StreamDetect", status, request_bytes_, absl::ZeroDuration(), absl::Now() - arrival_);
    Finish(status);
  }

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;
  const std::shared_ptr<const Pipeline> pipeline_;
  const absl::Time arrival_;
  std::optional<Admission::Ticket> ticket_;
  grpc::ByteBuffer incoming_;  // belongs to the read under way
  v1::Policy wire_policy_;     // set by the first message, before any other is read
  std::shared_ptr<const CompiledPolicy> policy_;

  std::mutex mutex_;                       // guards all below
  std::deque<grpc::ByteBuffer> outgoing_;  // the front is being written while writing_
  size_t in_flight_ = 0;                   // read and not yet written
  size_t request_bytes_ = 0;
  bool met_first_ = false;
  bool read_waits_ = false;    // no read is under way because the bound is reached
  bool reading_over_ = false;  // the client sends no more
  bool writing_ = false;
  bool broken_ = false;  // a write failed: the client is gone
  bool ended_ = false;
  absl::Status failure_;  // ends the stream
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewDetectStream(
    const ServiceParts& parts, grpc::CallbackServerContext* context) {
  return new DetectStream(parts, context);
}

}  // namespace privet
