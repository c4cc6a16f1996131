// A smaller tokenizer made of a large one, for texts like those of a corpus.
#ifndef PRIVET_TRAINING_DATA_VOCABULARY_H_
#define PRIVET_TRAINING_DATA_VOCABULARY_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/tokenizer_spec.h"

namespace privet {

struct PruneOptions {
  int64_t size = 16384;     // tokens that are kept at most, all in all
  int64_t least_count = 2;  // of a token in the corpus
  bool isolate_han = true;  // each Han character is a token of its own, so that names have borders
};

struct PrunedVocabulary {
  std::string tokenizer_json;  // the file's content
  int64_t size = 0;            // tokens, with the added ones <|endoftext|> and <|mask|>
  int64_t corpus_tokens = 0;   // of the corpus, as the large tokenizer cuts it
  int64_t whole_tokens = 0;    // of those, how many stay one token
};

// Keeps the 256 bytes, the most frequent tokens of the texts and what these are merged from; every text can
// still be written, in more tokens where a rare one is gone. `for_each_text` calls its argument for each text
// of the corpus, valid UTF-8. INVALID_ARGUMENT where the size leaves no room for the bytes.
absl::StatusOr<PrunedVocabulary> PruneVocabulary(
    TokenizerSpec spec, const PruneOptions& options,
    const std::function<absl::Status(const std::function<void(const std::string&)>&)>& for_each_text);

// By id of the tokens of `small`: the id of the same token in `large`; -1 where it has none of the content of
// an added token. INVALID_ARGUMENT where it lacks another token, so that small was not made of it.
absl::StatusOr<std::vector<int32_t>> OriginalIds(const TokenizerSpec& small, const TokenizerSpec& large);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_VOCABULARY_H_
