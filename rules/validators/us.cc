#include "rules/validators/us.h"

#include "rules/validators/characters.h"
#include "rules/validators/check_digits.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// Nine digits, alone or in groups 3-2-4 with twice the same separator.
bool IsGrouped324(std::string_view value) {
  if (value.size() == 9) return AllDigits(value);
  return value.size() == 11 && value[3] == value[6] &&
         kGroupSeparators.find(value[3]) != std::string_view::npos && AllDigits(value.substr(0, 3)) &&
         AllDigits(value.substr(4, 2)) && AllDigits(value.substr(7));
}

}  // namespace

Verdict CheckUsSsn(std::string_view value) {
  if (!IsGrouped324(value)) return Rejected("not nine digits in groups of 3, 2 and 4");
  const Compact<9> compact(value, kGroupSeparators);
  const std::string_view ssn = compact.view();
  if (ssn.starts_with("000") || ssn.starts_with("666") || ssn[0] == '9')
    return Rejected("area is not given out");
  if (ssn.substr(3, 2) == "00") return Rejected("group 00 is not given out");
  if (ssn.substr(5) == "0000") return Rejected("serial 0000 is not given out");
  // Printed on sample cards and in advertisements, or plainly made up.
  if (IsOneOf(ssn, "078051120 219099999 457555462") || AllSame(ssn)) return Rejected("a known sample");
  if (ssn == "123456789") return Accepted("possible, though it counts up from one", -0.3);
  return Accepted("area, group and serial are possible");
}

Verdict CheckUsItin(std::string_view value) {
  if (!IsGrouped324(value)) return Rejected("not nine digits in groups of 3, 2 and 4");
  const Compact<9> compact(value, kGroupSeparators);
  const std::string_view itin = compact.view();
  if (itin[0] != '9') return Rejected("does not begin with 9");
  const int group = static_cast<int>(NumberOf(itin.substr(3, 2)));
  const bool given_out =
      (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 99);
  if (!given_out || group == 93) return Rejected("group is not given out");
  return Accepted("9 and a group that is given out");
}

Verdict CheckUsEin(std::string_view value) {
  const bool separated = value.size() == 10 && (value[2] == '-' || value[2] == ' ');
  if (!separated && value.size() != 9) return Rejected("not two and seven digits");
  const Compact<9> compact(value, separated ? std::string_view("- ") : std::string_view());
  const std::string_view ein = compact.view();
  if (ein.size() != 9 || !AllDigits(ein)) return Rejected("not two and seven digits");
  if (IsOneOf(ein.substr(0, 2), "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97")) {
    return Rejected("prefix is not given out");
  }
  if (AllSame(ein)) return Rejected("one digit repeated");
  return Accepted("prefix is given out", separated ? 0 : -0.5);
}

Verdict CheckUsPassport(std::string_view value) {
  const Compact<9> compact(value, " ");
  const std::string_view number = compact.view();
  if (number.size() != 9 || !AllDigits(number.substr(1))) return Rejected("not nine characters");
  if (IsUpper(number[0])) return Accepted("a letter and eight digits, since 2021");
  if (!IsDigit(number[0]) || AllSame(number))
    return Rejected("neither nine digits nor a letter and eight digits");
  return Accepted("nine digits");
}

Verdict CheckAbaRouting(std::string_view value) {
  const Compact<9> compact(value, " -");
  const std::string_view number = compact.view();
  if (number.size() != 9 || !AllDigits(number)) return Rejected("not nine digits");
  const int district = static_cast<int>(NumberOf(number.substr(0, 2)));
  const bool known = district <= 12 || (district >= 21 && district <= 32) ||
                     (district >= 61 && district <= 72) || district == 80;
  if (!known || AllSame(number)) return Rejected("no Federal Reserve district");
  constexpr int kWeights[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
  if (WeightedSum(number, kWeights) % 10 != 0) return Rejected("check digit fails");
  return Conclusive("check digit and Federal Reserve district hold");
}

Verdict CheckUsNpi(std::string_view value) {
  const Compact<10> compact(value, " -");
  const std::string_view number = compact.view();
  if (number.size() != 10 || !AllDigits(number)) return Rejected("not ten digits");
  if (number[0] != '1' && number[0] != '2') return Rejected("begins with neither 1 nor 2");
  if (AllSame(number.substr(1))) return Rejected("one digit repeated");
  std::array<char, 15> prefixed{'8', '0', '8', '4', '0'};
  for (size_t i = 0; i < 10; ++i) prefixed[5 + i] = number[i];
  if (!LuhnHolds({prefixed.data(), prefixed.size()})) return Rejected("check digit fails");
  return Conclusive("check digit with prefix 80840 holds");
}

}  // namespace privet
