// Identity numbers of Hong Kong, Macau and Taiwan.
#ifndef PRIVET_RULES_VALIDATORS_GREATER_CHINA_H_
#define PRIVET_RULES_VALIDATORS_GREATER_CHINA_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Hong Kong identity card: one or two letters, six digits and a check digit modulo 11 (A for ten), mostly in
// brackets.
Verdict CheckHkId(std::string_view value);

// Macau identity card: 1, 5 or 7, six digits and one more: 1/234567/8 or 1234567(8). Its check digit is not
// public.
Verdict CheckMacauId(std::string_view value);

// Taiwan: national identity number, or resident certificate of the form since 2021 (letter, 8 or 9) or before
// (two letters); check digit modulo 10 over the weights 1 9 8 7 6 5 4 3 2 1 1.
Verdict CheckTwId(std::string_view value);

// Taiwan unified business number: weights 1 2 1 2 1 2 4 1 over digit sums, modulo 5 since 2023.
Verdict CheckTwUbn(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_GREATER_CHINA_H_
