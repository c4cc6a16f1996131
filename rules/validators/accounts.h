// Names of accounts.
#ifndef PRIVET_RULES_VALIDATORS_ACCOUNTS_H_
#define PRIVET_RULES_VALIDATORS_ACCOUNTS_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// The folder of an account below /home, /Users or C:\Users: none that systems, images and services bring
// along, and no placeholder.
Verdict CheckHomeFolder(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_ACCOUNTS_H_
