// One rule, ready to run over a region of text.
#ifndef PRIVET_RULES_COMPILED_RULE_H_
#define PRIVET_RULES_COMPILED_RULE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/finding.h"
#include "core/folded_text.h"
#include "rules/context.h"
#include "rules/pack.h"
#include "rules/pattern.h"
#include "rules/pattern_search.h"
#include "rules/rule_set.h"
#include "rules/validators.h"

namespace privet {

// A piece of the original text and its normalised view.
struct Region {
  std::string_view original;  // the whole text
  const FoldedText* folded;   // of the region
};

// Immutable, thread-safe.
class CompiledRule {
 public:
  ~CompiledRule();

  // Errors are those of CompilePattern (rules/pattern.h).
  static absl::StatusOr<std::unique_ptr<CompiledRule>> Compile(const RuleSpec& spec,
                                                               size_t max_memory_bytes = kPatternMemoryBytes);

  const RuleSpec& spec() const { return spec_; }

  // Appends a candidate for each match in the region whose boundary and validator hold. `trace`, if given,
  // also gets the matches that were dropped. Only the patterns whose bit is set in `patterns` run.
  // Searches as rules/pattern_search.h does, but for multiline rules, whose regions are bounded; the search
  // ends early when `stop`, where there is one, says no.
  void FindIn(const Region& region, std::vector<Candidate>* candidates, RuleTrace* trace,
              uint32_t patterns = kAllPatterns, StopPoll* stop = nullptr) const;

  // The same for one pattern, tried at `offset` of the folded text only. Returns where the match ends that
  // was taken, or `offset`.
  size_t FindAt(const Region& region, size_t pattern, size_t offset,
                std::vector<Candidate>* candidates) const;

  // The same for a region that a pattern must match from end to end: a cell of a table.
  void FindWhole(const Region& region, std::vector<Candidate>* candidates, RuleTrace* trace) const;

  size_t patterns() const { return patterns_.size(); }
  const re2::RE2& pattern(size_t i) const { return *patterns_[i]; }

  static constexpr uint32_t kAllPatterns = ~uint32_t{0};
  static constexpr size_t kMostPatterns = 32;

 private:
  explicit CompiledRule(const RuleSpec& spec);

  // What becomes of one match of a pattern, of which `folded_match` is reported: appended, or dropped with
  // the reason in the trace. Returns whether the match was taken.
  bool Judge(const Region& region, Span folded_match, Span whole, std::vector<Candidate>* candidates,
             RuleTrace* trace) const;

  RuleSpec spec_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
  const ValidatorEntry* validator_ = nullptr;
  Context context_;
};

}  // namespace privet

#endif  // PRIVET_RULES_COMPILED_RULE_H_
