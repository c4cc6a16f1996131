// Addresses of networks and interfaces.
#ifndef PRIVET_RULES_VALIDATORS_NETWORK_H_
#define PRIVET_RULES_VALIDATORS_NETWORK_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Four decimal numbers up to 255 without leading zeros, with or without /0 to /32.
Verdict CheckIpv4(std::string_view value);

// RFC 4291: eight groups, "::" once, an IPv4 address in the last two groups; with or without a zone (RFC
// 4007) or /0 to /128.
Verdict CheckIpv6(std::string_view value);

// Six or eight hexadecimal pairs with one kind of separator (':', '-', ' '), or groups of four with dots.
Verdict CheckMacAddress(std::string_view value);

// 8-4-4-4-12 hexadecimal digits (RFC 9562); an unknown version or variant lowers the score.
Verdict CheckUuid(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_NETWORK_H_
