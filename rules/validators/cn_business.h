// Numbers of organisations in the People's Republic of China.
#ifndef PRIVET_RULES_VALIDATORS_CN_BUSINESS_H_
#define PRIVET_RULES_VALIDATORS_CN_BUSINESS_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Unified social credit code (GB 32100-2015): registration authority and category, division, organisation
// code with its own check digit, check character modulo 31. An organisation code whose check digit fails
// lowers the score.
Verdict CheckCnUscc(std::string_view value);

// Organisation code (GB 11714-1997): eight characters and a check character modulo 11.
Verdict CheckCnOrgCode(std::string_view value);

// Taxpayer id: a unified social credit code; 15 characters (division and organisation code, or a business
// registration number after GS 15-2006 with ISO 7064 MOD 11,10); or a citizen identity number, alone or with
// two more digits.
Verdict CheckCnTaxId(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CN_BUSINESS_H_
