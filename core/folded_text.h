// The normalised view of a piece of text: what the same writer would have typed in plain ASCII, with the way
// back to the original.
#ifndef PRIVET_CORE_FOLDED_TEXT_H_
#define PRIVET_CORE_FOLDED_TEXT_H_

#include <string>
#include <string_view>

#include "core/rewritten_text.h"
#include "core/span.h"

namespace privet {

// Folds, code point by code point:
//   - compatibility forms to what they stand for (NFKC of the code point: full-width, circled and
//     mathematical digits and letters, ideographic space, superscripts);
//   - dashes, quotes and spaces of every kind to '-', '"', '\'' and ' ';
//   - invisible characters (zero width, soft hyphen, bidi marks, variation selectors, tags, the keycap or
//     circle around a character) to nothing;
//   - runs of at least four Chinese numerals or digits (一三八零零…, 〇, 幺, 壹贰叁) to ASCII digits, but not
//     one or two numerals beside digits that are words of their own (12345七点半, 周一13800138000);
//   - Cyrillic and Greek letters that look like Latin ones, where they stand next to ASCII letters or digits;
//   - the letters O, o, l and I (at most three) in a run of at least eleven that are otherwise digits to 0
//     and 1;
//   - traditional Chinese characters to simplified ones, where asked for.
// Combining marks and everything else stay as they are. Line breaks stay too.
class FoldedText {
 public:
  enum class Han { AsWritten, Simplified };

  FoldedText() = default;

  // Folds original[region); `original` must be valid UTF-8 and is not kept. Both ends must lie between code
  // points. Reuses this object's memory: a loop over regions allocates little after the first.
  void Assign(std::string_view original, Span region, Han han = Han::AsWritten);

  const std::string& text() const { return rewritten_.text(); }

  // As RewrittenText has it: invisible characters inside are included, those at the edges are not.
  Span ToOriginal(size_t begin, size_t end) const { return rewritten_.ToOriginal(begin, end); }

 private:
  void FoldNumerals();
  void FoldDigitLookAlikes();

  RewrittenText rewritten_;
};

}  // namespace privet

#endif  // PRIVET_CORE_FOLDED_TEXT_H_
