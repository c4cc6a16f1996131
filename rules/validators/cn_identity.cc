#include "rules/validators/cn_identity.h"

#include <algorithm>

#include "rules/validators/calendar.h"
#include "rules/validators/characters.h"
#include "rules/validators/check_digits.h"
#include "rules/validators/cn_divisions.h"
#include "rules/validators/country_codes.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

constexpr double kUnknownCountyShift = -1.5;
constexpr double kCountyOfOtherYearsShift = -1;

int CurrentYear() { return static_cast<int>(Today().year()); }

// In which years a number can have been given out. Since 1999 a number is given at birth or soon after;
// people born earlier got theirs with the first card, from 1984 on.
struct IssueYears {
  int first;
  int last;
};
IssueYears IssueYearsOf(int birth_year) {
  if (birth_year >= 1999) return {birth_year, std::min(birth_year + 6, CurrentYear())};
  return {birth_year, 2005};
}

// Seventeen digits and a digit or X.
bool HasShapeOf18(std::string_view text) {
  return text.size() == 18 && AllDigits(text.substr(0, 17)) && (IsDigit(text[17]) || text[17] == 'X');
}

// 81, 82 and 83 stand for Hong Kong, Macau and Taiwan in residence permits only.
bool IsPermitRegion(std::string_view text) {
  const std::string_view region = text.substr(0, 6);
  return region == "810000" || region == "820000" || region == "830000";
}

}  // namespace

Verdict CheckCnResidentId18(std::string_view value) {
  const Compact<18> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  if (!HasShapeOf18(text)) return Rejected("not 17 digits and a check character");
  if (!Mod11_2Holds(text)) return Rejected("check digit fails");
  if (!IsBirthDate(text.substr(6, 8))) return Rejected("birth date is not a real past date");
  if (IsPermitRegion(text))
    return Conclusive("check digit and birth date hold; a residence permit's region", -1);
  const IssueYears years = IssueYearsOf(static_cast<int>(NumberOf(text.substr(6, 4))));
  switch (UseOfDivision(static_cast<int>(NumberOf(text.substr(0, 6))), years.first, years.last)) {
    case DivisionUse::NoProvince:
      return Rejected("no such province");
    case DivisionUse::Unknown:
      return Conclusive("check digit and birth date hold; county code unknown", kUnknownCountyShift);
    case DivisionUse::OtherYears:
      return Conclusive("check digit and birth date hold; county code of other years",
                        kCountyOfOtherYearsShift);
    case DivisionUse::InUse:
      break;
  }
  return Conclusive("check digit and birth date hold; county code in use when given out");
}

Verdict CheckCnResidentId15(std::string_view value) {
  const Compact<15> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  if (text.size() != 15 || !AllDigits(text)) return Rejected("not 15 digits");
  const int year = 1900 + static_cast<int>(NumberOf(text.substr(6, 2)));
  if (!IsRealDate(year, static_cast<int>(NumberOf(text.substr(8, 2))),
                  static_cast<int>(NumberOf(text.substr(10, 2))))) {
    return Rejected("birth date does not exist");
  }
  switch (UseOfDivision(static_cast<int>(NumberOf(text.substr(0, 6))), year, 1999)) {
    case DivisionUse::NoProvince:
      return Rejected("no such province");
    case DivisionUse::Unknown:
      return Accepted("birth date holds; county code unknown", kUnknownCountyShift);
    case DivisionUse::OtherYears:
      return Accepted("birth date holds; county code of other years", kCountyOfOtherYearsShift);
    case DivisionUse::InUse:
      break;
  }
  return Accepted("birth date holds; county code in use before 2000");
}

Verdict CheckCnResidencePermit(std::string_view value) {
  const Compact<18> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  if (!HasShapeOf18(text)) return Rejected("not 17 digits and a check character");
  if (!IsPermitRegion(text)) return Rejected("does not begin with 810000, 820000 or 830000");
  if (!Mod11_2Holds(text)) return Rejected("check digit fails");
  if (!IsBirthDate(text.substr(6, 8))) return Rejected("birth date is not a real past date");
  return Conclusive("check digit, region and birth date hold");
}

