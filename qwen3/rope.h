// Rotary position embeddings (Su et al. 2021) and how they are stretched.
#ifndef PRIVET_QWEN3_ROPE_H_
#define PRIVET_QWEN3_ROPE_H_

#include <vector>

#include "qwen3/config.h"

namespace privet {

// The head_dim / 2 angles that a head's dimensions turn by from one position to the next.
std::vector<float> RopeFrequencies(const Qwen3Config& config);

}  // namespace privet

#endif  // PRIVET_QWEN3_ROPE_H_
