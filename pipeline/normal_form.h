// When two writings are one value: for numbering, hashing and allow lists. Internal to pipeline/.
#ifndef PRIVET_PIPELINE_NORMAL_FORM_H_
#define PRIVET_PIPELINE_NORMAL_FORM_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/taxonomy.h"

namespace privet {

// What of a value's writing carries no meaning. All forms start from the folded view (core/folded_text.h).
enum class NormalForm : uint8_t {
  Text,             // the folded view as it is
  CaseInsensitive,  // in lower case: e-mail addresses, account names, IP addresses
  Number,           // in upper case and without separators: 138-0013-8000 is 13800138000
};
inline constexpr std::array<NormalForm, 3> kNormalForms = {NormalForm::Text, NormalForm::CaseInsensitive,
                                                           NormalForm::Number};

NormalForm NormalFormOf(EntityType type);

// `value` is valid UTF-8, its escape sequences decoded (core/unescape.h). Never empty for a value that has a
// visible character: a "number" of separators alone stays as it is.
std::string Normalise(NormalForm form, std::string_view value);

}  // namespace privet

#endif  // PRIVET_PIPELINE_NORMAL_FORM_H_
