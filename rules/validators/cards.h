// Payment cards and devices that number like them.
#ifndef PRIVET_RULES_VALIDATORS_CARDS_H_
#define PRIVET_RULES_VALIDATORS_CARDS_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Card of a bank in China: a prefix of the table with its length, or 62 (UnionPay) with a softer score; Luhn.
Verdict CheckCnBankCard(std::string_view value);

// Card of an international scheme: issuer range (ISO/IEC 7812) with its lengths; Luhn.
Verdict CheckCreditCard(std::string_view value);

// Any number that satisfies the Luhn formula.
Verdict CheckLuhn(std::string_view value);

// IMEI (3GPP TS 23.003): 15 digits with Luhn, or 16 with a software version in place of the check digit.
Verdict CheckImei(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CARDS_H_
