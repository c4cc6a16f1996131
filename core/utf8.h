// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#ifndef PRIVET_CORE_UTF8_H_
#define PRIVET_CORE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace privet {

// The offset of the first byte that does not start a well-formed sequence; npos when the whole text is valid.
size_t FindInvalidUtf8(std::string_view text);

// One code point and the bytes it takes.
struct CodePoint {
  uint32_t value;
  uint32_t length;
};

// The code point that starts at `offset` of a valid text; offset < text.size().
inline CodePoint DecodeUtf8(std::string_view text, size_t offset) {
  const auto at = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[offset + i]));
  };
  const uint32_t lead = at(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {((lead & 0x1F) << 6) | (at(1) & 0x3F), 2};
  if (lead < 0xF0) return {((lead & 0x0F) << 12) | ((at(1) & 0x3F) << 6) | (at(2) & 0x3F), 3};
  return {((lead & 0x07) << 18) | ((at(1) & 0x3F) << 12) | ((at(2) & 0x3F) << 6) | (at(3) & 0x3F), 4};
}

inline bool IsUtf8Continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The start of the code point before `offset` of a valid text; offset > 0.
inline size_t PreviousCodePoint(std::string_view text, size_t offset) {
  do --offset;
  while (offset > 0 && IsUtf8Continuation(text[offset]));
  return offset;
}

void AppendUtf8(uint32_t code_point, std::string* out);

// Whether a valid text holds a Chinese character: an ideograph of the blocks CJK Unified Ideographs and their
// extensions, which Japanese and Korean texts may hold too.
bool HasHan(std::string_view text);

}  // namespace privet

#endif  // PRIVET_CORE_UTF8_H_
