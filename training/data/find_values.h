// Where values stand in a text.
#ifndef PRIVET_TRAINING_DATA_FIND_VALUES_H_
#define PRIVET_TRAINING_DATA_FIND_VALUES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace privet {

struct FoundValue {
  Span span;
  size_t value = 0;  // index
};

struct FoundValues {
  std::vector<FoundValue> places;  // in order of position, without overlaps
  std::vector<size_t> nowhere;     // indexes of values that do not occur
};

// All places of all values, none of which is empty or comes twice: the longest values first, each where
// nothing of `taken` and no longer value stands. A place inside a word of letters or digits counts only for a
// value that stands nowhere alone. Time is the text's length times the number of different lengths of values;
// nothing where that is beyond measure (1e9).
std::optional<FoundValues> FindValues(std::string_view text, const std::vector<std::string_view>& values,
                                      const std::vector<Span>& taken);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_FIND_VALUES_H_
