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
  size_t keep_first = 0;        // mask: leading characters left as they are
  size_t keep_last = 0;         // mask: trailing characters left as they are
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

// The bytes of a file as a plan's hash_key. INVALID_ARGUMENT, with the file, where there are fewer than 16:
// short keys are guessed. Errors of ReadFile.
absl::StatusOr<std::string> ReadHashKey(const std::string& file);

// Checks a plan once: FAILED_PRECONDITION when it can reach `hash` without a key; INVALID_ARGUMENT for a mask
// that is not one code point, with its field ("redactions[PERSON].mask_with" or
// "default_redaction.mask_with").
absl::Status ValidateRedactionPlan(const RedactionPlan& plan);

// `findings` as Detector gives them for `text`: in order, without overlaps. The plan must have been
// validated.
//   mask: each hidden character, a code point or an escape sequence that stands for one (core/unescape.h),
//     becomes `mask_with`; where keep_first and keep_last together would leave nothing hidden, all is hidden;
//   replace: <TYPE_N>: the same value of a type gets the same number throughout the text, the first one 1. A
//     number that the text itself holds, as after an earlier redaction, is not given again;
//   hash: <TYPE:HEX>, with the first 16 bytes of HMAC-SHA256(key, value).
// The last two compare values by their normal form (pipeline/normal_form.h), so that 138-0013-8000 and
// 13800138000 get one number and one hash.
RedactedText Redact(std::string_view text, std::span<const Finding> findings, const RedactionPlan& plan);

}  // namespace privet

#endif  // PRIVET_PIPELINE_REDACTOR_H_
