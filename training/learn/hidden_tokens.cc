#include "training/learn/hidden_tokens.h"

#include <algorithm>

#include "training/data/sampler.h"

namespace privet {

int32_t HiddenTokenId(int64_t vocabulary_size) { return static_cast<int32_t>(vocabulary_size - 1); }

std::vector<int32_t> ChooseHidden(const PackedTokens& tokens, double share, int64_t longest, uint64_t seed) {
  std::vector<int32_t> hidden;
  if (share <= 0) return hidden;
  // A run begins at a token with probability q, else the token is seen. Of the tokens the share
  // q m / (1 - q + q m) is then hidden, with m the mean length of a run.
  const double mean = 0.5 * static_cast<double>(1 + longest);
  const double begins = share / (mean * (1 - share) + share);
  SplitMix64 random(seed);
  for (size_t sequence = 0; sequence + 1 < tokens.offsets.size(); ++sequence) {
    const int32_t end = tokens.offsets[sequence + 1];
    int32_t at = tokens.offsets[sequence];
    while (at < end) {
      if (random.Unit() >= begins) {
        ++at;
        continue;
      }
      const auto length =
          longest == 1 ? 1 : static_cast<int32_t>(1 + random.Below(static_cast<uint64_t>(longest)));
      for (const int32_t run_end = std::min(at + length, end); at < run_end; ++at) hidden.push_back(at);
    }
  }
  return hidden;
}

}  // namespace privet
