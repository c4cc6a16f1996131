// E-mail addresses and URLs.
#ifndef PRIVET_RULES_VALIDATORS_WEB_H_
#define PRIVET_RULES_VALIDATORS_WEB_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// RFC 5321 and 6531: local part of at most 64 bytes (dot atoms, letters of any script, escapes, or quoted),
// '@', host name with a known top-level domain, or an address literal in brackets.
Verdict CheckEmail(std::string_view value);

// A URL with one of the usual schemes, or one without a scheme whose host has a known top-level domain. User,
// port, path, query and fragment are checked for what can stand there.
Verdict CheckUrl(std::string_view value);

// A host name alone. An ending that is also a file's (main.py) lowers the score.
Verdict CheckBareDomain(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_WEB_H_
