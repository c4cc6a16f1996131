// Ranges of tokens, and the bytes they stand for.
#ifndef PRIVET_TAGGING_TOKEN_RANGE_H_
#define PRIVET_TAGGING_TOKEN_RANGE_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "core/span.h"

namespace privet {

// A half-open range [begin, end) of the tokens of one text or window. Never bytes: those are a Span.
struct TokenRange {
  size_t begin = 0;
  size_t end = 0;

  size_t size() const { return end - begin; }

  friend bool operator==(const TokenRange&, const TokenRange&) = default;
  friend auto operator<=>(const TokenRange&, const TokenRange&) = default;
};

// In all functions `tokens` are the byte ranges of a text's tokens as a tokenizer gives them: neither begins
// nor ends ever decrease. Neighbours may share bytes (pieces of one code point that each cover all of it) or
// leave some out; a token may be a part of a code point.

// The bytes that the tokens of a range stand for in valid UTF-8 `text`: with those behind it that belong to
// no token (an accent that normalisation made one with its letter), widened to whole code points, and without
// the white space at both ends (Qwen's tokens carry the space before a word). Empty when there is nothing but
// white space. range.end <= tokens.size().
Span BytesOf(std::string_view text, std::span<const Span> tokens, TokenRange range);

// The same for what may be reported. A token may hold more than a mention has (`,+` of `Ann,+1 555`): what
// parts the cells of a table or the words of a list, what is invisible, and brackets and quotes whose partner
// is not in the range, with a word between, do not belong to its ends; it never goes on behind a bracket that
// closes what nothing in it opens. Empty as well where an end lies inside of a Latin word.
// Tokens end there; what is named does not (KafkaCon of KafkaConsumer). All that proposes or judges spans of
// tokens asks this.
Span MentionBytesOf(std::string_view text, std::span<const Span> tokens, TokenRange range);

// The tokens that share a byte with `bytes`; an empty range where none does. O(log tokens).
TokenRange TokensOf(std::span<const Span> tokens, Span bytes);

}  // namespace privet

#endif  // PRIVET_TAGGING_TOKEN_RANGE_H_
