#include "qwen3/qwen_split.h"

#include "core/utf8.h"
#include "qwen3/character_classes.h"

namespace privet {
namespace {

struct Character {
  uint32_t value = 0;
  uint32_t length = 0;  // 0 at the end of the text
  uint8_t classes = 0;

  bool Is(uint8_t any_of) const { return (classes & any_of) != 0; }
  bool IsNewline() const { return value == '\r' || value == '\n'; }
  // [^\s\p{L}\p{N}]
  bool IsSymbol() const { return length != 0 && !Is(kSpace | kLetter | kNumber); }
};

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text), classes_(CharacterClasses::Get()) {}

  Character At(size_t offset) const {
    if (offset >= text_.size()) return {};
    const CodePoint c = DecodeUtf8(text_, offset);
    return {c.value, c.length, classes_.Of(c.value)};
  }

  size_t SkipLetters(size_t offset) const {
    for (Character c = At(offset); c.Is(kLetter); c = At(offset)) offset += c.length;
    return offset;
  }

  size_t SkipSymbolsAndNewlines(size_t offset) const {
    for (Character c = At(offset); c.IsSymbol(); c = At(offset)) offset += c.length;
    while (At(offset).IsNewline()) ++offset;
    return offset;
  }

 private:
  std::string_view text_;
  const CharacterClasses& classes_;
};

// The length of (?i:'s|'t|'re|'ve|'m|'ll|'d) at an apostrophe, or 0. Folding knows one letter beyond ASCII:
// ſ is an s.
size_t ContractionLength(std::string_view rest) {
  constexpr std::string_view kLongS = "\u017F";
  if (rest.substr(1).starts_with(kLongS)) return 1 + kLongS.size();
  const auto lower = [&](size_t i) { return i < rest.size() ? static_cast<char>(rest[i] | 0x20) : '\0'; };
  switch (lower(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    case 'r':
    case 'v':
      return lower(2) == 'e' ? 3 : 0;
    case 'l':
      return lower(2) == 'l' ? 3 : 0;
    default:
      return 0;
  }
}

// \s*[\r\n]+|\s+(?!\S)|\s+ at white space that nothing before it took.
size_t SpacesEnd(std::string_view text, const Cursor& cursor, size_t begin) {
  size_t end = begin;
  size_t last = begin;       // where the last space begins
  size_t after_newline = 0;  // behind the last line break; 0 when there is none
  for (Character c = cursor.At(end); c.Is(kSpace); c = cursor.At(end)) {
    last = end;
    end += c.length;
    if (c.IsNewline()) after_newline = end;
  }
  if (after_newline != 0) return after_newline;
  // The last space is left to the word that follows, unless it is the only one.
  return end == text.size() || last == begin ? end : last;
}

}  // namespace

size_t QwenWordEnd(std::string_view text, size_t begin) {
  const Cursor cursor(text);
  const Character first = cursor.At(begin);
  if (first.Is(kLetter)) return cursor.SkipLetters(begin + first.length);
  if (first.value == '\'') {
    if (const size_t length = ContractionLength(text.substr(begin)); length != 0) return begin + length;
  }
  const size_t second = begin + first.length;
  if (first.Is(kNumber)) return second;
  if (!first.IsNewline()) {
    const Character next = cursor.At(second);
    if (next.Is(kLetter)) return cursor.SkipLetters(second + next.length);
    if (first.IsSymbol() || (first.value == ' ' && next.IsSymbol()))
      return cursor.SkipSymbolsAndNewlines(second);
  }
  return SpacesEnd(text, cursor, begin);
}

}  // namespace privet
