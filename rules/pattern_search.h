// Searching a long text for all matches of a pattern that a caller brought along.
//
// RE2 takes linear time for one match and not for all of them: to know that a*b|a matches no more than an a,
// it reads on to the end of the text, and so for each a of a thousand. Here a search reads a window of
// bounded size, so that a text costs at most its length times the window.
#ifndef PRIVET_RULES_PATTERN_SEARCH_H_
#define PRIVET_RULES_PATTERN_SEARCH_H_

#include <re2/re2.h>

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace privet {

// Matches up to this size are found whole wherever they stand. Of longer ones some are, and others are found
// in pieces or not at all.
inline constexpr size_t kSureMatchBytes = 4 << 10;

// What one search may read.
inline constexpr size_t kSearchWindowBytes = 16 << 10;

// How many searches a caller may let pass between two looks at whether it was told to stop.
inline constexpr size_t kSearchesBetweenPolls = 64;

// Finds the first match that begins at or after `position` of `text`, and fills `groups` as RE2::Match does.
// Anchors and word borders see the whole text. Asks `go_on` before each window of `window` bytes (more than
// kSureMatchBytes), and returns false when it says no.
bool FindNext(re2::StringPiece text, const re2::RE2& pattern, size_t position, size_t window,
              absl::FunctionRef<bool()> go_on, re2::StringPiece* groups, int group_count);

}  // namespace privet

#endif  // PRIVET_RULES_PATTERN_SEARCH_H_
