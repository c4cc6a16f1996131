// Country codes of ISO 3166-1, and those that travel documents add.
#ifndef PRIVET_RULES_VALIDATORS_COUNTRY_CODES_H_
#define PRIVET_RULES_VALIDATORS_COUNTRY_CODES_H_

#include <string_view>

namespace privet {

// Upper-case letters; "XK" (Kosovo), which banks use, counts too.
bool IsAlpha2Country(std::string_view code);
bool IsAlpha3Country(std::string_view code);
bool IsNumericCountry(int code);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_COUNTRY_CODES_H_
