#include "rules/validators/uk.h"

#include "rules/validators/characters.h"
#include "rules/validators/check_digits.h"
#include "rules/validators/verdicts.h"

namespace privet {

Verdict CheckUkNhs(std::string_view value) {
  const Compact<10> compact(value, kGroupSeparators);
  const std::string_view number = compact.view();
  if (number.size() != 10 || !AllDigits(number)) return Rejected("not ten digits");
  if (AllSame(number)) return Rejected("one digit repeated");
  constexpr int kWeights[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  if (WeightedSum(number, kWeights) % 11 != 0) return Rejected("check digit fails");
  return Accepted("check digit holds");
}

Verdict CheckUkNino(std::string_view value) {
  const Compact<9> compact(value, " -");
  const std::string_view number = compact.view();
  if (number.size() < 8 || !AllUpper(number.substr(0, 2)) || !AllDigits(number.substr(2, 6))) {
    return Rejected("not two letters and six digits");
  }
  constexpr std::string_view kNeverFirst = "DFIQUV";
  constexpr std::string_view kNeverSecond = "DFIOQUV";
  if (kNeverFirst.find(number[0]) != std::string_view::npos ||
      kNeverSecond.find(number[1]) != std::string_view::npos ||
      IsOneOf(number.substr(0, 2), "BG GB KN NK NT TN ZZ")) {
    return Rejected("prefix is not given out");
  }
  if (number.size() == 8) return Accepted("prefix is given out; suffix left out", -1);
  if (number[8] < 'A' || number[8] > 'D') return Rejected("suffix is none of A to D");
  return Accepted("prefix and suffix hold");
}

}  // namespace privet
