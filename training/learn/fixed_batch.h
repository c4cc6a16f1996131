// Batches in tensors that always have the same shapes, as a step needs them that is captured once and
// replayed.
#ifndef PRIVET_TRAINING_LEARN_FIXED_BATCH_H_
#define PRIVET_TRAINING_LEARN_FIXED_BATCH_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "qwen3/ops.h"
#include "qwen3/packed_tokens.h"
#include "training/learn/objective.h"
#include "training/learn/trainable_model.h"

namespace privet {

// One batch, where the model computes.
struct BatchInput {
  ModelInput tokens;
  TokenTargets targets;
};
// All tensors of it that are defined, in one order.
std::vector<at::Tensor> TensorsOf(const BatchInput& input);

// What all batches are filled up to.
struct FixedSizes {
  int64_t tokens = 0;
  int64_t longest = 0;  // sequence
};

bool Fits(const PackedTokens& tokens, const FixedSizes& sizes);
// `tokens`, which fit, and behind them filler in sequences of their own.
PackedTokens FillUp(PackedTokens tokens, const FixedSizes& sizes);
// The same for their targets: filler weighs nothing.
TokenTargets FillUp(const TokenTargets& targets, const FixedSizes& sizes);
// Bounds that are read as those of twice as many sequences at most, a power of two of them: those behind the
// last token are empty. sizes.longest is said to be the longest.
SequenceBounds FillUp(SequenceBounds sequences, const FixedSizes& sizes);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FIXED_BATCH_H_
