#ifndef PRIVET_CORE_SPAN_H_
#define PRIVET_CORE_SPAN_H_

#include <cstddef>

namespace privet {

// A half-open range [begin, end) in bytes of the original UTF-8 text. Inside the code no other unit exists:
// code points and UTF-16 units are computed at the API's edge (core/offsets.h).
struct Span {
  size_t begin = 0;
  size_t end = 0;

  size_t size() const { return end - begin; }
  bool empty() const { return begin >= end; }
  bool Contains(const Span& other) const { return begin <= other.begin && other.end <= end; }
  bool Overlaps(const Span& other) const { return begin < other.end && other.begin < end; }

  friend bool operator==(const Span&, const Span&) = default;
  friend auto operator<=>(const Span&, const Span&) = default;
};

}  // namespace privet

#endif  // PRIVET_CORE_SPAN_H_
