// Bounded admission: what the server has taken on and not yet answered.
#ifndef PRIVET_SERVER_ADMISSION_H_
#define PRIVET_SERVER_ADMISSION_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

namespace privet {

// Counts calls and their bytes in flight, and turns away or lets wait what would go over either bound.
// Thread-safe.
class Admission {
 public:
  Admission(size_t max_calls, size_t max_bytes) : max_calls_(max_calls), max_bytes_(max_bytes) {}

  // A place that is given back when the ticket dies.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();

   private:
    friend class Admission;
    Ticket(Admission* admission, size_t calls, size_t bytes)
        : admission_(admission), calls_(calls), bytes_(bytes) {}
    Admission* admission_;
    size_t calls_;
    size_t bytes_;
  };

  // A place for a call of so many bytes, or nothing when the server is full. `why` then says which bound:
  // "calls" or "bytes". Where no bytes are in flight, a call of any size is admitted, and one of no bytes
  // whatever is in flight. One that comes while others wait in EnterBytes may still find room that is too
  // small for them.
  std::optional<Ticket> TryEnter(size_t bytes, std::string_view* why);

  // A place for so many bytes of a call that was admitted before: `admitted` is called with it, at once where
  // there is room, else in order of arrival on the thread that gives enough back, and so must not wait for
  // anything. Whoever has such a place gives it back without waiting for another.
  void EnterBytes(size_t bytes, std::function<void(Ticket)> admitted);

  size_t calls_in_flight() const;

 private:
  struct Waiting {
    size_t bytes;
    std::function<void(Ticket)> admitted;
  };

  void Leave(size_t calls, size_t bytes);
  // The mutex is held.
  bool HasRoomFor(size_t bytes) const { return bytes == 0 || bytes_ == 0 || bytes_ + bytes <= max_bytes_; }

  const size_t max_calls_;
  const size_t max_bytes_;
  mutable std::mutex mutex_;  // guards the three below
  size_t calls_ = 0;
  size_t bytes_ = 0;
  std::deque<Waiting> waiting_;  // for bytes, in order of arrival
};

}  // namespace privet

#endif  // PRIVET_SERVER_ADMISSION_H_
