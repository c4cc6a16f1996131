#include "cli/detect_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/wire.h"

namespace privet {
namespace {

constexpr size_t kMostTexts = 256;
constexpr size_t kMostBytes = 4 << 20;

}  // namespace

DetectStream::DetectStream(v1::Privet::Stub* stub, v1::Policy policy, absl::Duration timeout)
    : stub_(stub), policy_(std::move(policy)), timeout_(timeout) {}

DetectStream::~DetectStream() {
  Lock lock(mutex_);
  WaitUntil(lock, [this] { return in_hand_.empty() && !taking_ && !writing_; });
  if (!started_) return;
  if (std::exchange(held_, false)) {
    lock.unlock();
    StartWritesDone();
    RemoveHold();
    lock.lock();
  }
  WaitUntil(lock, [this] { return done_; });
}

bool DetectStream::failed() {
  const Lock lock(mutex_);
  return !failure_.ok();
}

void DetectStream::Add(std::string text, std::optional<absl::StatusOr<Detection>> result,
                       Backend::Take take) {
  Lock lock(mutex_);
  WaitUntil(lock, [&] {
    return in_hand_.empty() || (in_hand_.size() < kMostTexts && bytes_in_hand_ + text.size() <= kMostBytes);
  });
  if (!result.has_value() && !failure_.ok()) result = failure_;
  bytes_in_hand_ += text.size();
  in_hand_.push_back({std::move(text), std::move(result), std::move(take)});
  TakeResults(lock);
  if (!writing_) SendNext(lock);
}

void DetectStream::SendNext(Lock& lock) {
  to_send_ = std::max(to_send_, first_);
  const auto waits = [this] { return to_send_ < first_ + in_hand_.size(); };
  while (waits() && in_hand_[to_send_ - first_].result.has_value()) ++to_send_;
  if (!waits() || reading_over_) return;
  request_.Clear();
  request_.set_id(absl::StrCat(to_send_));
  request_.set_text(in_hand_[to_send_ - first_].text);
  ++to_send_;
  writing_ = true;
  const bool first = !std::exchange(started_, true);
  if (first) {
    *request_.mutable_policy() = policy_;
    held_ = true;
    stub_->async()->StreamDetect(&context_, this);
    AddHold();
  }
  lock.unlock();
  StartWrite(&request_);
  if (first) {
    StartRead(&response_);
    StartCall();
  }
  lock.lock();
}

void DetectStream::OnWriteDone(bool ok) {
  Lock lock(mutex_);
  writing_ = false;
  if (ok) SendNext(lock);  // a write that failed is followed by a read that fails
  ReleaseCall(lock);
  changed_.notify_all();
}

void DetectStream::OnReadDone(bool ok) {
  Lock lock(mutex_);
  if (!ok) {
    reading_over_ = true;
    ReleaseCall(lock);
    return;
  }
  uint64_t number = 0;
  const bool known = absl::SimpleAtoi(response_.id(), &number) && number >= first_ && number < to_send_ &&
                     !in_hand_[number - first_].result.has_value();
  if (known) {
    const v1::DetectResult& result = response_.result();
    in_hand_[number - first_].result =
        result.has_error()
            ? absl::StatusOr<Detection>(absl::Status(static_cast<absl::StatusCode>(result.error().code()),
                                                     result.error().message()))
            : FromWire(result.response());
    ++answers_;
    TakeResults(lock);
  } else if (failure_.ok()) {
    failure_ = absl::InternalError("the server answered a text that it was not asked about");
    context_.TryCancel();
  }
  lock.unlock();
  StartRead(&response_);
}

void DetectStream::OnDone(const grpc::Status& status) {
  Lock lock(mutex_);
  reading_over_ = true;
  if (failure_.ok()) failure_ = FromGrpc(status);
  if (failure_.ok()) failure_ = absl::UnavailableError("the server has ended the stream");
  for (InHand& text : in_hand_) {
    if (!text.result.has_value()) text.result = failure_;
  }
  TakeResults(lock);
  done_ = true;
  changed_.notify_all();  // under the lock: who waits may destroy this
}

// Hands on what is ready at the front. Another thread that does so already will see what is ready now.
void DetectStream::TakeResults(Lock& lock) {
  if (std::exchange(taking_, true)) return;
  while (!in_hand_.empty()) {
    InHand& front = in_hand_.front();
    if (!front.result.has_value()) break;
    const absl::StatusOr<Detection> result = *std::move(front.result);
    const std::string text = std::move(front.text);
    const Backend::Take take = std::move(front.take);
    in_hand_.pop_front();
    ++first_;
    bytes_in_hand_ -= text.size();
    lock.unlock();
    take(text, result);
    lock.lock();
    changed_.notify_all();
  }
  taking_ = false;
  changed_.notify_all();
}

// Lets gRPC end the call once the server sends no more; not while a write is about to start.
void DetectStream::ReleaseCall(Lock& lock) {
  if (!reading_over_ || writing_ || !std::exchange(held_, false)) return;
  lock.unlock();
  RemoveHold();
  lock.lock();
}

void DetectStream::WaitUntil(Lock& lock, const std::function<bool()>& met) {
  while (!met()) {
    const uint64_t answers_before = answers_;
    const bool late = changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout_)) == std::cv_status::timeout;
    // While a result is taken (a slow reader of our output) the server is not to blame.
    if (!late || answers_ != answers_before || taking_ || !failure_.ok()) continue;
    failure_ = absl::DeadlineExceededError(
        absl::StrCat("the server has not answered for ", absl::FormatDuration(timeout_)));
    context_.TryCancel();
  }
}

}  // namespace privet
