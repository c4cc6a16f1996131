#include "pipeline/windows.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "core/field_error.h"
#include "core/utf8.h"

namespace privet {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Ends a sentence wherever it stands.
bool IsCjkTerminator(uint32_t c) {
  return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF1B || c == 0x2026;  // 。！？；…
}

// Still belongs to the sentence whose end it follows.
bool IsClosingMark(uint32_t c) {
  return c == '"' || c == '\'' || c == ')' || c == ']' || c == 0x201D || c == 0x2019 || c == 0x300D ||
         c == 0x300F || c == 0x300B || c == 0xFF09 || c == 0x3011;  // ”’」』》）】
}

// Whether a line or a sentence ends at this offset of valid UTF-8, 0 < offset < text.size(): behind a line
// feed, behind 。！？；… and what closes with them, or behind . ! ? and such, before a blank.
bool EndsSentence(std::string_view text, size_t offset) {
  if (IsUtf8Continuation(text[offset])) return false;
  if (text[offset - 1] == '\n') return true;
  const uint32_t next = DecodeUtf8(text, offset).value;
  if (IsClosingMark(next) || IsCjkTerminator(next)) return false;
  constexpr int kMostClosingMarks = 3;
  size_t last = PreviousCodePoint(text, offset);
  for (int i = 0; i < kMostClosingMarks && last > 0 && IsClosingMark(DecodeUtf8(text, last).value); ++i) {
    last = PreviousCodePoint(text, last);
  }
  const uint32_t end = DecodeUtf8(text, last).value;
  return IsCjkTerminator(end) || (IsBlank(text[offset]) && (end == '.' || end == '!' || end == '?'));
}

// The last place in [first, last] at which a sentence begins, before the token that it names; `last` where
// there is none.
size_t LastSentenceStart(std::string_view text, std::span<const Span> tokens, size_t first, size_t last) {
  for (size_t at = last; at >= first; --at) {
    // Normal form can make many tokens of a text's first code point: all begin at 0.
    if (tokens[at].begin > 0 && EndsSentence(text, tokens[at].begin)) return at;
  }
  return last;
}

}  // namespace

absl::Status ValidateWindowSizes(const WindowSizes& sizes) {
  constexpr size_t kLeastTokens = 8, kMostTokens = 65536;
  if (sizes.max_tokens < kLeastTokens || sizes.max_tokens > kMostTokens) {
    return InvalidField("max_tokens", absl::StrCat("must be ", kLeastTokens, " to ", kMostTokens));
  }
  if (sizes.overlap_tokens > sizes.max_tokens / 4) {
    return InvalidField("overlap_tokens",
                        absl::StrCat("must be at most a quarter of max_tokens, here ", sizes.max_tokens / 4));
  }
  return absl::OkStatus();
}

std::vector<Window> CutWindows(std::string_view text, std::span<const Span> tokens,
                               const WindowSizes& sizes) {
  std::vector<Window> windows;
  if (tokens.empty()) return windows;
  Window window;
  while (tokens.size() - window.tokens.begin > sizes.max_tokens) {
    const size_t begin = window.tokens.begin;
    const size_t end =
        LastSentenceStart(text, tokens, begin + sizes.max_tokens / 2 + 1, begin + sizes.max_tokens);
    const size_t last_begin = end - sizes.overlap_tokens;
    const size_t next =
        LastSentenceStart(text, tokens, std::max(begin + 1, last_begin - sizes.overlap_tokens), last_begin);
    window.tokens.end = end;
    window.core.end = next + (end - next + 1) / 2;  // rounded up, or pieces one token shorter would count
    windows.push_back(window);
    window.tokens.begin = next;
    window.core.begin = window.core.end;
  }
  window.tokens.end = window.core.end = tokens.size();
  windows.push_back(window);
  return windows;
}

bool Owns(const Window& window, TokenRange span) {
  const size_t twice_middle = span.begin + span.end;
  return 2 * window.core.begin <= twice_middle && twice_middle < 2 * window.core.end;
}

size_t OwnerOf(std::span<const Window> windows, TokenRange span) {
  const auto next = std::upper_bound(
      windows.begin(), windows.end(), span.begin + span.end,
      [](size_t twice_middle, const Window& window) { return twice_middle < 2 * window.core.end; });
  return static_cast<size_t>(next - windows.begin());
}

}  // namespace privet
