// What a character can mean to the prefilter before anything is folded (core/folded_text.h).
#ifndef PRIVET_RULES_CODE_POINTS_H_
#define PRIVET_RULES_CODE_POINTS_H_

#include <array>
#include <cstdint>

namespace privet {

// Bits; a code point may have several.
enum CodePointClass : uint8_t {
  kPlain = 0,
  kFoldedDigit = 1,      // full-width, circled, mathematical
  kFoldedLetter = 2,     // full-width letters and signs
  kFoldedSeparator = 4,  // dashes and spaces other than ASCII's
  kInvisible = 8,
  kNumeral = 16,      // a Chinese numeral that can stand for a digit
  kLookAlike = 32,    // Cyrillic or Greek letter like a Latin one
  kWideLiteral = 64,  // a literal of the scanner starts with it (rules/anchors.h); never set here
};

inline constexpr uint32_t kBasicPlane = 0x10000;

// The classes of the basic plane, by code point.
const std::array<uint8_t, kBasicPlane>& BasicPlaneClasses();

// The class of any code point.
uint8_t CodePointClassOf(uint32_t code_point);

}  // namespace privet

#endif  // PRIVET_RULES_CODE_POINTS_H_
