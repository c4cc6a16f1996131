// Tokens and passwords.
#ifndef PRIVET_RULES_VALIDATORS_SECRETS_H_
#define PRIVET_RULES_VALIDATORS_SECRETS_H_

#include "rules/validators.h"

namespace privet {

// JSON Web Token (RFC 7519): the first part decodes to a JSON object with "alg".
Verdict CheckJwt(std::string_view value);

// What HTTP's Basic scheme sends (RFC 7617): Base64 of a name, ':' and a password.
Verdict CheckBasicCredentials(std::string_view value);

// A value given to a password, key or token: neither a placeholder, a variable nor a word of documentation,
// and varied enough (Shannon entropy of its characters). Of several words it wants more: sentences have
// spaces.
Verdict CheckSecretEntropy(std::string_view value);

// What stands behind `password=` in a URL: letters and digits, varied, and no placeholder. Conclusive, as no
// other reading of the URL can make a password of it.
Verdict CheckUrlPassword(std::string_view value);

// A token, key or signature: as in a random string, letters and digits, or small and capital letters, take
// turns. Words, years and running numbers with separators between them do not. Conclusive.
Verdict CheckRandomToken(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_SECRETS_H_
