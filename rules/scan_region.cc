#include "rules/scan_region.h"

#include <algorithm>

#include "core/utf8.h"
#include "rules/anchors.h"

namespace privet {
namespace {

// How far around its anchors a group's region reaches, before it is widened to whole words.
constexpr size_t kMarginBytes = AnchorScanner::kReach / 2;
// How far a word may run on over the margin: long enough for e-mail addresses on the left, for URLs and
// tokens on the right.
constexpr size_t kMaxWordLeft = 320;
constexpr size_t kMaxWordRight = 4096;
constexpr size_t kMaxMultilineBytes = 32 << 10;

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

// Visible ASCII, and so part of a word as e-mail addresses, URLs and tokens have them.
bool IsWordByte(char c) { return c > ' ' && c < 0x7F; }

size_t AlignDown(std::string_view text, size_t i) {
  while (i > 0 && i < text.size() && IsUtf8Continuation(text[i])) --i;
  return i;
}

size_t AlignUp(std::string_view text, size_t i) {
  while (i < text.size() && IsUtf8Continuation(text[i])) ++i;
  return i;
}

}  // namespace

Span RegionAround(std::string_view text, Span anchors) {
  size_t begin = anchors.begin;
  for (size_t left = kMarginBytes; left > 0 && begin > 0 && !IsLineBreak(text[begin - 1]); --left) --begin;
  begin = AlignDown(text, begin);
  for (size_t left = kMaxWordLeft; left > 0 && begin > 0 && IsWordByte(text[begin - 1]); --left) --begin;
  size_t end = anchors.end;
  for (size_t left = kMarginBytes; left > 0 && end < text.size() && !IsLineBreak(text[end]); --left) ++end;
  end = AlignUp(text, end);
  for (size_t left = kMaxWordRight; left > 0 && end < text.size() && IsWordByte(text[end]); --left) ++end;
  return {begin, end};
}

Span LinesAfter(std::string_view text, Span anchors) {
  size_t begin = anchors.begin;
  while (begin > 0 && anchors.begin - begin < kMarginBytes && !IsLineBreak(text[begin - 1])) --begin;
  const size_t end = std::min(text.size(), anchors.end + kMaxMultilineBytes);
  return {AlignDown(text, begin), AlignUp(text, end)};
}

}  // namespace privet
