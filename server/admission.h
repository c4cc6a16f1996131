// Bounded admission: what the server has taken on and not yet answered.
#ifndef PRIVET_SERVER_ADMISSION_H_
#define PRIVET_SERVER_ADMISSION_H_

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

namespace privet {

// Counts calls and their bytes in flight, and turns away what would go over either bound. Thread-safe.
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
    Ticket(Admission* admission, size_t bytes) : admission_(admission), bytes_(bytes) {}
    Admission* admission_;
    size_t bytes_;
  };

  // A place for a call of so many bytes, or nothing when the server is full. `why` then says which bound:
  // "calls" or "bytes". One call is admitted whatever its size when nothing else is in flight.
  std::optional<Ticket> TryEnter(size_t bytes, std::string_view* why);

  size_t calls_in_flight() const;

 private:
  void Leave(size_t bytes);

  const size_t max_calls_;
  const size_t max_bytes_;
  mutable std::mutex mutex_;  // guards the two below
  size_t calls_ = 0;
  size_t bytes_ = 0;
};

}  // namespace privet

#endif  // PRIVET_SERVER_ADMISSION_H_
