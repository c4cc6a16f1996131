// The text view and the prefilter on arbitrary bytes: they agree with ICU on what is UTF-8, and every offset
// that they give lies on a code point's border, in order and inside the text.
#include <unicode/utf8.h>

#include <cstdlib>

#include "core/folded_text.h"
#include "core/offsets.h"
#include "core/utf8.h"
#include "rules/anchors.h"
#include "rules/context.h"

namespace privet {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

size_t InvalidByIcu(const uint8_t* data, size_t size) {
  const int32_t length = static_cast<int32_t>(size);
  for (int32_t i = 0; i < length;) {
    const int32_t begin = i;
    UChar32 c;
    U8_NEXT(data, i, length, c);  // NOLINT(bugprone-inc-dec-in-conditions): ICU's macro
    if (c < 0) return static_cast<size_t>(begin);
  }
  return std::string_view::npos;
}

bool IsBorder(std::string_view text, size_t at) {
  return at == text.size() || (at < text.size() && !IsUtf8Continuation(text[at]));
}

void CheckFolding(std::string_view text) {
  FoldedText folded;
  folded.Assign(text, {0, text.size()});
  const std::string& view = folded.text();
  Check(FindInvalidUtf8(view) == std::string_view::npos);
  size_t previous = 0;
  for (size_t begin = 0; begin < view.size();) {
    const size_t end = begin + DecodeUtf8(view, begin).length;
    const Span original = folded.ToOriginal(begin, end);
    Check(original.begin < original.end && IsBorder(text, original.begin) && IsBorder(text, original.end));
    Check(previous <= original.begin);
    previous = original.begin;
    begin = end;
  }
}

void CheckAnchors(std::string_view text) {
  static const AnchorScanner* const scanner = new AnchorScanner(
      {{"400", 0}, {"@", 0}, {"://", 0}, {"password", 0}, {"qq", 5}, {"密码", 0}, {"月", 1}},
      {.plain_digits = 4, .runs = 3, .token = 16, .clock = true});
  AnchorGroup group;
  size_t previous = 0;
  for (size_t position = 0; position < text.size();) {
    const size_t before = position;
    const bool found = scanner->Next(text, &position, 64, &group);
    Check(position > before);
    if (!found) continue;
    Check(group.span.begin < group.span.end && group.span.end <= text.size() && previous <= group.span.begin);
    previous = group.span.begin;
  }
}

void CheckContext(std::string_view text) {
  static const Context* const context =
      new Context(std::vector<ContextGroup>{{{"电话", "tel", "手机号码"}, 2, 12}, {{"订单"}, -3, 8}});
  size_t begin = text.size() / 3, end = text.size() * 2 / 3;
  while (!IsBorder(text, begin)) ++begin;
  while (!IsBorder(text, end)) ++end;
  if (begin < end) Check(context->HitsAround(text, {begin, end}).size() <= 2);
  const std::vector<size_t> offsets = {end, begin, text.size()};
  const std::vector<Position> positions = PositionsOf(text, offsets);
  Check(positions[1].codepoints <= positions[0].codepoints && positions[0].utf16 <= positions[2].utf16);
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t invalid = privet::FindInvalidUtf8(text);
  privet::Check(invalid == privet::InvalidByIcu(data, size));
  if (invalid != std::string_view::npos) text = text.substr(0, invalid);
  if (text.empty()) return 0;
  privet::CheckFolding(text);
  privet::CheckAnchors(text);
  privet::CheckContext(text);
  return 0;
}
