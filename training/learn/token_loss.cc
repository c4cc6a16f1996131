#include "training/learn/token_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "training/learn/layer_checkpoint.h"

namespace privet {
namespace {

// slice(rows, targets) for all of them in turn.
template <typename Slice>
void ForEachSlice(const at::Tensor& rows, const at::Tensor& targets, int64_t vocabulary_size,
                  int64_t logits_at_once, const Slice& slice) {
  const int64_t step = std::max<int64_t>(1, logits_at_once / vocabulary_size);
  for (int64_t begin = 0; begin < rows.size(0); begin += step) {
    const int64_t count = std::min(step, rows.size(0) - begin);
    slice(rows.narrow(0, begin, count), targets.narrow(0, begin, count));
  }
}

at::Tensor SummedLoss(const at::Tensor& logits, const at::Tensor& targets) {
  return at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum);
}

}  // namespace

at::Tensor SummedTokenLoss(const at::Tensor& rows, const Linear& embeddings, int64_t vocabulary_size,
                           const at::Tensor& targets, int64_t logits_at_once) {
  at::Tensor sum = at::zeros({}, rows.options());
  ForEachSlice(rows, targets, vocabulary_size, logits_at_once,
               [&](const at::Tensor& some_rows, const at::Tensor& some_targets) {
                 sum = sum + RunCheckpointed(some_rows, [embeddings, some_targets](const at::Tensor& input) {
                         return SummedLoss(embeddings.Forward(input), some_targets);
                       });
               });
  return sum;
}

TokenScores ScoreTokens(const at::Tensor& rows, const Linear& embeddings, int64_t vocabulary_size,
                        const at::Tensor& targets, int64_t logits_at_once) {
  const at::NoGradGuard no_gradients;
  TokenScores scores;
  ForEachSlice(rows, targets, vocabulary_size, logits_at_once,
               [&](const at::Tensor& some_rows, const at::Tensor& some_targets) {
                 const at::Tensor logits = embeddings.Forward(some_rows);
                 scores.loss += SummedLoss(logits, some_targets).item<double>();
                 scores.right += logits.argmax(1).eq(some_targets).sum().item<int64_t>();
               });
  return scores;
}

}  // namespace privet
