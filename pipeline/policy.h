// What a caller asks of one call: which types, how sure, which rules of its own, what to leave out.
#ifndef PRIVET_PIPELINE_POLICY_H_
#define PRIVET_PIPELINE_POLICY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "pipeline/limits.h"
#include "pipeline/offer.h"
#include "pipeline/stop_token.h"

namespace privet {

// A rule for this call only. It runs whatever `Policy::types` says; the threshold of its type holds.
struct CustomRule {
  std::string name = {};          // names it in the evidence, "custom:NAME"; no two rules share one
  std::string type = "OTHER_ID";  // an id of the taxonomy
  // RE2 on the normalised view (core/folded_text.h), one line at a time with ^ and $ at its ends; the first
  // capture group, if any, is the reported span. A match of up to kSureMatchBytes (4 KiB) is found whole,
  // wherever it stands (rules/pattern_search.h).
  std::string pattern = {};
  double score = 0.9;  // before context words
  // Near a match they raise the score; each has at most kMaxContextWordCodePoints.
  std::vector<std::string> context_words = {};
};

// A value, exact or as a pattern.
struct ListEntry {
  // How `value` is read.
  enum class Kind {
    Exact,    // allow: the value itself, in any writing (138-0013-8000 is 13800138000). deny: this text
              // wherever it occurs; where it begins or ends with an ASCII letter or digit, as a whole word.
    Pattern,  // RE2. allow: it must match the whole value, as it reads or folded. deny: each match in the
              // text, found as those of custom rules are but in the text unfolded, over all its lines.
  };
  Kind kind = Kind::Exact;
  std::string value = {};
  // allow: only findings of this type (empty: any). deny: the type reported (empty: OTHER_ID).
  std::string type = {};
};

// A request's policy as the caller wrote it: plain values, not yet checked. The text that its patterns and
// lists are for is what escape sequences read like (core/unescape.h): a list's value ann@example.com is found
// in ann%40example.com as well.
struct Policy {
  std::vector<std::string> types = {};  // empty: all the bundle's defaults
  std::string operating_point = {};     // empty: "balanced"
  // Overrides the operating point's least score, for all types or for one. Where it is below the point's tau,
  // stage 1 proposes down to it too, so that what is asked for can be found. 0: every candidate whose
  // validator holds. Up to 0.05 rules run without a gate, which takes more time.
  std::optional<double> min_score = {};
  std::map<std::string, double> min_score_by_type = {};
  std::vector<CustomRule> custom_rules = {};
  // Values never reported: a finding whose text one of these names is left out, and what it overlapped does
  // not come back in its place.
  std::vector<ListEntry> allow = {};
  // Values always reported, with score 1, whatever `types` and thresholds say. They displace every finding
  // that they overlap, and `allow` never hides them. Of those that overlap one another the longest counts.
  std::vector<ListEntry> deny = {};
  uint32_t max_findings = 0;  // 0: the server's limit
};

// A policy that was checked and compiled once and can be applied to many texts, from any thread.
class CompiledPolicy;

// Checks everything against the taxonomy, the operating points of `offer` and the limits. An error is
// INVALID_ARGUMENT and names the field relative to the policy, such as "custom_rules[1].pattern", the offset
// in a pattern where RE2 tells it, and what to do (core/field_error.h). It may repeat an id that the caller
// wrote, but no pattern and no listed value. All patterns share 64 MiB of memory; one that needs more than
// its share is refused. `stop` is polled between patterns, which can take a tenth of a second each; CANCELLED
// when it said so.
absl::StatusOr<std::shared_ptr<const CompiledPolicy>> CompilePolicy(const Policy& policy,
                                                                    const Limits& limits,
                                                                    const Offer& offer = RulesOnlyOffer(),
                                                                    const StopToken& stop = {});

}  // namespace privet

#endif  // PRIVET_PIPELINE_POLICY_H_
