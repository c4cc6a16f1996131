#include "rules/validators/cn_business.h"

#include "rules/validators/characters.h"
#include "rules/validators/check_digits.h"
#include "rules/validators/cn_divisions.h"
#include "rules/validators/cn_identity.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// GB 32100: digits and letters without I, O, S, V and Z, which look like others. The place is the value.
constexpr std::string_view kCreditCodeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

bool CreditCodeCheckHolds(std::string_view code) {
  constexpr int kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) {
    const size_t character_value = kCreditCodeAlphabet.find(code[i]);
    if (character_value == std::string_view::npos) return false;
    sum += static_cast<int>(character_value) * kWeights[i];
  }
  return code[17] == kCreditCodeAlphabet[static_cast<size_t>((31 - sum % 31) % 31)];
}

// Registration authority and category, GB 32100-2015 table 1.
bool IsRegistrationCategory(char authority, char category) {
  switch (authority) {
    case '1':
    case '5':
    case '9':
    case 'N':
      return category == '1' || category == '2' || category == '3' || category == '9';
    case '3':
      return (category >= '1' && category <= '5') || category == '9';
    case '2':
    case '4':
    case '6':
    case '7':
    case '8':
    case 'A':
      return category == '1' || category == '2' || category == '9';
    case 'G':  // bodies of the armed forces
    case 'Y':
      return IsDigit(category);
    default:
      return false;
  }
}

// GB 11714: weights 3 7 9 10 5 8 4 2, letters A = 10 to Z = 35, check character 11 - sum mod 11 with X for
// ten.
bool OrgCodeCheckHolds(std::string_view code) {
  constexpr int kWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < 8; ++i) {
    if (!IsDigit(code[i]) && !IsUpper(code[i])) return false;
    sum += kWeights[i] * (IsDigit(code[i]) ? code[i] - '0' : code[i] - 'A' + 10);
  }
  const int check = (11 - sum % 11) % 11;
  return code[8] == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

}  // namespace

Verdict CheckCnUscc(std::string_view value) {
  const Compact<18> compact(value, kGroupSeparators);
  const std::string_view code = compact.view();
  if (code.size() != 18) return Rejected("not 18 characters");
  if (!AllDigits(code.substr(2, 6))) return Rejected("characters 3 to 8 are not digits");
  if (!CreditCodeCheckHolds(code)) return Rejected("check character fails");
  if (!IsRegistrationCategory(code[0], code[1]))
    return Rejected("no such registration authority and category");
  const int division = static_cast<int>(NumberOf(code.substr(2, 6)));
  const bool division_known = division == 100000 || IsProvince(division / 10000);
  if (!OrgCodeCheckHolds(code.substr(8, 9))) {
    return Accepted("check character holds; that of the organisation code inside fails", -1.5);
  }
  if (!division_known) return Conclusive("check characters hold; division unknown", -1);
  return Conclusive("both check characters, authority and division hold");
}

Verdict CheckCnOrgCode(std::string_view value) {
  const Compact<9> compact(value, " -");
  const std::string_view code = compact.view();
  if (code.size() != 9) return Rejected("not 9 characters");
  if (CountDigits(code) < 2) return Rejected("hardly a digit");
  if (AllSame(code.substr(0, 8))) return Rejected("one character repeated");
  if (!OrgCodeCheckHolds(code)) return Rejected("check character fails");
  return Accepted("check character holds");
}

Verdict CheckCnTaxId(std::string_view value) {
  const Compact<20> compact(value, kGroupSeparators);
  const std::string_view id = compact.view();
  if (id.size() == 18) {
    const Verdict as_credit_code = CheckCnUscc(id);
    if (as_credit_code.valid) return as_credit_code;
    return CheckCnResidentId18(id).valid ? Conclusive("a citizen identity number whose check digit holds")
                                         : Rejected("neither credit code nor identity number");
  }
  if (id.size() == 20 && IsDigit(id[18]) && IsDigit(id[19])) {
    return CheckCnResidentId18(id.substr(0, 18)).valid
               ? Conclusive("an identity number whose check digit holds, and two digits")
               : Rejected("no identity number");
  }
  if (id.size() == 17 && AllDigits(id)) {
    return CheckCnResidentId15(id.substr(0, 15)).valid ? Accepted("an old identity number and two digits")
                                                       : Rejected("no identity number");
  }
  if (id.size() != 15 || !AllDigits(id.substr(0, 6))) return Rejected("no length of a taxpayer id");
  if (!IsProvince(static_cast<int>(NumberOf(id.substr(0, 2)))) && !id.starts_with("100000")) {
    return Rejected("no such province");
  }
  if (AllDigits(id) && Mod11_10Holds(id))
    return Accepted("registration number: check digit and province hold");
  if (OrgCodeCheckHolds(id.substr(6)))
    return Accepted("province and organisation code's check character hold");
  if (CheckCnResidentId15(id).valid) return Accepted("an old identity number", -0.5);
  return Rejected("check digit fails");
}

}  // namespace privet
