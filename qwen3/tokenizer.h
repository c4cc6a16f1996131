// The tokenizer of Qwen2, Qwen2.5 and Qwen3, equal to Hugging Face `tokenizers` in ids and in ranges.
#ifndef PRIVET_QWEN3_TOKENIZER_H_
#define PRIVET_QWEN3_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/span.h"
#include "qwen3/added_tokens.h"
#include "qwen3/byte_pair_encoder.h"
#include "qwen3/tokenizer_spec.h"

namespace privet {

// One token and the bytes of the original text that it came from.
//
// Ranges are Hugging Face's offsets, in bytes where those count characters. Three properties to know:
// - They lie on code points' borders. A byte-level token that is a part of a character has the range of the
//   whole character, so that neighbours may share it (𠀁 is three tokens with one range).
// - They never run backwards: both ends never decrease from token to token.
// - They cover the text but for one case: where NFC composed several code points, the range is that of the
//   first (nfc.h), so that of "e" + U+0301 the two bytes of the mark belong to no token. Who cuts text at a
//   token's border moves an end behind the marks that follow.
struct Token {
  int32_t id = 0;
  Span bytes;

  friend bool operator==(const Token&, const Token&) = default;
};

// Added tokens are cut out first; what lies between is normalised, split into words and encoded:
//   text -> added tokens -> NFC -> Split (Han characters alone, where the file says so) -> Qwen's words ->
//   byte-level BPE.
// Immutable, thread-safe; the size in memory is some 40 MB for Qwen's 151,643 tokens.
class Tokenizer {
 public:
  // Reads a folder's tokenizer.json, or vocab.json and merges.txt where there is none (tokenizer_spec.h
  // says what is accepted and how errors read).
  static absl::StatusOr<std::shared_ptr<const Tokenizer>> Load(const std::filesystem::path& folder);

  // The tokenizer of a specification that was checked before.
  explicit Tokenizer(const TokenizerSpec& spec);

  // Appends the text's tokens; nothing is added before or behind, special tokens that stand in the text are
  // found. `text` is valid UTF-8 (core/utf8.h) below 2 GiB. Time is linear but for long words, n log n;
  // memory is some 50 bytes a byte of text at worst.
  void Encode(std::string_view text, std::vector<Token>* tokens) const;

  // One more than the largest id: what an embedding table must have at least.
  size_t vocabulary_size() const { return vocabulary_size_; }

 private:
  class Sink;
  void EncodeBetween(std::string_view text, size_t offset, std::vector<Token>* tokens) const;
  void SplitIntoWords(std::string_view text, Sink* sink) const;

  bool nfc_;
  std::optional<IsolatedCharacters> isolated_;
  AddedTokens added_tokens_;
  BytePairEncoder encoder_;
  size_t vocabulary_size_;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_TOKENIZER_H_