namespace {

Verdict CheckForeignerIdOf2023(std::string_view text) {
  if (text.front() != '9') return Rejected("does not begin with 9");
  const int province = static_cast<int>(NumberOf(text.substr(1, 2)));
  if (!IsProvince(province)) return Rejected("no such province");
  if (!IsNumericCountry(static_cast<int>(NumberOf(text.substr(3, 3))))) return Rejected("no such country");
  if (!Mod11_2Holds(text)) return Rejected("check digit fails");
  if (!IsBirthDate(text.substr(6, 8))) return Rejected("birth date is not a real past date");
  return Conclusive("check digit, province, country and birth date hold");
}

Verdict CheckForeignerIdOf2004(std::string_view text) {
  if (!IsAlpha3Country(text.substr(0, 3))) return Rejected("no such country");
  const int province = static_cast<int>(NumberOf(text.substr(3, 2)));
  if (!IsProvince(province)) return Rejected("no such province");
  const int year = static_cast<int>(NumberOf(text.substr(7, 2)));
  const int month = static_cast<int>(NumberOf(text.substr(9, 2)));
  const int day = static_cast<int>(NumberOf(text.substr(11, 2)));
  if (!IsRealDate(1900 + year, month, day) && !IsRealDate(2000 + year, month, day)) {
    return Rejected("birth date does not exist");
  }
  if (Icao9303CheckDigit(text.substr(0, 14)) == text[14] - '0') {
    return Conclusive("check digit, country, province and birth date hold");
  }
  return Accepted("country, province and birth date hold; check digit fails", -2);
}

}  // namespace

Verdict CheckCnForeignerId(std::string_view value) {
  const Compact<18> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  if (HasShapeOf18(text)) return CheckForeignerIdOf2023(text);
  if (text.size() == 15 && AllUpper(text.substr(0, 3)) && AllDigits(text.substr(3))) {
    return CheckForeignerIdOf2004(text);
  }
  return Rejected("neither 3 letters and 12 digits nor 17 digits and a check character");
}

Verdict CheckCnSocialSecurity(std::string_view value) {
  const Compact<18> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  if (text.size() == 18) return CheckCnResidentId18(text);
  if (text.size() == 15 && AllDigits(text)) return CheckCnResidentId15(text);
  // Cards carry a letter and eight digits or nine digits; accounts have eight to twelve digits.
  const std::string_view digits = !text.empty() && IsUpper(text.front()) ? text.substr(1) : text;
  if (!AllDigits(digits) || digits.size() < 8 || digits.size() > 12)
    return Rejected("no length of an account");
  if (AllSame(digits)) return Rejected("one digit repeated");
  return Accepted("an account of 8 to 12 digits");
}

Verdict CheckCnDriverLicense(std::string_view value) {
  const Compact<18> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  return text.size() == 15 ? CheckCnResidentId15(text) : CheckCnResidentId18(text);
}

Verdict CheckCnDriverFileNumber(std::string_view value) {
  const Compact<12> compact(value, kGroupSeparators);
  const std::string_view text = compact.view();
  if (text.size() != 12 || !AllDigits(text)) return Rejected("not 12 digits");
  const int prefecture = static_cast<int>(NumberOf(text.substr(0, 4)));
  switch (UseOfDivision(prefecture * 100, 1980, CurrentYear())) {
    case DivisionUse::NoProvince:
      return Rejected("no such province");
    case DivisionUse::InUse:
      return Accepted("begins with a known prefecture");
    case DivisionUse::Unknown:
    case DivisionUse::OtherYears:
      break;
  }
  return Accepted("begins with a known province", -0.5);
}

}  // namespace privet
