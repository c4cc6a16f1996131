// Rewrites a text so that its findings are no longer readable.
#ifndef PRIVET_PIPELINE_REDACTOR_H_
#define PRIVET_PIPELINE_REDACTOR_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/finding.h"
#include "core/taxonomy.h"

namespace privet {

// What to do with the findings of one type.
struct Redaction {
  Treatment treatment = Treatment::Mask;
  size_t keep_first = 0;        // mask: leading code points left as they are
  size_t keep_last = 0;         // mask: trailing code points left as they are
  std::string mask_with = "*";  // mask: one code point, written for each hidden one
};

struct RedactionPlan {
  std::map<EntityType, Redaction> by_type;  // types not listed use the taxonomy's default treatment
  std::optional<Redaction> fallback;        // for all types not listed, instead of the taxonomy's default
  std::string hash_key;                     // HMAC-SHA256 key; `hash` is refused when empty
};

// One replacement. `output` is where it lies in the redacted text.
struct Replacement {
  Span input;
  Span output;
  EntityType type = EntityType::OTHER_ID;
  Treatment treatment = Treatment::Mask;
  double score = 0;  // of the finding
};

struct RedactedText {
  std::string text;
  std::vector<Replacement> replacements;  // one for each finding that was not kept, in order
};

// Checks a plan once: FAILED_PRECONDITION when it can reach `hash` without a key; INVALID_ARGUMENT for a mask
// that is not one code point, with its field ("redactions[PERSON].mask_with" or
// "default_redaction.mask_with").
absl::Status ValidateRedactionPlan(const RedactionPlan& plan);

// Numbers values for `replace`: the same value of a type gets the same number (<PERSON_1>) for as long as the
// object lives; one request uses one object for all its texts. Not thread-safe.
class ValueNumbering {
 public:
  // 1 for the first value of a type, 2 for the next new one, and so on.
  size_t NumberOf(EntityType type, std::string_view value);

 private:
  std::map<EntityType, std::map<std::string, size_t, std::less<>>> numbers_;
};

// `findings` as Detector gives them for `text`: in order, without overlaps. The plan must have been
// validated.
//   mask: each hidden code point becomes `mask_with`; where keep_first and keep_last together would leave
//     nothing hidden, everything is hidden;
//   replace: <TYPE_N>, with the number that `numbering` gives the value;
//   hash: <TYPE:HEX>, with the first 16 bytes of HMAC-SHA256(key, value).
// The last two compare values by their normal form (pipeline/normal_form.h), so that 138-0013-8000 and
// 13800138000 get one number and one hash.
RedactedText Redact(std::string_view text, std::span<const Finding> findings, const RedactionPlan& plan,
                    ValueNumbering* numbering);

}  // namespace privet

#endif  // PRIVET_PIPELINE_REDACTOR_H_
