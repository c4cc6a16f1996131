// The normalised view of a piece of text: what the same writer would have typed in plain ASCII, with the way
// back to the original.
#ifndef PRIVET_CORE_FOLDED_TEXT_H_
#define PRIVET_CORE_FOLDED_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace privet {

// Folds, code point by code point:
//   - compatibility forms to what they stand for (NFKC of the code point: full-width, circled and
//     mathematical digits and letters, ideographic space, superscripts);
//   - dashes, quotes and spaces of every kind to '-', '"', '\'' and ' ';
//   - invisible characters (zero width, soft hyphen, bidi marks, variation selectors, tags, the keycap
//   or circle around a character) to nothing;
//   - runs of at least four Chinese numerals or digits (一三八零零…, 〇, 幺, 壹贰叁) to ASCII digits, but not
//   one
//     or two numerals beside digits that are words of their own (12345七点半, 周一13800138000);
//   - Cyrillic and Greek letters that look like Latin ones, where they stand next to ASCII letters or digits;
//   - the letters O, o, l and I (at most three) in a run of at least eleven that are otherwise digits to 0
//   and 1.
// Combining marks and everything else stay as they are. Line breaks stay too.
//
// Offsets are right by construction: what stays as it is remembers where it stood, what changes the code
// point that it came from.
class FoldedText {
 public:
  FoldedText() = default;

  // Folds original[region); `original` must be valid UTF-8 and is not kept. Both ends must lie between code
  // points. Reuses this object's memory, so a loop over regions allocates nothing after the first.
  void Assign(std::string_view original, Span region);

  const std::string& text() const { return text_; }

  // The span of the original text that folded [begin, end) came from; begin < end <= text().size(). Invisible
  // characters inside are included, those at the edges are not.
  Span ToOriginal(size_t begin, size_t end) const;

 private:
  // Bytes of text_ from `begin` up to the next piece.
  struct Piece {
    uint32_t begin;
    uint32_t original_begin;
    uint32_t original_length;  // of the code point behind all of them; 0: they stand as in the original
  };

  // Appends original bytes as they are, and what one code point became.
  void Keep(std::string_view original, size_t begin, size_t end);
  void Replace(std::string_view folded, size_t original_begin, size_t original_length);
  const Piece& PieceAt(size_t offset) const;
  void FoldNumerals();
  void FoldDigitLookAlikes();

  std::string text_;
  std::vector<Piece> pieces_;  // in order; two neighbours never both stand as in the original without a gap
};

}  // namespace privet

#endif  // PRIVET_CORE_FOLDED_TEXT_H_
