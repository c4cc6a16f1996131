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
// and varied enough (Shannon entropy of its characters).
Verdict CheckSecretEntropy(std::string_view value);

// The same for a value where a URL carries a credential. Of letters and digits it is conclusive: no other
// reading of the URL can make it harmless. Of digits or letters alone it is no credential.
Verdict CheckUrlCredential(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_SECRETS_H_
