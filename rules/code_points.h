// What a character can mean to the prefilter before anything is folded (core/code_point_folding.h).
#ifndef PRIVET_RULES_CODE_POINTS_H_
#define PRIVET_RULES_CODE_POINTS_H_

#include <array>
#include <cstdint>

namespace privet {

// Bits; a code point may have several.
enum CodePointClass : uint8_t {
  kPlain = 0,
  kFoldedDigit = 1,      // becomes a digit, alone or among signs: full-width, circled, mathematical
  kFoldedLetter = 2,     // becomes letters or '@', maybe with more
  kFoldedSeparator = 4,  // becomes what may stand in a number: dashes and spaces other than ASCII's
  kInvisible = 8,        // becomes nothing
  kNumeral = 16,         // a Chinese numeral that can stand for a digit, or becomes one
  kLookAlike = 32,       // Cyrillic or Greek letter like a Latin one
  kWideLiteral = 64,     // a literal of the scanner starts with it (rules/anchors.h); never set here
  kTwoDigits = 128,      // beside kFoldedDigit: becomes two
};

inline constexpr uint32_t kBasicPlane = 0x10000;

// The classes of the basic plane, by code point.
const std::array<uint8_t, kBasicPlane>& BasicPlaneClasses();

// The class of any code point.
uint8_t CodePointClassOf(uint32_t code_point);

// Signs that separate the digits of a number.
constexpr bool SeparatesDigits(char c) {
  switch (c) {
    case ' ':
    case '-':
    case '.':
    case '/':
    case ':':
    case '(':
    case ')':
    case ',':
    case '+':
      return true;
    default:
      return false;
  }
}

}  // namespace privet

#endif  // PRIVET_RULES_CODE_POINTS_H_
