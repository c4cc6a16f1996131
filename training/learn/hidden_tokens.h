// Which input tokens a run hides, so that what stands around them must tell.
#ifndef PRIVET_TRAINING_LEARN_HIDDEN_TOKENS_H_
#define PRIVET_TRAINING_LEARN_HIDDEN_TOKENS_H_

#include <cstdint>
#include <vector>

#include "qwen3/packed_tokens.h"

namespace privet {

// What stands in the place of a hidden token: the last id, which texts all but never use. It is an added
// token, or a row of the embeddings that no token has.
int32_t HiddenTokenId(int64_t vocabulary_size);

// Positions of about `share` of the tokens, rising; the same seed gives the same. They come in runs of 1 to
// `longest`, each length as often, which end where their sequence does; runs may touch. `share` is below 1.
std::vector<int32_t> ChooseHidden(const PackedTokens& tokens, double share, int64_t longest, uint64_t seed);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_HIDDEN_TOKENS_H_
