// A set of code points as a tokenizer.json writes it down: one character class of a regular expression.
#ifndef PRIVET_QWEN3_CODE_POINT_SET_H_
#define PRIVET_QWEN3_CODE_POINT_SET_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace privet {

// Immutable, thread-safe.
class CodePointSet {
 public:
  // Accepts exactly one bracketed class of single code points and ranges, such as
  // [\u4E00-\u9FFF\x{20000}-\x{2A6DF}] or [一-鿿㐀-䶿]: each end is \uHHHH, \x{H...} (1 to 6 hexadecimal
  // digits) or a code point above U+007F that stands for itself. Everything else (negation, \p{...}, ASCII,
  // nested classes, quantifiers, a range that runs backwards) is INVALID_ARGUMENT that says which.
  // `pattern` is valid UTF-8.
  static absl::StatusOr<CodePointSet> Parse(std::string_view pattern);

  bool Contains(uint32_t code_point) const {
    return (block_has_any_[code_point >> 8] != 0) && InRanges(code_point);
  }

 private:
  struct Range {
    uint32_t first, last;
  };

  bool InRanges(uint32_t code_point) const;

  std::vector<Range> ranges_;                       // in order, apart from one another
  std::array<uint8_t, 0x1100> block_has_any_ = {};  // by the code point without its last byte
};

}  // namespace privet

#endif  // PRIVET_QWEN3_CODE_POINT_SET_H_
