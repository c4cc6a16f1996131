// The rules engine: packs compiled to run over text in one go.
//
// A scan (rules/anchors.h) finds the few places where anything with a form can be: numbers, '@', "://" and
// the literals that rules ask for. Around them small regions of the text are folded (core/folded_text.h), and
// of all patterns only those run whose gate the region opens. Patterns are RE2 and read no more than their
// region, or a window of bounded size (rules/pattern_search.h), so time is linear in the text. A match must
// keep its boundary, pass its validator, and then context words move its score.
#ifndef PRIVET_RULES_RULE_SET_H_
#define PRIVET_RULES_RULE_SET_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/finding.h"
#include "core/taxonomy.h"
#include "core/unescape.h"
#include "rules/pack.h"
#include "rules/pattern.h"

namespace privet {

// A compiled rule; opaque outside rules/.
class CompiledRule;

// What became of one match of one rule, for `privet rules explain`.
struct MatchTrace {
  Span span;
  std::string
      outcome;  // "reported with 0.97", "dropped: boundary", "dropped: validator: check digit is wrong"
  Evidence evidence;
};

// Why one rule fired or did not.
struct RuleTrace {
  std::string rule_id;
  EntityType type = EntityType::OTHER_ID;
  std::string gate;  // "open", or what was missing: "no number of 11 digits or more"
  std::vector<MatchTrace> matches;
};

struct ScanRequest {
  TypeSet types = AllTypes();  // rules of other types do not run
  TypeSet ungated = {};        // rules of these types run over the whole text, whatever their gates say
  std::span<const std::shared_ptr<const CompiledRule>> custom_rules = {};  // run over the whole text
  const std::function<bool()>* stop = nullptr;  // polled every few KiB and searches; true ends the scan
};

// Immutable after Compile, safe to use from many threads.
class RuleSet {
 public:
  ~RuleSet();

  // Compiles packs. The first fault is an error that reads "FILE:LINE: rule 'ID': REASON": a pattern that RE2
  // refuses, an unknown type or validator, a duplicate id, a rule without a gate.
  static absl::StatusOr<std::shared_ptr<const RuleSet>> Compile(std::span<const Pack> packs);

  // Parses and compiles in one step.
  static absl::StatusOr<std::shared_ptr<const RuleSet>> Load(std::span<const PackSource> sources);

  // All candidates in what `text` reads like, with spans of that, in order of position; they may overlap.
  // URLs and secrets are looked for as they are written as well: decoded, they would end at a sign that they
  // encode. CANCELLED when stopped; INVALID_ARGUMENT, without a field, when custom or ungated rules match
  // more often than memory should hold.
  absl::StatusOr<std::vector<Candidate>> Scan(const UnescapedText& text, const ScanRequest& request) const;

  // For every rule why it fired or not on valid UTF-8 `text` (meant for short texts), looked at as Scan does;
  // spans are of the text as it is written.
  std::vector<RuleTrace> Explain(std::string_view text) const;

  // The rules in pack order, as written.
  const std::vector<RuleSpec>& specs() const;

  // A rule from a request; errors are those of CompilePattern (rules/pattern.h), without a field name.
  static absl::StatusOr<std::shared_ptr<const CompiledRule>> CompileCustomRule(
      const RuleSpec& spec, size_t max_memory_bytes = kPatternMemoryBytes);

 private:
  RuleSet();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace privet

#endif  // PRIVET_RULES_RULE_SET_H_
