// Byte-pair encoding (Sennrich et al. 2016, section 3.2) over bytes, with the merge order of a trained
// vocabulary.
#ifndef PRIVET_QWEN3_BYTE_PAIR_ENCODER_H_
#define PRIVET_QWEN3_BYTE_PAIR_ENCODER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace privet {

// What a vocabulary's file says.
struct BytePairVocabulary {
  struct Token {
    std::string bytes;
    int32_t id = 0;
  };
  struct Merge {
    int32_t left = 0;
    int32_t right = 0;
    int32_t merged = 0;
  };
  std::array<int32_t, 256> byte_ids = {};  // the token of each single byte
  std::vector<Token> tokens;               // those that can come out of merging
  std::vector<Merge> merges;               // the first is the first to be done
};

// Immutable, thread-safe.
class BytePairEncoder {
 public:
  // One token of a word: it ends before byte `end` of the word and begins where the one before it ends.
  struct Piece {
    int32_t id;
    uint32_t end;

    friend bool operator==(const Piece&, const Piece&) = default;
  };

  explicit BytePairEncoder(const BytePairVocabulary& vocabulary);

  // Appends the tokens of a word of valid UTF-8 below 2 GiB. Of all adjacent pairs that have a merge, the
  // one of lowest rank is merged first, of equals the leftmost, until there is none. O(n log n) time; some
  // 50 bytes of memory a byte of a long word.
  void Encode(std::string_view word, std::vector<Piece>* pieces) const;

 private:
  static constexpr int32_t kNoMerge = INT32_MAX;
  static constexpr int32_t kNotWhole = -1;

  // What becomes of two neighbours.
  struct Merge {
    int32_t rank = kNoMerge;
    int32_t merged = 0;
  };

  Merge MergeOf(int32_t left, int32_t right) const;
  void FindWholeCharacters(const BytePairVocabulary& vocabulary);

  // Writes the tokens that merging starts from, at most one a byte of the word, and returns how many.
  size_t Start(std::string_view word, Piece* tokens) const;
  void EncodeShort(std::string_view word, std::vector<Piece>* pieces) const;
  void EncodeLong(std::string_view word, std::vector<Piece>* pieces) const;
  void EncodeByMerging(std::string_view word, std::vector<Piece>* pieces) const;

  std::array<int32_t, 256> byte_ids_;
  absl::flat_hash_map<uint64_t, Merge> merges_;            // by two ids, the left one in the high half
  absl::flat_hash_map<std::string, int32_t> whole_words_;  // words that merging makes one token of
  std::vector<int32_t> whole_characters_;  // by code point below U+10000: its token, or kNotWhole
};

}  // namespace privet

#endif  // PRIVET_QWEN3_BYTE_PAIR_ENCODER_H_
