// Check-digit systems that several kinds of number use. All take characters without separators, letters in
// upper case, and are constant in memory.
#ifndef PRIVET_RULES_VALIDATORS_CHECK_DIGITS_H_
#define PRIVET_RULES_VALIDATORS_CHECK_DIGITS_H_

#include <span>
#include <string_view>

namespace privet {

// The Luhn formula (ISO/IEC 7812-1, annex B) over digits, the check digit being the last.
bool LuhnHolds(std::string_view digits);

// ISO 7064 MOD 11-2 over digits whose last character may be X for ten (GB 11643, ISNI).
bool Mod11_2Holds(std::string_view digits_or_x);

// ISO 7064 MOD 11,10 over digits (business registration numbers of GS 15-2006).
bool Mod11_10Holds(std::string_view digits);

// ISO 7064 MOD 97-10 over digits and letters (A = 10 ... Z = 35): the remainder, which is 1 for a valid
// number. -1 when another character is among them.
int Mod97Remainder(std::string_view alphanumeric);

// The sum of each digit times the weight at its place. `digits` and `weights` have the same length.
int WeightedSum(std::string_view digits, std::span<const int> weights);

// The check digit of machine-readable travel documents (ICAO 9303-3, 4.9): weights 7 3 1 over digits, letters
// (A = 10 ... Z = 35) and '<' (0), modulo 10. -1 when another character is among them.
int Icao9303CheckDigit(std::string_view characters);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CHECK_DIGITS_H_
