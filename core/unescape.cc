#include "core/unescape.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr uint32_t kLastCodePoint = 0x10FFFF;

// What sequences at one place stand for, and their bytes; no text: they stay as they are written.
struct Decoded {
  std::string text;
  size_t length = 0;
};

bool IsSurrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

bool IsPrintable(uint32_t c) {
  return c >= 0x20 && (c < 0x7F || c > 0x9F) && c <= kLastCodePoint && !IsSurrogate(c);
}

Decoded CodePointOf(uint32_t c, size_t length) {
  Decoded decoded;
  decoded.length = length;
  if (IsPrintable(c)) AppendUtf8(c, &decoded.text);
  return decoded;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The number that `digits` hexadecimal digits at `at` write.
std::optional<uint32_t> HexAt(std::string_view text, size_t at, size_t digits) {
  if (at > text.size() || text.size() - at < digits) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int digit = HexDigit(text[at + i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

bool StandsAt(std::string_view text, size_t at, std::string_view what) {
  return at <= text.size() && text.substr(at).starts_with(what);
}

// Length of a soft line break of quoted-printable at `at`, or 0.
size_t SoftBreakAt(std::string_view text, size_t at) {
  if (StandsAt(text, at, "=\n")) return 2;
  return StandsAt(text, at, "=\r\n") ? 3 : 0;
}

// The character whose UTF-8 bytes stand at `at`, each as `prefix` and two digits.
Decoded BytesAt(std::string_view text, size_t at, std::string_view prefix) {
  const size_t width = prefix.size() + 2;
  const std::optional<uint32_t> lead = HexAt(text, at + prefix.size(), 2);
  if (!lead.has_value()) return {};
  if (*lead < 0x80) return CodePointOf(*lead, width);
  const size_t count = *lead >= 0xF0 ? 4 : *lead >= 0xE0 ? 3 : 2;
  std::string bytes(1, static_cast<char>(*lead));
  size_t end = at + width;
  while (bytes.size() < count) {
    if (prefix == "=") end += SoftBreakAt(text, end);
    if (!StandsAt(text, end, prefix)) return {};
    const std::optional<uint32_t> byte = HexAt(text, end + prefix.size(), 2);
    if (!byte.has_value()) return {};
    bytes.push_back(static_cast<char>(*byte));
    end += width;
  }
  if (FindInvalidUtf8(bytes) != std::string_view::npos) return {};
  return CodePointOf(DecodeUtf8(bytes, 0).value, end - at);
}

Decoded PercentAt(std::string_view text, size_t at) {
  Decoded decoded = BytesAt(text, at, "%");
  if (decoded.text.size() == 1 && absl::ascii_isalnum(static_cast<unsigned char>(decoded.text[0])))
    decoded.text.clear();
  return decoded;
}

Decoded QuotedPrintableAt(std::string_view text, size_t at) {
  Decoded decoded = BytesAt(text, at, "=");
  if (decoded.text.size() == 1) decoded.text.clear();
  return decoded;
}

// \uHHHH or \xHH at `at`, which holds `backslashes` of them.
Decoded BackslashAt(std::string_view text, size_t at, size_t backslashes) {
  constexpr size_t kMostBackslashes = 4;
  const size_t letter = at + backslashes;
  if (backslashes > kMostBackslashes || letter >= text.size()) return {};
  const std::string_view prefix = text.substr(at, backslashes + 1);
  if (text[letter] == 'x') return BytesAt(text, at, prefix);
  const std::optional<uint32_t> unit = text[letter] == 'u' ? HexAt(text, letter + 1, 4) : std::nullopt;
  if (!unit.has_value()) return {};
  const size_t width = prefix.size() + 4;
  if (!IsSurrogate(*unit)) return CodePointOf(*unit, width);
  if (!StandsAt(text, at + width, prefix)) return {};
  const std::optional<uint32_t> low = HexAt(text, at + width + prefix.size(), 4);
  if (*unit >= 0xDC00 || !low.has_value() || *low < 0xDC00 || *low > 0xDFFF) return {};
  return CodePointOf(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), 2 * width);
}

// &#DIGITS; or &#xDIGITS; at `at`.
Decoded ReferenceAt(std::string_view text, size_t at) {
  constexpr size_t kMostDigits = 7;
  if (!StandsAt(text, at, "&#")) return {};
  const bool is_hex = StandsAt(text, at, "&#x") || StandsAt(text, at, "&#X");
  const size_t first = at + (is_hex ? 3 : 2);
  uint32_t value = 0;
  for (size_t i = first; i < text.size() && i - first <= kMostDigits; ++i) {
    if (text[i] == ';') return i == first ? Decoded() : CodePointOf(value, i + 1 - at);
    const int digit = HexDigit(text[i]);
    if (digit < 0 || (!is_hex && digit > 9)) break;
    value = value * (is_hex ? 16 : 10) + static_cast<uint32_t>(digit);
  }
  return {};
}

// The first byte at or behind `i` that a sequence may begin with, or the end. find_first_of looks each byte
// up by a call.
size_t NextStart(std::string_view text, size_t i) {
  while (i < text.size() && text[i] != '%' && text[i] != '\\' && text[i] != '&' && text[i] != '=') ++i;
  return i;
}

}  // namespace

std::optional<RewrittenText> Unescape(std::string_view text) {
  std::optional<RewrittenText> rewritten;
  size_t kept = 0;  // what follows it is as it stands so far
  for (size_t i = NextStart(text, 0); i < text.size(); i = NextStart(text, i)) {
    Decoded decoded;
    size_t length = 1;
    if (text[i] == '\\') {
      length = std::min(text.find_first_not_of('\\', i), text.size()) - i;
      decoded = BackslashAt(text, i, length);
    } else if (text[i] == '%') {
      decoded = PercentAt(text, i);
    } else if (text[i] == '&') {
      decoded = ReferenceAt(text, i);
    } else {
      decoded = QuotedPrintableAt(text, i);
    }
    if (decoded.text.empty()) {
      i += length;
      continue;
    }
    if (!rewritten.has_value()) rewritten.emplace();
    rewritten->Keep(text, kept, i);
    rewritten->Replace(decoded.text, i, decoded.length);
    kept = i + decoded.length;
    // A soft line break between two characters goes.
    const size_t soft = text[i] == '=' ? SoftBreakAt(text, kept) : 0;
    if (soft > 0 && !QuotedPrintableAt(text, kept + soft).text.empty()) kept += soft;
    i = kept;
  }
  if (rewritten.has_value()) rewritten->Keep(text, kept, text.size());
  return rewritten;
}

}  // namespace privet
