// The registry of validators: checks that a pattern cannot make (check digits, dates, ranges, tables).
#ifndef PRIVET_RULES_VALIDATORS_H_
#define PRIVET_RULES_VALIDATORS_H_

#include <span>
#include <string_view>

namespace privet {

// What a validator says of one matched value.
struct Verdict {
  bool valid = false;
  // A check that a random value of this shape passes with at most a few percent of chance: such a finding
  // needs no second opinion.
  bool conclusive = false;
  // Moves the rule's score, in logits: negative where a soft check failed (an unknown county code), positive
  // where something uncommon held.
  double shift = 0;
  // What was found, in words, for evidence and `privet rules explain`. Static text: never a piece of the
  // value.
  std::string_view reason;
};

// `value` is the match in the normalised view (core/folded_text.h): ASCII digits, plain dashes; separators
// are still there and each validator skips those that its type allows. Thread-safe, no allocation on the
// reject path, O(value.size()).
using ValidatorFunction = Verdict (*)(std::string_view value);

struct ValidatorEntry {
  std::string_view name;         // as packs write it: "cn_resident_id"
  std::string_view description;  // one line, with the standard it follows; docs/rules.md lists it
  ValidatorFunction check;
};

// Every validator, sorted by name. Adding one is one entry in rules/validators.cc.
std::span<const ValidatorEntry> Validators();

// The entry of that name, or nullptr.
const ValidatorEntry* FindValidator(std::string_view name);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_H_
