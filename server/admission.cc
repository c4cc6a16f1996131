#include "server/admission.h"

#include <utility>

namespace privet {

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), bytes_(other.bytes_) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  // The other now holds the old place and gives it back when it dies.
  std::swap(admission_, other.admission_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Admission::Ticket::~Ticket() {
  if (admission_ != nullptr) admission_->Leave(bytes_);
}

std::optional<Admission::Ticket> Admission::TryEnter(size_t bytes, std::string_view* why) {
  const std::lock_guard lock(mutex_);
  if (calls_ >= max_calls_) {
    *why = "calls";
    return std::nullopt;
  }
  if (calls_ > 0 && bytes_ + bytes > max_bytes_) {
    *why = "bytes";
    return std::nullopt;
  }
  ++calls_;
  bytes_ += bytes;
  return Ticket(this, bytes);
}

size_t Admission::calls_in_flight() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void Admission::Leave(size_t bytes) {
  const std::lock_guard lock(mutex_);
  --calls_;
  bytes_ -= bytes;
}

}  // namespace privet
