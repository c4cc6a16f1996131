// Byte offsets in other units, for the API's edge.
#ifndef PRIVET_CORE_OFFSETS_H_
#define PRIVET_CORE_OFFSETS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace privet {

// One position of a text in the units that clients count in: Python and Go runes count code points, Java,
// JavaScript and C# count UTF-16 units.
struct Position {
  size_t bytes = 0;
  size_t codepoints = 0;
  size_t utf16 = 0;

  friend bool operator==(const Position&, const Position&) = default;
};

// The positions of `byte_offsets` in valid UTF-8 `text`. Offsets may come in any order, each <= text.size()
// and at a code point's start or at the end. One pass over the text up to the largest offset, O(n + k log k).
std::vector<Position> PositionsOf(std::string_view text, std::span<const size_t> byte_offsets);

}  // namespace privet

#endif  // PRIVET_CORE_OFFSETS_H_
