#include "core/offsets.h"

#include <algorithm>
#include <numeric>

#include "core/utf8.h"

namespace privet {

std::vector<Position> PositionsOf(std::string_view text, std::span<const size_t> byte_offsets) {
  std::vector<size_t> order(byte_offsets.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return byte_offsets[a] < byte_offsets[b]; });

  std::vector<Position> positions(byte_offsets.size());
  Position at;
  for (const size_t index : order) {
    for (; at.bytes < byte_offsets[index]; ++at.bytes) {
      const char c = text[at.bytes];
      if (IsUtf8Continuation(c)) continue;
      ++at.codepoints;
      // Beyond the basic plane, that is four bytes of UTF-8, UTF-16 needs a surrogate pair.
      at.utf16 += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
    }
    positions[index] = at;
  }
  return positions;
}

}  // namespace privet
