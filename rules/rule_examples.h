// The examples that packs bring with their rules, run.
#ifndef PRIVET_RULES_RULE_EXAMPLES_H_
#define PRIVET_RULES_RULE_EXAMPLES_H_

#include <string>
#include <vector>

#include "rules/rule_set.h"

namespace privet {

// One line for each example of a rule that does not hold; empty when all do.
std::vector<std::string> FailingExamples(const RuleSet& rules);

}  // namespace privet

#endif  // PRIVET_RULES_RULE_EXAMPLES_H_
