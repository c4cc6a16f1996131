// How well the embeddings name hidden tokens: the loss over a whole vocabulary, in bounded memory.
#ifndef PRIVET_TRAINING_LEARN_TOKEN_LOSS_H_
#define PRIVET_TRAINING_LEARN_TOKEN_LOSS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "qwen3/linear.h"

namespace privet {

// Logits that are in memory at a time: 128 MiB in fp32, and three times that in a backward pass.
inline constexpr int64_t kLogitsAtOnce = int64_t{1} << 25;

// -log softmax(rows E^T)[targets], summed: a scalar that autograd can follow to `rows` and, where it learns,
// to E. rows [tokens, hidden] fp32; `embeddings` is E [vocabulary, hidden] as a linear layer; targets
// [tokens] int64. As many rows at a time as make `logits_at_once`, and one at least; the backward pass
// computes their logits again.
at::Tensor SummedTokenLoss(const at::Tensor& rows, const Linear& embeddings, int64_t vocabulary_size,
                           const at::Tensor& targets, int64_t logits_at_once = kLogitsAtOnce);

struct TokenScores {
  double loss = 0;    // summed
  int64_t right = 0;  // targets of the highest logit
};
// The same without gradients.
TokenScores ScoreTokens(const at::Tensor& rows, const Linear& embeddings, int64_t vocabulary_size,
                        const at::Tensor& targets, int64_t logits_at_once = kLogitsAtOnce);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TOKEN_LOSS_H_
