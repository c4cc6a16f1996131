#include "server/admission.h"

#include <utility>
#include <vector>

namespace privet {

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), calls_(other.calls_), bytes_(other.bytes_) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  // The other now holds the old place and gives it back when it dies.
  std::swap(admission_, other.admission_);
  std::swap(calls_, other.calls_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Admission::Ticket::~Ticket() {
  if (admission_ != nullptr) admission_->Leave(calls_, bytes_);
}

std::optional<Admission::Ticket> Admission::TryEnter(size_t bytes, std::string_view* why) {
  const std::lock_guard lock(mutex_);
  if (calls_ >= max_calls_) {
    *why = "calls";
    return std::nullopt;
  }
  if (!HasRoomFor(bytes)) {
    *why = "bytes";
    return std::nullopt;
  }
  ++calls_;
  bytes_ += bytes;
  return Ticket(this, 1, bytes);
}

void Admission::EnterBytes(size_t bytes, std::function<void(Ticket)> admitted) {
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty() || !HasRoomFor(bytes)) {
      waiting_.push_back({bytes, std::move(admitted)});
      return;
    }
    bytes_ += bytes;
  }
  admitted(Ticket(this, 0, bytes));
}

size_t Admission::calls_in_flight() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void Admission::Leave(size_t calls, size_t bytes) {
  std::vector<Waiting> admitted;
  {
    const std::lock_guard lock(mutex_);
    calls_ -= calls;
    bytes_ -= bytes;
    while (!waiting_.empty() && HasRoomFor(waiting_.front().bytes)) {
      bytes_ += waiting_.front().bytes;
      admitted.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
  }
  for (const Waiting& next : admitted) next.admitted(Ticket(this, 0, next.bytes));
}

}  // namespace privet
