#include "rules/validators/greater_china.h"

#include <algorithm>

#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

bool HkCheckHolds(std::string_view letters, std::string_view six_digits, char check) {
  const auto letter_value = [](char c) { return c - 'A' + 10; };
  // A single letter stands in the second place; an absent first one counts as 36.
  int sum = 9 * (letters.size() == 2 ? letter_value(letters[0]) : 36) + 8 * letter_value(letters.back());
  for (size_t i = 0; i < 6; ++i) sum += (7 - static_cast<int>(i)) * (six_digits[i] - '0');
  sum += check == 'A' ? 10 : check - '0';
  return sum % 11 == 0;
}

// The number that each letter of a Taiwan identity number stands for, from A on.
constexpr int kTwLetterValues[] = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                   22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
int TwLetterValue(char letter) { return kTwLetterValues[letter - 'A']; }

}  // namespace

Verdict CheckHkId(std::string_view value) {
  const Compact<9> compact(value, " -()[]");
  const std::string_view id = compact.view();
  if (id.size() < 8) return Rejected("shorter than a Hong Kong identity number");
  const size_t letters = id.size() - 7;
  if (!AllUpper(id.substr(0, letters)) || !AllDigits(id.substr(letters, 6))) {
    return Rejected("not one or two letters and six digits");
  }
  const char check = id.back();
  if (!IsDigit(check) && check != 'A') return Rejected("no check digit");
  if (!HkCheckHolds(id.substr(0, letters), id.substr(letters, 6), check))
    return Rejected("check digit fails");
  const bool bracketed = value.find_first_of("([") != std::string_view::npos;
  if (bracketed) return Conclusive("check digit in brackets holds");
  return Accepted("check digit holds", letters == 2 ? -0.5 : 0);
}

Verdict CheckMacauId(std::string_view value) {
  const Compact<8> compact(value, " -/()[]");
  const std::string_view id = compact.view();
  if (id.size() != 8 || !AllDigits(id)) return Rejected("not 8 digits");
  if (id[0] != '1' && id[0] != '5' && id[0] != '7') return Rejected("does not begin with 1, 5 or 7");
  const size_t mark = value.find_first_of("/([");
  if (mark == std::string_view::npos) return Accepted("first digit holds; written without marks", -2);
  return Accepted("first digit and the marks of the card hold");
}

Verdict CheckTwId(std::string_view value) {
  const Compact<10> compact(value, " -");
  const std::string_view id = compact.view();
  if (id.size() != 10 || !IsUpper(id[0]) || !AllDigits(id.substr(2)))
    return Rejected("not a letter and nine digits");
  int second = 0;
  std::string_view kind;
  if (id[1] == '1' || id[1] == '2') {
    second = id[1] - '0';
    kind = "check digit and sex digit hold";
  } else if (id[1] == '8' || id[1] == '9') {
    second = id[1] - '0';
    kind = "check digit of a resident certificate holds";
  } else if (id[1] >= 'A' && id[1] <= 'D') {
    second = TwLetterValue(id[1]) % 10;
    kind = "check digit of a resident certificate of the old form holds";
  } else {
    return Rejected("second character is none of 1, 2, 8, 9 and A to D");
  }
  int sum = TwLetterValue(id[0]) / 10 + 9 * (TwLetterValue(id[0]) % 10) + 8 * second;
  for (size_t i = 2; i < 9; ++i) sum += (9 - static_cast<int>(i)) * (id[i] - '0');
  sum += id[9] - '0';
  if (sum % 10 != 0) return Rejected("check digit fails");
  return IsLower(value.front()) ? Accepted(kind, -0.7) : Conclusive(kind);
}

Verdict CheckTwUbn(std::string_view value) {
  const Compact<8> compact(value, " -");
  const std::string_view number = compact.view();
  if (number.size() != 8 || !AllDigits(number)) return Rejected("not 8 digits");
  if (AllSame(number)) return Rejected("one digit repeated");
  constexpr int kWeights[] = {1, 2, 1, 2, 1, 2, 4, 1};
  int sum = 0;
  for (size_t i = 0; i < 8; ++i) {
    const int product = kWeights[i] * (number[i] - '0');
    sum += product / 10 + product % 10;
  }
  // 4 x 7 = 28 has the digit sum 10, which may count as 1 or as 0.
  if (sum % 5 == 0 || (number[6] == '7' && (sum + 1) % 5 == 0)) return Accepted("check digit holds");
  return Rejected("check digit fails");
}

}  // namespace privet
