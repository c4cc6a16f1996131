// Drawing digits and setting them apart: what the files that make numbers share.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_DIGITS_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_DIGITS_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "training/data/synthesis/random.h"

namespace privet {

inline constexpr std::string_view kDigits = "0123456789";
inline constexpr std::string_view kSerialLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ";  // no I and O

template <class T, size_t N>
const T& PickFrom(const T (&items)[N], Random& random) {
  return items[random.Below(N)];
}

inline void AppendDigits(size_t count, Random& random, std::string* out) {
  for (size_t i = 0; i < count; ++i) out->push_back(random.Pick(kDigits));
}

inline std::string Padded(int number, size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// The digits in groups of the given sizes; the last size goes on.
inline std::string Grouped(std::string_view digits, std::string_view sizes, std::string_view separator) {
  std::string grouped;
  size_t group = 0;
  for (size_t at = 0; at < digits.size();) {
    const size_t size = static_cast<size_t>(sizes[std::min(group++, sizes.size() - 1)] - '0');
    if (at > 0) grouped.append(separator);
    grouped.append(digits.substr(at, size));
    at += size;
  }
  return grouped;
}

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_DIGITS_H_
