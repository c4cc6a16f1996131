// Phone numbers of any country, after libphonenumber's tables.
#ifndef PRIVET_RULES_VALIDATORS_PHONE_H_
#define PRIVET_RULES_VALIDATORS_PHONE_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// A number with its country code marked by '+' or "00". A number of possible length that no table knows as
// given out is accepted with a lower score, because numbering plans change.
Verdict CheckPhoneInternational(std::string_view value);

// The same without the mark, as people write it in a chat: 447700900123. Only ranges that are given out;
// behind a label, for one in some ten plain numbers of that length passes.
Verdict CheckPhoneUnmarked(std::string_view value);

// Ten digits of the North American Numbering Plan, with or without 1 or +1.
Verdict CheckPhoneUs(std::string_view value);

// A national number of Britain: 10 or 11 digits from 0.
Verdict CheckPhoneUk(std::string_view value);

// An international or North American number, one of mainland China, or a national number of Hong Kong, Macau,
// Taiwan or Britain.
Verdict CheckPhoneAny(std::string_view value);

// What a label such as "phone:" introduces: 5 to 15 digits in groups as phones have them; no date, address or
// pair of numbers.
Verdict CheckPhoneLabelled(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_PHONE_H_
