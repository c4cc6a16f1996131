// Short ways to say what a validator found.
#ifndef PRIVET_RULES_VALIDATORS_VERDICTS_H_
#define PRIVET_RULES_VALIDATORS_VERDICTS_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// All of these take static text.
constexpr Verdict Rejected(std::string_view reason) { return {false, false, 0, reason}; }
constexpr Verdict Accepted(std::string_view reason, double shift = 0) { return {true, false, shift, reason}; }
// A random value of the shape passes with a few percent of chance at most.
constexpr Verdict Conclusive(std::string_view reason, double shift = 0) {
  return {true, true, shift, reason};
}

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_VERDICTS_H_
