// Names of WeChat accounts.
#ifndef PRIVET_RULES_VALIDATORS_WECHAT_H_
#define PRIVET_RULES_VALIDATORS_WECHAT_H_

#include "rules/validators.h"

namespace privet {

// 6 to 20 letters, digits, '_' and '-' from a letter. Refused are names that programs give (access_token,
// NetType, WX_SECRET) and products with a version (iPhone15).
Verdict CheckWechatName(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_WECHAT_H_
