// Tokens that are found in the raw text before anything else looks at it: <|im_start|> and the like.
#ifndef PRIVET_QWEN3_ADDED_TOKENS_H_
#define PRIVET_QWEN3_ADDED_TOKENS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/span.h"

namespace privet {

struct AddedToken {
  std::string content;  // not empty
  int32_t id = 0;
};

// Immutable, thread-safe.
class AddedTokens {
 public:
  explicit AddedTokens(const std::vector<AddedToken>& tokens);

  struct Match {
    Span span;
    int32_t id = 0;
  };
  // The leftmost added token that begins at or behind `from`, the longest where several begin there.
  std::optional<Match> Find(std::string_view text, size_t from) const;

 private:
  size_t NextFirstByte(std::string_view text, size_t from) const;

  absl::flat_hash_map<std::string, int32_t> ids_;
  std::array<std::vector<size_t>, 256> lengths_by_first_byte_;  // distinct, the longest first
  std::string first_bytes_;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_ADDED_TOKENS_H_
