// Bank identifiers and passports by international standards.
#ifndef PRIVET_RULES_VALIDATORS_INTERNATIONAL_H_
#define PRIVET_RULES_VALIDATORS_INTERNATIONAL_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// IBAN (ISO 13616): ISO 7064 MOD 97-10 and the country's length and structure.
Verdict CheckIban(std::string_view value);

// Business identifier code (ISO 9362): four letters, ISO 3166 country, location, optional branch. Upper case.
Verdict CheckSwift(std::string_view value);

// The lower line of a passport's machine-readable zone (ICAO 9303-4): 44 characters, among them the check
// digits of the number, the birth date and the day of expiry.
Verdict CheckPassportZone(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_INTERNATIONAL_H_
