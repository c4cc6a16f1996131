// Every bound on what a request can ask for, in one place: `Info` reports them and docs/operations.md lists
// them.
#ifndef PRIVET_PIPELINE_LIMITS_H_
#define PRIVET_PIPELINE_LIMITS_H_

#include <cstddef>

namespace privet {

struct Limits {
  size_t max_text_bytes = 1 << 20;   // one text
  size_t max_batch_texts = 1000;     // texts in one BatchDetect call
  size_t max_batch_bytes = 4 << 20;  // all texts of one BatchDetect call
  size_t max_findings = 10000;       // findings in one answer; more are cut and `truncated` is set
  size_t max_custom_rules = 32;      // per request
  size_t max_pattern_bytes = 1000;   // one custom, allow or deny pattern
  size_t max_context_words = 64;     // per custom rule
  size_t max_list_entries = 1000;    // allow and deny entries, each list
  size_t max_entry_bytes = 1000;     // one exact allow or deny value, a rule's name or a context word
};

// A context word of a custom rule. Fixed, since what it costs to read the context of every match grows with
// it.
inline constexpr size_t kMaxContextWordCodePoints = 40;

}  // namespace privet

#endif  // PRIVET_PIPELINE_LIMITS_H_
