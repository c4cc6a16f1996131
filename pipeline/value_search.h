// Where any of many fixed values occurs in a text. Internal to pipeline/.
#ifndef PRIVET_PIPELINE_VALUE_SEARCH_H_
#define PRIVET_PIPELINE_VALUE_SEARCH_H_

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/span.h"
#include "pipeline/stop_token.h"

namespace privet {

// A look at two bytes rules out most places of a text. At each other place a binary search among the sorted
// values finds the only one that can be the longest there, and those that begin it come next, the longest
// first: at worst, where all values begin one another, a look at each. Immutable, thread-safe.
class ValueSearch {
 public:
  struct Match {
    Span span;
    size_t value;  // index in the list given
  };

  ValueSearch() = default;
  // Values are not empty; of equal ones the first counts.
  explicit ValueSearch(std::span<const std::string> values);

  // At each place the longest value that stands there, in order of position; matches may overlap. A value
  // that begins (ends) with an ASCII letter or digit is found only where none stands before (behind) it:
  // "Ann" is not in "Annex", but 张三 is in 叫张三的. `stop` is polled; CANCELLED when it said so.
  absl::StatusOr<std::vector<Match>> FindAll(std::string_view text, const StopToken& stop) const;

 private:
  struct Value {
    std::string text;
    size_t index = 0;
    size_t shorter = 0;  // where the longest other value that begins this one stands in values_, or kNone
  };
  static constexpr size_t kNone = static_cast<size_t>(-1);

  std::vector<Value> values_;     // sorted by text
  std::bitset<65536> can_begin_;  // by the first byte + 256 * the second
  size_t longest_ = 0;
};

}  // namespace privet

#endif  // PRIVET_PIPELINE_VALUE_SEARCH_H_
