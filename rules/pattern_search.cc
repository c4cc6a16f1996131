#include "rules/pattern_search.h"

namespace privet {

bool FindNext(re2::StringPiece text, const re2::RE2& pattern, size_t position, size_t window, StopPoll* stop,
              re2::StringPiece* groups, int group_count) {
  while (position < text.size()) {
    const bool cut = text.size() - position > window;
    const size_t end = cut ? position + window : text.size();
    if (stop != nullptr && !stop->GoOn(end - position)) return false;
    const size_t sure =
        cut ? end - kSureMatchBytes : end;  // what begins before it may be as long as promised
    if (!pattern.Match(text, position, end, re2::RE2::UNANCHORED, groups, group_count)) {
      if (!cut) return false;
      position = sure;
      continue;
    }
    const size_t begin = static_cast<size_t>(groups[0].data() - text.data());
    if (!cut || begin < sure) return true;
    position = begin;  // where it has the room to be longer
  }
  return false;
}

}  // namespace privet
