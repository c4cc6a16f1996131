// A text made from another, piece by piece, with the way back.
#ifndef PRIVET_CORE_REWRITTEN_TEXT_H_
#define PRIVET_CORE_REWRITTEN_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace privet {

// Offsets are right by construction: what is kept remembers where it stood, what is replaced the piece of the
// original that it came from. The original is valid UTF-8 of less than 4 GiB, is not held, and is gone
// through from front to back.
class RewrittenText {
 public:
  const std::string& text() const { return text_; }

  // Empties the object, but keeps its memory.
  void Clear();

  // Appends original[begin, end) as it stands.
  void Keep(std::string_view original, size_t begin, size_t end);
  // Appends `written` in place of that piece of the original; an empty one leaves the piece out.
  void Replace(std::string_view written, size_t original_begin, size_t original_length);
  // Appends what [begin, end) of `source` holds, with the way back to the original of `source`.
  void CopyFrom(const RewrittenText& source, size_t begin, size_t end);
  void Overwrite(size_t offset, char c) { text_[offset] = c; }

  // The span of the original that [begin, end) came from; begin < end <= text().size(). Whole characters of
  // it; what was left out is included inside, at the edges it is not.
  Span ToOriginal(size_t begin, size_t end) const;
  // The span that was made of a span of the original; empty where all of that was left out.
  Span FromOriginal(const Span& original) const;

 private:
  // Bytes of text_ from `begin` up to the next piece.
  struct Piece {
    uint32_t begin;
    uint32_t original_begin;
    uint32_t original_length;  // of what all of them came from; 0: they stand as in the original
  };
  const Piece& PieceAt(size_t offset) const;
  size_t EndOf(const Piece& piece) const;

  std::string text_;
  std::vector<Piece> pieces_;  // in order; two neighbours never both stand as in the original without a gap
};

}  // namespace privet

#endif  // PRIVET_CORE_REWRITTEN_TEXT_H_
