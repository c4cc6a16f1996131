// What the files of a Qwen tokenizer say, checked.
#ifndef PRIVET_QWEN3_TOKENIZER_SPEC_H_
#define PRIVET_QWEN3_TOKENIZER_SPEC_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/added_tokens.h"
#include "qwen3/byte_pair_encoder.h"
#include "qwen3/code_point_set.h"

namespace privet {

// A Split pre-tokenizer that lets each character of a set be a word of its own.
struct IsolatedCharacters {
  CodePointSet characters;
  // Runs before Qwen's split, which then sees the text between them; otherwise behind it, on its words.
  bool before_words = true;
};

struct TokenizerSpec {
  bool nfc = false;
  std::optional<IsolatedCharacters> isolated;
  std::vector<AddedToken> added_tokens;
  BytePairVocabulary vocabulary;
  size_t vocabulary_size = 0;  // one more than the largest id, added tokens included
};

// Reads folder/tokenizer.json:
//   - normalizer: null or NFC
//   - pre_tokenizer: a Sequence of Split by Qwen's pattern (qwen_split.h), behavior Isolated; before or
//   behind
//     it at most one more Split, behavior Isolated, whose pattern is one class of code points
//     (code_point_set.h); and last ByteLevel, add_prefix_space false and use_regex false
//   - model: BPE without dropout, prefix, suffix, byte_fallback and ignore_merges; merges written "a b" or
//     ["a", "b"]; all 256 byte-level characters in vocab
//   - added_tokens: without lstrip, rstrip, single_word and normalized
//   - post_processor: null, ByteLevel with trim_offsets false, or what only adds tokens (TemplateProcessing)
// decoder, truncation and padding are not looked at: they do not touch which token is where.
//
// Where there is no tokenizer.json: vocab.json and merges.txt with NFC and Qwen's pattern, and the added
// tokens of tokenizer_config.json (added_tokens_decoder) where that file exists.
//
// A file that is damaged or says anything else is INVALID_ARGUMENT "FILE: KEY: what was found and what is
// accepted"; a file that is not there is NOT_FOUND. No file may be larger than 64 MiB.
absl::StatusOr<TokenizerSpec> ReadTokenizerSpec(const std::filesystem::path& folder);

// The same for the content of one tokenizer.json; `file` is its name for errors.
absl::StatusOr<TokenizerSpec> ParseTokenizerJson(std::string_view content, const std::string& file);

}  // namespace privet

#endif  // PRIVET_QWEN3_TOKENIZER_SPEC_H_
