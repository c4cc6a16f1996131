// The patterns that begin with a number, or with the word before one, tried together at the few places where
// such a thing is.
//
// A hundred patterns that may start anywhere make an automaton with more states than a cache holds. Those
// that begin with a digit, '(' or '+' can only match where a number starts, and an automaton that is anchored
// there is small and is done a few bytes behind the number.
#ifndef PRIVET_RULES_NUMBER_PATTERNS_H_
#define PRIVET_RULES_NUMBER_PATTERNS_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rules/number_scan.h"
#include "rules/pack.h"

namespace re2 {
class RE2;
}

namespace privet {

// Compile once after all of Add; then immutable and thread-safe.
class NumberPatterns {
 public:
  NumberPatterns();
  ~NumberPatterns();

  // Takes pattern `pattern` of rule `rule` in, if every match of it starts at the start of a run of digits,
  // with a digit or with '(' or '+' and signs before it; or if it begins with a letter and the rule's gate is
  // `lettered`. Returns whether it was taken.
  bool Add(uint16_t rule, uint16_t pattern, const RuleSpec& spec, const re2::RE2& compiled);

  // RESOURCE_EXHAUSTED when the patterns need too much memory together.
  absl::Status Compile();

  // A place in the text where a match of a pattern may start.
  struct Start {
    uint16_t rule;
    uint16_t pattern;
    uint32_t offset;

    friend auto operator<=>(const Start&, const Start&) = default;
  };

  // Where to look at one number: at its digits, at the word before it.
  struct Wanted {
    bool number = false;
    bool word = false;
  };

  // Replaces `starts` by all such places at numbers that `wanted` takes, or that have another close behind,
  // in order of rule, pattern and offset. Where a run of digits begins inside of an escape sequence
  // (%20138...) a match may also start behind that. In a number that is a date, a time or an address by its
  // shape only its own start counts. False when the automaton ran out of memory: then anything may match
  // anywhere.
  bool Find(std::string_view folded, absl::FunctionRef<Wanted(const NumberScan&)> wanted,
            std::vector<Start>* starts) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace privet

#endif  // PRIVET_RULES_NUMBER_PATTERNS_H_
