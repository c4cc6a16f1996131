// A batch of token sequences without padding.
#ifndef PRIVET_QWEN3_PACKED_TOKENS_H_
#define PRIVET_QWEN3_PACKED_TOKENS_H_

#include <cstdint>
#include <vector>

namespace privet {

// Sequence i is ids[offsets[i], offsets[i + 1]); offsets begin with 0, never fall, and end with ids.size().
struct PackedTokens {
  std::vector<int32_t> ids;
  std::vector<int32_t> offsets = {0};
};

}  // namespace privet

#endif  // PRIVET_QWEN3_PACKED_TOKENS_H_
