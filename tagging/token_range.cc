#include "tagging/token_range.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
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

// Whether the mention's rest holds the partner of a bracket or quote, and a word or a number between.
bool HoldsPartner(std::string_view text, Span rest, uint32_t partner, bool partner_is_before) {
  bool word = false, word_since = false;  // seen so far, since the partner
  bool found = false;
  for (size_t i = rest.begin; i < rest.end;) {
    const CodePoint c = DecodeUtf8(text, i);
    i += c.length;
    if (c.value == partner) {
      if (!partner_is_before) return word;
      found = true;
      word_since = false;
    } else if (u_isalnum(static_cast<UChar32>(c.value))) {
      word = word_since = true;
    }
  }
  return found && word_since;
}

// Behind the last byte before a closing bracket that nothing in the mention opens.
size_t EndOfBrackets(std::string_view text, Span bytes) {
  constexpr std::u32string_view kOpen = U"([{（［｛【《「『", kClose = U")]}）］｝】》」』";
  std::array<int, kOpen.size()> depth{};
  for (size_t i = bytes.begin; i < bytes.end;) {
    const CodePoint c = DecodeUtf8(text, i);
    if (const size_t open = kOpen.find(c.value); open != kOpen.npos) ++depth[open];
    if (const size_t close = kClose.find(c.value); close != kClose.npos && --depth[close] < 0) return i;
    i += c.length;
  }
  return bytes.end;
}

// Whether an end of a mention may not be `c`, with `rest` of the mention before or behind it.
bool IsBesideMention(std::string_view text, uint32_t c, Span rest, bool is_last) {
  if (IsWhiteSpace(c) || IsInvisible(c) || Separates(c)) return true;
  if (!is_last && (c == '=' || c == ':' || c == U'：')) return true;
  const uint32_t partner = PartnerOf(c);
  return partner != 0 && !HoldsPartner(text, rest, partner, is_last);
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
    if (!IsBesideMention(text, first.value, rest, /*is_last=*/false)) break;
    bytes = rest;
  }
  bytes.end = EndOfBrackets(text, bytes);
  for (int i = 0; i < kMostInTokens && !bytes.empty(); ++i) {
    const size_t last = PreviousCodePoint(text, bytes.end);
    const Span rest = {bytes.begin, last};
    if (!IsBesideMention(text, DecodeUtf8(text, last).value, rest, /*is_last=*/true)) break;
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
