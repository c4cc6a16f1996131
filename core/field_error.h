// Errors about one field of a request or file. The field travels as a payload of the absl::Status, so that
// the server can answer with google.rpc.BadRequest and the command line can name the flag.
#ifndef PRIVET_CORE_FIELD_ERROR_H_
#define PRIVET_CORE_FIELD_ERROR_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace privet {

// INVALID_ARGUMENT whose message is "FIELD: DESCRIPTION". `field` is a path such as
// "policy.custom_rules[2].pattern". The description says what is wrong, where (an offset, where there is one)
// and what to do; it never holds text of the document.
absl::Status InvalidField(std::string_view field, std::string_view description);

// The same error seen from one level up: "texts[3]" + "text" becomes "texts[3].text". A status without a
// field is returned as it is.
absl::Status PrefixField(const absl::Status& status, std::string_view prefix);

// The field that InvalidField named, and its description; empty for other statuses.
struct FieldViolation {
  std::string field;
  std::string description;
};
FieldViolation ViolationOf(const absl::Status& status);

}  // namespace privet

#endif  // PRIVET_CORE_FIELD_ERROR_H_
