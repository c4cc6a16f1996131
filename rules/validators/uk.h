// Identifiers of the United Kingdom.
#ifndef PRIVET_RULES_VALIDATORS_UK_H_
#define PRIVET_RULES_VALIDATORS_UK_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// NHS number: ten digits, weights 10 to 2, check digit modulo 11.
Verdict CheckUkNhs(std::string_view value);

// National insurance number: a prefix that is given out, six digits, A to D.
Verdict CheckUkNino(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_UK_H_
