#include "server/stream.h"

#include <grpcpp/alarm.h>

#include <deque>
#include <functional>
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

// Calls `look` every so often until it is stopped; Stop waits while `look` runs.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  // `look` says when to look again: absl::InfiniteFuture() for never.
  explicit Watch(std::function<absl::Time()> look) : look_(std::move(look)) {}

  void Start(absl::Time when) {
    const std::lock_guard lock(mutex_);
    Set(when);
  }

  void Stop() {
    std::unique_ptr<grpc::Alarm> cancelled;  // when nothing is locked any more
    const std::lock_guard lock(mutex_);
    look_ = nullptr;
    cancelled = std::move(alarm_);
  }

 private:
  // The mutex is held. An alarm that rings cannot be set again, but another can; it keeps this alive.
  void Set(absl::Time when) {
    if (when == absl::InfiniteFuture()) return;
    alarm_ = std::make_unique<grpc::Alarm>();
    alarm_->Set(absl::ToChronoTime(when), [watch = shared_from_this()](bool rang) {
      const std::lock_guard ringing(watch->mutex_);
      if (rang && watch->look_ != nullptr) watch->Set(watch->look_());
    });
  }

  std::mutex mutex_;  // guards both below
  std::function<absl::Time()> look_;
  std::unique_ptr<grpc::Alarm> alarm_;
};

class DetectStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  DetectStream(const ServiceParts& parts, grpc::CallbackServerContext* context)
      : parts_(parts),
        context_(context),
        pipeline_(parts.engine.pipeline()),
        arrival_(absl::Now()),
        patience_(parts.config.max_stream_idle_seconds == 0
                      ? absl::InfiniteDuration()
                      : absl::Seconds(parts.config.max_stream_idle_seconds)) {
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
    if (patience_ < absl::InfiniteDuration()) {
      watch_ = std::make_shared<Watch>([this] { return EndIfForgotten(); });
      watch_->Start(arrival_ + patience_);
    }
  }

  void OnReadDone(bool ok) override {
    std::unique_lock lock(mutex_);
    reading_ = false;
    last_message_ = absl::Now();
    // A message that was read while the call was ending is not begun.
    if (!ok || ended_ || broken_ || !failure_.ok()) {
      reading_over_ = true;
      EndIfIdle(std::move(lock));
      return;
    }
    const size_t bytes = incoming_.Length();
    request_bytes_ += bytes;
    // The buffer is moved out, so that the next message can be read while this one is worked on.
    auto message = std::make_shared<grpc::ByteBuffer>();
    message->Swap(&incoming_);
    ++in_flight_;
    admitting_ = true;
    const bool first = policy_ == nullptr;
    lock.unlock();
    parts_.admission.EnterBytes(bytes, [this, message, first](Admission::Ticket ticket) {
      Begin(message, first, std::move(ticket));
    });
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    last_message_ = absl::Now();
    outgoing_.pop_front();
    --in_flight_;
    broken_ = broken_ || !ok;
    GoOn(std::move(lock));
  }

  void OnCancel() override {}  // workers ask the context

  // Only now is it certain whether the client was there to the end, and still had the status.
  void OnDone() override {
    if (end_.ok() && context_->IsCancelled()) end_ = ToGrpcStatus(StoppedStatus(*context_));
    LogCall(parts_, "StreamDetect", end_, request_bytes_, absl::ZeroDuration(), absl::Now() - arrival_);
    ticket_.reset();
    parts_.metrics.SetInFlight(parts_.admission.calls_in_flight());
    if (watch_ != nullptr) watch_->Stop();
    delete this;
  }

 private:
  // On whatever thread made room for the message. Until a worker has it, it keeps the stream alive.
  void Begin(const std::shared_ptr<grpc::ByteBuffer>& message, bool first, Admission::Ticket ticket) {
    // std::function copies, a ticket does not.
    const auto admitted = std::make_shared<std::optional<Admission::Ticket>>(std::move(ticket));
    std::unique_lock lock(mutex_);
    admitting_ = false;
    const bool read_on = TakeRead();
    lock.unlock();
    if (read_on) StartRead(&incoming_);
    parts_.workers.Submit([this, message, first, admitted] {
      v1::StreamDetectResponse response;
      absl::Status fatal = Answer(*message, first, &response);
      // Before it waits to be sent, or a client that reads no answers would keep others out; and not under
      // the mutex, because it may begin this stream's next message.
      admitted->reset();
      Deliver(BufferOf(response), std::move(fatal));
    });
  }

  // The first message alone sets the policy, so nothing else is read until it is done. An error ends the
  // stream.
  absl::Status Answer(const grpc::ByteBuffer& message, bool first, v1::StreamDetectResponse* response) {
    v1::StreamDetectRequest request;
    const std::string content = BytesOf(message);
    const absl::Time end_of_work = EndOfWork(parts_.config);
    const StopToken stop = StopTokenOf(context_, end_of_work);
    if (stop()) return StoppedStatus(*context_, end_of_work);
    // Without a parsed id no answer could say which text failed.
    if (!request.ParseFromString(content)) return ExplainParseFailure(request, content);
    if (absl::Status status = SetPolicy(request, first, stop); !status.ok())
      return absl::IsCancelled(status) ? StoppedStatus(*context_, end_of_work) : status;
    response->set_id(request.id());
    const absl::StatusOr<Detection> detection = pipeline_->detector->Detect(request.text(), *policy_, stop);
    if (detection.ok()) {
      parts_.metrics.CountText(request.text().size(), *detection);
      *response->mutable_result()->mutable_response() = ToWire(request.text(), *detection, wire_policy_);
    } else if (absl::IsCancelled(detection.status())) {
      return StoppedStatus(*context_, end_of_work);
    } else {
      *response->mutable_result()->mutable_error() = ToRpcStatus(detection.status());
    }
    return absl::OkStatus();
  }

  void Deliver(grpc::ByteBuffer answer, absl::Status fatal) {
    std::unique_lock lock(mutex_);
    if (!fatal.ok() || broken_ || !failure_.ok()) {
      if (failure_.ok() && !fatal.ok()) failure_ = std::move(fatal);
      --in_flight_;
    } else {
      outgoing_.push_back(std::move(answer));
    }
    GoOn(std::move(lock));
  }

  // Called by one worker at a time: by the first message's before any other is read, later only to refuse.
  absl::Status SetPolicy(const v1::StreamDetectRequest& request, bool first, const StopToken& stop) {
    if (request.id().size() > kMaxIdBytes) {
      return InvalidField(
          "id", absl::StrCat("has ", request.id().size(), " bytes, at most ", kMaxIdBytes, " are allowed"));
    }
    if (!first) {
      return request.has_policy() ? InvalidField("policy", "is allowed in the first message of a stream only")
                                  : absl::OkStatus();
    }
    wire_policy_ = request.policy();
    auto policy = CompilePolicy(FromWire(wire_policy_), pipeline_->detector->limits(),
                                pipeline_->contents.offer(), stop);
    if (!policy.ok()) return PrefixField(policy.status(), "policy");
    policy_ = *std::move(policy);
    return absl::OkStatus();
  }

  // Whether to start a read: none is under way, what was read last was let in, and there is room for more.
  // The mutex is held.
  bool TakeRead() {
    const bool taken = !reading_ && !admitting_ && policy_ != nullptr && !reading_over_ && !broken_ &&
                       failure_.ok() && in_flight_ < static_cast<size_t>(parts_.config.max_stream_in_flight);
    reading_ = reading_ || taken;
    return taken;
  }

  // Starts what there is to start: a read, the next write, or the end of the call.
  void GoOn(std::unique_lock<std::mutex> lock) {
    if (!writing_ && (broken_ || !failure_.ok())) {  // what was not sent will not be
      in_flight_ -= outgoing_.size();
      outgoing_.clear();
    }
    const bool read = TakeRead();
    // Workers append to outgoing_ meanwhile, so its front is looked up under the mutex.
    const grpc::ByteBuffer* const write = writing_ || outgoing_.empty() ? nullptr : &outgoing_.front();
    if (write != nullptr) last_message_ = absl::Now();
    writing_ = writing_ || write != nullptr;
    if (!read && write == nullptr) {
      EndIfIdle(std::move(lock));
      return;
    }
    lock.unlock();
    // On a worker's thread nothing keeps the stream alive but the answer that is not yet written: once its
    // write is started, the call can end and delete this.
    if (read) StartRead(&incoming_);
    if (write != nullptr) StartWrite(write);
  }

  // A client that forgets a stream, or does not take its answers, would keep its place from others. While we
  // work on a text nothing is forgotten. Returns when to look again.
  absl::Time EndIfForgotten() {
    std::unique_lock lock(mutex_);
    const absl::Time now = absl::Now();
    if (now < last_message_ + patience_) return last_message_ + patience_;
    if (writing_) {
      context_->TryCancel();  // an answer waits in vain for room: OnWriteDone will hear of it
      return absl::InfiniteFuture();
    }
    if (in_flight_ > 0) return now + patience_;
    if (failure_.ok()) {
      failure_ = absl::DeadlineExceededError(
          absl::StrCat("no message for ", parts_.config.max_stream_idle_seconds,
                       " s; end a stream when its texts are sent, and open another for more"));
    }
    EndIfIdle(std::move(lock));
    return absl::InfiniteFuture();
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
    end_ = status;
    Finish(status);
  }

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;
  const std::shared_ptr<const Pipeline> pipeline_;
  const absl::Time arrival_;
  const absl::Duration patience_;
  std::shared_ptr<Watch> watch_;  // none where patience has no end
  std::optional<Admission::Ticket> ticket_;
  grpc::ByteBuffer incoming_;                     // belongs to the read under way
  v1::Policy wire_policy_;                        // set by the first message, before any other is read
  std::shared_ptr<const CompiledPolicy> policy_;  // likewise
  grpc::Status end_;                              // set once, before OnDone

  std::mutex mutex_;                       // guards all below
  std::deque<grpc::ByteBuffer> outgoing_;  // the front is being written while writing_
  size_t in_flight_ = 0;                   // read and not yet written
  size_t request_bytes_ = 0;
  bool reading_ = true;        // a read is under way
  bool admitting_ = false;     // what was read last waits until its bytes are let in
  bool reading_over_ = false;  // the client sends no more
  bool writing_ = false;
  bool broken_ = false;                 // a write failed: the client is gone
  absl::Time last_message_ = arrival_;  // done, in either direction; or the begin of the write under way
  bool ended_ = false;
  absl::Status failure_;  // ends the stream
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewDetectStream(
    const ServiceParts& parts, grpc::CallbackServerContext* context) {
  return new DetectStream(parts, context);
}

}  // namespace privet
