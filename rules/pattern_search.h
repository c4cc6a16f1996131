// Searching a long text for all matches of a pattern that a caller brought along.
//
// RE2 takes linear time for one match and not for all of them: to know that a*b|a matches no more than an a,
// it reads on to the end of the text, and so for each a of a thousand. Here a search reads a window of
// bounded size, so that a text costs at most its length times the window.
#ifndef PRIVET_RULES_PATTERN_SEARCH_H_
#define PRIVET_RULES_PATTERN_SEARCH_H_

#include <re2/re2.h>

#include <cstddef>
#include <functional>

namespace privet {

// Matches up to this size are found whole wherever they stand. Of longer ones some are, and others are found
// in pieces or not at all.
inline constexpr size_t kSureMatchBytes = 4 << 10;

// What one search may read.
inline constexpr size_t kSearchWindowBytes = 16 << 10;

// Asks `stop`, which must outlive this, whether to go on with searches: before the first, and each time that
// they may have read a window's worth, because asking takes about as long as one search of a short text. Not
// thread-safe.
class StopPoll {
 public:
  explicit StopPoll(const std::function<bool()>& stop) : stop_(stop) {}

  // Whether to search so many bytes.
  bool GoOn(size_t bytes) {
    unasked_bytes_ += bytes;
    if (stopped_ || unasked_bytes_ < kSearchWindowBytes) return !stopped_;
    unasked_bytes_ = 0;
    stopped_ = stop_ && stop_();
    return !stopped_;
  }

  bool stopped() const { return stopped_; }

 private:
  const std::function<bool()>& stop_;
  size_t unasked_bytes_ = kSearchWindowBytes;
  bool stopped_ = false;
};

// Finds the first match that begins at or after `position` of `text`, and fills `groups` as RE2::Match does.
// Anchors and word borders see the whole text. Reads windows of `window` bytes (more than kSureMatchBytes),
// and returns false once `stop`, where there is one, says no to the next.
bool FindNext(re2::StringPiece text, const re2::RE2& pattern, size_t position, size_t window, StopPoll* stop,
              re2::StringPiece* groups, int group_count);

}  // namespace privet

#endif  // PRIVET_RULES_PATTERN_SEARCH_H_
