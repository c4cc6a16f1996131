#include "rules/validators/characters.h"
#include "rules/validators/us.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// So many letters, digits, and letters behind.
struct LicenseForm {
  size_t letters;
  size_t min_digits;
  size_t max_digits;
  size_t letters_behind;
};

// The union over the states; who has each form is said behind it. Forms of fewer than four digits (Alabama,
// Oregon and others number from 1) say nothing and are left out.
constexpr LicenseForm kForms[] = {
    {0, 4, 14, 0},   // all-digit forms: most states; 13 and 14 digits Montana
    {0, 16, 16, 0},  // New York
    {0, 7, 8, 1},    // Maine, Vermont
    {0, 8, 8, 2},    // Missouri
    {0, 9, 9, 1},    // Missouri
    {1, 4, 14, 0},   // from Ohio (4) over California (7), Virginia (8 to 11), Florida, Maryland, Michigan and
                     // Minnesota (12) and Wisconsin (13) to New Jersey (14)
    {1, 18, 18, 0},  // New York
    {1, 6, 6, 1},    // Missouri (ends in R)
    {2, 2, 7, 0},    // Arizona, Colorado, Ohio, West Virginia
    {2, 6, 6, 1},    // Idaho
    {3, 6, 6, 0},    // North Dakota
};

// Forms with letters inside: 'A' is a letter, '9' a digit.
constexpr std::string_view kMixedForms[] = {
    "9A9A9",        // Kansas
    "999AA9999",    // Iowa
    "99AAA99999",   // New Hampshire
    "999A999999",   // Missouri
    "99AAA999999",  // New Hampshire, renewed
};

bool HasForm(std::string_view license, std::string_view form) {
  if (license.size() != form.size()) return false;
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] == 'A' ? !IsUpper(license[i]) : !IsDigit(license[i])) return false;
  }
  return true;
}

// Washington: up to five letters of the surname padded with '*', initials, and digits, letters or '*' behind;
// 12 in all. Since 2018 also WDL and nine characters.
bool IsWashingtonForm(std::string_view license) {
  if (license.size() != 12 || !IsUpper(license[0])) return false;
  bool has_mark = license.starts_with("WDL");
  for (char c : license) {
    if (!IsAlphanumeric(c) && c != '*') return false;
    has_mark |= c == '*';
  }
  return (has_mark || !AllUpper(license.substr(0, 7)) || IsDigit(license[7])) && CountDigits(license) > 0;
}

}  // namespace

Verdict CheckUsDriverLicense(std::string_view value) {
  const Compact<19> compact(value, " -");
  const std::string_view license = compact.view();
  size_t letters = 0;
  while (letters < license.size() && IsUpper(license[letters])) ++letters;
  size_t behind = 0;
  while (behind < license.size() - letters && IsUpper(license[license.size() - 1 - behind])) ++behind;
  const std::string_view digits = license.substr(letters, license.size() - letters - behind);
  if (AllDigits(digits)) {
    if (digits.size() > 1 && AllSame(digits)) return Rejected("one digit repeated");
    for (const LicenseForm& form : kForms) {
      if (letters == form.letters && behind == form.letters_behind && digits.size() >= form.min_digits &&
          digits.size() <= form.max_digits) {
        return letters + behind > 0 ? Accepted("letters and digits as in some state")
                                    : Accepted("digits alone as in many states", -1);
      }
    }
  }
  for (std::string_view form : kMixedForms) {
    if (HasForm(license, form)) return Accepted("letters and digits as in some state");
  }
  if (license.size() == 8 && AllUpper(license)) return Accepted("eight letters as in New York", -2);
  if (IsWashingtonForm(license)) return Accepted("form of Washington state");
  return Rejected("no state's form");
}

}  // namespace privet
