// Reads a byte-level vocabulary and its merges from the forms in which they are shipped.
#ifndef PRIVET_QWEN3_VOCABULARY_READER_H_
#define PRIVET_QWEN3_VOCABULARY_READER_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "qwen3/byte_pair_encoder.h"

namespace privet {

// The id that a JSON value is: 0 to 16777215, far above any vocabulary; nothing for other values.
std::optional<int32_t> IdOf(const nlohmann::json& value);

// Collects one vocabulary; the tokens come before the merges. Errors are INVALID_ARGUMENT that name file
// and key.
class VocabularyReader {
 public:
  // The `model` of a tokenizer.json: vocabulary and merges.
  absl::Status ReadModel(const nlohmann::json& model, std::string_view file);

  // A mapping from token to id, which stands in `file` under `key`. Needs a token for each of the 256 bytes.
  absl::Status ReadTokens(const nlohmann::json& vocab, std::string_view file, std::string_view key);

  // merges.txt: a line a merge, "a b"; lines that begin with "#version" are skipped.
  absl::Status ReadMergesText(std::string_view content, std::string_view file);

  // The id of a token as it is written in the vocabulary.
  std::optional<int32_t> Find(std::string_view token) const;

  // One more than the largest id.
  size_t size() const { return size_; }

  BytePairVocabulary Take() { return std::move(vocabulary_); }

 private:
  absl::Status AddMerge(std::string_view left, std::string_view right, std::string_view file,
                        std::string_view key);

  absl::flat_hash_map<std::string, int32_t> ids_;
  size_t size_ = 0;
  BytePairVocabulary vocabulary_;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_VOCABULARY_READER_H_
