// What a pattern may be, for rules and for lists.
#ifndef PRIVET_RULES_PATTERN_H_
#define PRIVET_RULES_PATTERN_H_

#include <re2/re2.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace privet {

// What RE2 may use for one pattern: its programs, and the states that it makes of them while it searches.
inline constexpr size_t kPatternMemoryBytes = 8 << 20;

// What a pattern sees. On a line: one at a time, with ^ and $ at its ends, so that what is found there does
// not depend on how many lines are read together. On all: with ^ and $ at the text's ends.
enum class PatternLines { One, All };

// A pattern that matches at least one character. Errors say what is wrong with it and at which offset, where
// RE2 tells, but repeat nothing of it: INVALID_ARGUMENT, or RESOURCE_EXHAUSTED when `max_memory_bytes` do not
// hold it.
absl::StatusOr<std::unique_ptr<re2::RE2>> CompilePattern(const std::string& pattern, PatternLines lines,
                                                         size_t max_memory_bytes = kPatternMemoryBytes);

}  // namespace privet

#endif  // PRIVET_RULES_PATTERN_H_
