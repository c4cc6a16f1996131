// Cuts text into words as the pre-tokenizers of Qwen2, Qwen2.5 and Qwen3 do.
#ifndef PRIVET_QWEN3_QWEN_SPLIT_H_
#define PRIVET_QWEN3_QWEN_SPLIT_H_

#include <cstddef>
#include <string_view>

namespace privet {

// The pattern as it stands in tokenizer.json. RE2 cannot run it (it has a look-ahead); QwenWordEnd does by
// hand.
inline constexpr std::string_view kQwenSplitPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// The end of the match of kQwenSplitPattern that begins at `begin`; the pattern matches everywhere, so that
// the words of a text follow one another without gaps. `text` is valid UTF-8, `begin` is a code point's
// border before its end. Walking a whole text word by word takes linear time.
size_t QwenWordEnd(std::string_view text, size_t begin);

}  // namespace privet

#endif  // PRIVET_QWEN3_QWEN_SPLIT_H_
