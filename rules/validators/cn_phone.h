// Phone numbers of mainland China, by tables alone.
#ifndef PRIVET_RULES_VALIDATORS_CN_PHONE_H_
#define PRIVET_RULES_VALIDATORS_CN_PHONE_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Mobile number of 11 digits, with or without +86, 0086, 86 or (86) and an extension: the first three digits
// are given to an operator; the first seven are in the segment table, or the score is lowered.
Verdict CheckCnMobile(std::string_view value);

// Landline: area code of the table and a local number of 7 or 8 digits as the area has them; without area
// code a bare local number. With or without +86, 0086, 86 and an extension.
Verdict CheckCnLandline(std::string_view value);

// Service numbers: 400 and 800 with seven more digits, 95 with three to six more, 96 with three or four more,
// 10 and 12 with three or more, 100, 101 and 11x of three digits.
Verdict CheckCnServiceNumber(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CN_PHONE_H_
