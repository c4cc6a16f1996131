// Identifiers of the United States.
#ifndef PRIVET_RULES_VALIDATORS_US_H_
#define PRIVET_RULES_VALIDATORS_US_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Social security number: area not 000, 666 or 9xx, group not 00, serial not 0000, and none of the printed
// samples.
Verdict CheckUsSsn(std::string_view value);

// Individual taxpayer identification number: 9xx and a group of 50-65, 70-88, 90-92 or 94-99.
Verdict CheckUsItin(std::string_view value);

// Employer identification number: a prefix that a campus of the revenue service gives out.
Verdict CheckUsEin(std::string_view value);

// Passport: nine digits, or a letter and eight digits.
Verdict CheckUsPassport(std::string_view value);

// ABA routing number: Federal Reserve district and weights 3 7 1 modulo 10.
Verdict CheckAbaRouting(std::string_view value);

// National provider identifier: ten digits whose Luhn sum counts the prefix 80840.
Verdict CheckUsNpi(std::string_view value);

// Driver's licence: the form of at least one state. Only forms with letters are rare enough to say much.
Verdict CheckUsDriverLicense(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_US_H_
