// The Unicode classes that Qwen's split pattern and NFC ask about: one lookup a code point, in a table of
// some 60 KB made from ICU's properties at first use.
//
// "As Hugging Face has it" is part of the contract, because a model's vocabulary was trained on exactly
// those words: its regular expressions know Unicode 16 (letters and numbers that the ICU of Debian 12 lacks
// are added by a short list), its NFC knows Unicode 9 (marks and composites that came later are inert).
#ifndef PRIVET_QWEN3_CHARACTER_CLASSES_H_
#define PRIVET_QWEN3_CHARACTER_CLASSES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace privet {

enum CharacterClass : uint8_t {
  kLetter = 1,     // \p{L}
  kNumber = 2,     // \p{N}
  kSpace = 4,      // \s: White_Space
  kNfcActive = 8,  // may be changed by NFC, or may change a neighbour
};

class CharacterClasses {
 public:
  // The one table. Thread-safe; the first call takes some milliseconds.
  static const CharacterClasses& Get();

  // The classes of a code point, a set of CharacterClass bits; code_point <= 0x10FFFF.
  uint8_t Of(uint32_t code_point) const {
    return blocks_[static_cast<size_t>(block_of_[code_point >> 8]) << 8 | (code_point & 0xFF)];
  }

 private:
  CharacterClasses();

  std::array<uint16_t, 0x1100> block_of_;  // by the code point without its last byte
  std::vector<uint8_t> blocks_;            // 256 entries a block; equal blocks are stored once
};

// Whether NFC treats the code point at all: assigned by Unicode 9.
bool IsKnownToNfc(uint32_t code_point);

}  // namespace privet

#endif  // PRIVET_QWEN3_CHARACTER_CLASSES_H_
