#include "tagging/token_range.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/strings/ascii.h"
#include "core/utf8.h"

namespace privet {
namespace {

// Unicode's White_Space property.
bool IsWhiteSpace(uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool IsInvisible(uint32_t c) { return (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF; }

bool Separates(uint32_t c) {
  return c == ',' || c == ';' || c == '|' || c == U'，' || c == U'；' || c == U'、' || c == U'｜';
}

// The other one of a pair, or 0; of straight quotes it is the same. Curved single quotes are letters of some
// names (‘Abd).
uint32_t PartnerOf(uint32_t c) {
  constexpr std::u32string_view kOpen = U"([{<（［｛【《「『“\"'`", kClose = U")]}>）］｝】》」』”\"'`";
  const size_t open = kOpen.find(c), close = kClose.find(c);
  if (open != kOpen.npos) return kClose[open];
  return close != kClose.npos ? kOpen[close] : 0;
}

bool Holds(std::string_view text, Span span, uint32_t wanted) {
  for (size_t i = span.begin; i < span.end;) {
    const CodePoint c = DecodeUtf8(text, i);
    if (c.value == wanted) return true;
    i += c.length;
  }
  return false;
}

// Whether an end of a mention may not be `c`, with `rest` of the mention beside it.
bool IsBesideMention(std::string_view text, uint32_t c, Span rest) {
  if (IsWhiteSpace(c) || IsInvisible(c) || Separates(c)) return true;
  const uint32_t partner = PartnerOf(c);
  return partner != 0 && !Holds(text, rest, partner);
}

bool IsInsideWord(std::string_view text, size_t border) {
  if (border == 0 || border >= text.size()) return false;
  if (!absl::ascii_isalpha(text[border - 1]) || !absl::ascii_isalpha(text[border])) return false;
  // The n of \n is no letter of the word behind it.
  return !(border >= 2 && text[border - 2] == '\\');
}

}  // namespace

Span BytesOf(std::string_view text, std::span<const Span> tokens, TokenRange range) {
  if (range.begin >= range.end) return {};
  Span bytes = {tokens[range.begin].begin, tokens[range.end - 1].end};
  const size_t next = range.end < tokens.size() ? tokens[range.end].begin : text.size();
  bytes.end = std::max(bytes.end, next);
  while (bytes.begin > 0 && bytes.begin < text.size() && IsUtf8Continuation(text[bytes.begin])) --bytes.begin;
  while (bytes.end < text.size() && IsUtf8Continuation(text[bytes.end])) ++bytes.end;
  while (!bytes.empty()) {
    const CodePoint first = DecodeUtf8(text, bytes.begin);
    if (!IsWhiteSpace(first.value)) break;
    bytes.begin += first.length;
  }
  while (!bytes.empty()) {
    const size_t last = PreviousCodePoint(text, bytes.end);
    if (!IsWhiteSpace(DecodeUtf8(text, last).value)) break;
    bytes.end = last;
  }
  return bytes.empty() ? Span() : bytes;
}

Span MentionBytesOf(std::string_view text, std::span<const Span> tokens, TokenRange range) {
  constexpr int kMostInTokens = 8;  // tokens at the ends hold no more of it
  Span bytes = BytesOf(text, tokens, range);
  for (int i = 0; i < kMostInTokens && !bytes.empty(); ++i) {
    const CodePoint first = DecodeUtf8(text, bytes.begin);
    const Span rest = {bytes.begin + first.length, bytes.end};
    if (first.value != '=' && !IsBesideMention(text, first.value, rest)) break;
    bytes = rest;
  }
  for (int i = 0; i < kMostInTokens && !bytes.empty(); ++i) {
    const size_t last = PreviousCodePoint(text, bytes.end);
    const Span rest = {bytes.begin, last};
    if (!IsBesideMention(text, DecodeUtf8(text, last).value, rest)) break;
    bytes = rest;
  }
  if (bytes.empty()) return Span();
  return IsInsideWord(text, bytes.begin) || IsInsideWord(text, bytes.end) ? Span() : bytes;
}

TokenRange TokensOf(std::span<const Span> tokens, Span bytes) {
  const auto first = std::upper_bound(tokens.begin(), tokens.end(), bytes.begin,
                                      [](size_t begin, const Span& token) { return begin < token.end; });
  const auto last = std::lower_bound(first, tokens.end(), bytes.end,
                                     [](const Span& token, size_t end) { return token.begin < end; });
  return {static_cast<size_t>(first - tokens.begin()), static_cast<size_t>(last - tokens.begin())};
}

}  // namespace privet
