// Identity numbers of the People's Republic of China.
#ifndef PRIVET_RULES_VALIDATORS_CN_IDENTITY_H_
#define PRIVET_RULES_VALIDATORS_CN_IDENTITY_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Citizen identity number of 18 characters (GB 11643-1999): ISO 7064 MOD 11-2 check character, real birth
// date, and a county code that was in use when the number was given out. A code not in use then only lowers
// the score.
Verdict CheckCnResidentId18(std::string_view value);

// The form of 15 digits given out until 1999, which has no check digit.
Verdict CheckCnResidentId15(std::string_view value);

// Residence permit of Hong Kong, Macau and Taiwan residents: 810000, 820000 or 830000 in place of the county.
Verdict CheckCnResidencePermit(std::string_view value);

// Foreigner's permanent residence card: 15 characters (country, place, birth date, check digit after ICAO
// 9303) or, since 2023, 18 digits (9, province, ISO 3166 numeric country, birth date, MOD 11-2 check
// character).
Verdict CheckCnForeignerId(std::string_view value);

// Social security number: the citizen identity number, or the older account numbers of 8 to 12 digits.
Verdict CheckCnSocialSecurity(std::string_view value);

// Driver's licence number: the holder's identity number of 18 or 15 characters.
Verdict CheckCnDriverLicense(std::string_view value);

// File number of a driver's licence: 12 digits that begin with a division code of four digits.
Verdict CheckCnDriverFileNumber(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CN_IDENTITY_H_
