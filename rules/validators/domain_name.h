// Host names as e-mail addresses and URLs carry them.
#ifndef PRIVET_RULES_VALIDATORS_DOMAIN_NAME_H_
#define PRIVET_RULES_VALIDATORS_DOMAIN_NAME_H_

#include <string_view>

namespace privet {

enum class TopLevel {
  Known,      // the last label is a top-level domain
  Ambiguous,  // it is one, and a file name's ending or a common word as well: main.py, Socket.io
  Unknown,
};

struct DomainName {
  bool valid =
      false;  // at least two labels of letters, digits and inner dashes, each up to 63 bytes, 253 in all
  TopLevel top_level = TopLevel::Unknown;
  std::string_view reason;  // why it is not valid
};

// Letters of any script count (RFC 5890). Underscores are allowed in labels left of the last two, where
// services use them. One trailing dot is not allowed here.
DomainName ParseDomainName(std::string_view name);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_DOMAIN_NAME_H_
