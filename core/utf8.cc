#include "core/utf8.h"

#include <cstring>

namespace privet {
namespace {

uint8_t ByteAt(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

bool IsContinuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// The length of the well-formed sequence at `i`, or 0. Table 3-7 of the Unicode Standard.
size_t SequenceLength(std::string_view text, size_t i) {
  const uint8_t lead = ByteAt(text, i);
  const size_t left = text.size() - i;
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return left >= 2 && IsContinuation(ByteAt(text, i + 1)) ? 2 : 0;
  if (left < 3) return 0;
  const uint8_t second = ByteAt(text, i + 1);
  if (lead < 0xF0) {
    const uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return second >= low && second <= high && IsContinuation(ByteAt(text, i + 2)) ? 3 : 0;
  }
  if (lead > 0xF4 || left < 4) return 0;
  const uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high && IsContinuation(ByteAt(text, i + 2)) &&
                 IsContinuation(ByteAt(text, i + 3))
             ? 4
             : 0;
}

}  // namespace

size_t FindInvalidUtf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t i = 0;
  while (i < text.size()) {
    if (i + 16 <= text.size()) {
      uint64_t words[2];
      std::memcpy(words, text.data() + i, sizeof(words));
      if (((words[0] | words[1]) & kHighBits) == 0) {
        i += 16;
        continue;
      }
      // Ordinary Han: a lead of E1..EC or EE..EF and two continuations, all in one little-endian load.
      while (i + 4 <= text.size()) {
        uint32_t word;
        std::memcpy(&word, text.data() + i, sizeof(word));
        const uint32_t lead = word & 0xFF;
        if ((word & 0x00C0C0F0) != 0x008080E0 || lead == 0xE0 || lead == 0xED) break;
        i += 3;
      }
      if (i == text.size()) break;
    }
    const size_t length = SequenceLength(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

void AppendUtf8(uint32_t c, std::string* out) {
  const auto tail = [&](int shift) { out->push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3F))); };
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool HasHan(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = DecodeUtf8(text, i);
    if ((c.value >= 0x3400 && c.value <= 0x4DBF) || (c.value >= 0x4E00 && c.value <= 0x9FFF) ||
        (c.value >= 0x20000 && c.value <= 0x3FFFF))
      return true;
    i += c.length;
  }
  return false;
}

}  // namespace privet
