// Context words: what stands near a match and how far it moves the score.
#ifndef PRIVET_RULES_CONTEXT_H_
#define PRIVET_RULES_CONTEXT_H_

#include <bitset>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/finding.h"
#include "core/span.h"
#include "rules/pack.h"

namespace privet {

// The words of one rule, ready to be looked up. Immutable, thread-safe.
//
// Only what stands on the same line, in the same field and in the same sentence counts. Before the match the
// nearest word counts in full (of words that end at one place the longest); after it the nearest counts half,
// and a comma ends the view too, because labels mostly come first. A change of case begins a word as '_'
// does, so that keys such as "orderNo" count; traditional characters are read as simplified ones; a question
// and its answer on one line are one sentence.
class Context {
 public:
  explicit Context(std::span<const ContextGroup> groups);

  // The words that count for `match` in the original text; at most two.
  std::vector<ContextHit> HitsAround(std::string_view text, Span match) const;

 private:
  struct Word {
    std::string text;  // ASCII lower case, simplified characters
    double strength;
    int window;  // code points
  };

  // Of the two bytes at `i`; behind the end stands 0.
  static size_t StartHash(std::string_view text, size_t i);
  static constexpr size_t kStarts = 1024;

  std::vector<Word> words_;      // longest first
  std::bitset<kStarts> starts_;  // by StartHash: a word of two bytes or more may begin so
  std::bitset<256> single_bytes_;
  int reach_ = 0;  // code points to look at on either side: the widest window and the longest word
};

}  // namespace privet

#endif  // PRIVET_RULES_CONTEXT_H_
