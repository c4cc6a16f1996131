// Values that are marked in one place and stand unmarked in another.
#ifndef PRIVET_TRAINING_DATA_MARKED_VALUES_H_
#define PRIVET_TRAINING_DATA_MARKED_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <unordered_map>

#include "core/span.h"
#include "core/taxonomy.h"
#include "training/data/record.h"

namespace privet {

// How a value is used in a corpus.
struct ValueUse {
  std::map<EntityType, int64_t> marked;  // how often as what
  int64_t unmarked = 0;

  EntityType type() const;  // the one that it is marked as most often, of equals the first
  int64_t times_marked() const;
};

// By value; the keys are pieces of the records' texts. Only values that are seldom part of something else: of
// two wide characters (Han, kana, Hangul) or three others at least, and of 120 bytes at most.
using ValueUses = std::unordered_map<std::string_view, ValueUse>;

ValueUses UsesOfValues(std::span<const LabeledRecord> records);

// Each place where a value of `uses` stands and nothing is marked, in records that cover its type: of several
// at a place the longest. A place inside a word of letters or digits is none. Time is linear in the texts.
struct UnmarkedPlace {
  size_t record = 0;
  Span span;
};
void ForEachUnmarkedPlace(std::span<const LabeledRecord> records, const ValueUses& uses,
                          const std::function<void(const UnmarkedPlace&, const ValueUse&)>& take);

// Whether a span begins and ends where words do: not between two letters or digits of scripts that write
// words apart.
bool StandsAlone(std::string_view text, const Span& span);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_MARKED_VALUES_H_
