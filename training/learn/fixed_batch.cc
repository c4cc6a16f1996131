#include "training/learn/fixed_batch.h"

#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>
#include <bit>

namespace privet {

std::vector<at::Tensor> TensorsOf(const BatchInput& input) {
  std::vector<at::Tensor> tensors;
  for (const at::Tensor& tensor : {input.tokens.ids, input.tokens.rotary.cosine, input.tokens.rotary.sine,
                                   input.tokens.sequences.cumulative, input.targets.labels,
                                   input.targets.weights, input.targets.allowed}) {
    if (tensor.defined()) tensors.push_back(tensor);
  }
  return tensors;
}

bool Fits(const PackedTokens& tokens, const FixedSizes& sizes) {
  if (static_cast<int64_t>(tokens.ids.size()) > sizes.tokens) return false;
  for (size_t i = 0; i + 1 < tokens.offsets.size(); ++i) {
    if (tokens.offsets[i + 1] - tokens.offsets[i] > sizes.longest) return false;
  }
  return true;
}

PackedTokens FillUp(PackedTokens tokens, const FixedSizes& sizes) {
  auto count = static_cast<int64_t>(tokens.ids.size());
  while (count < sizes.tokens) {
    count = std::min(count + sizes.longest, sizes.tokens);
    tokens.offsets.push_back(static_cast<int32_t>(count));
  }
  tokens.ids.resize(static_cast<size_t>(sizes.tokens), 0);
  return tokens;
}

TokenTargets FillUp(const TokenTargets& targets, const FixedSizes& sizes) {
  const int64_t missing = sizes.tokens - targets.labels.size(0);
  return {.labels = at::constant_pad_nd(targets.labels, {0, missing}),
          .weights = at::constant_pad_nd(targets.weights, {0, missing}),
          // Of no label at all the loss would not be finite, and nothing times that is not, either.
          .allowed = targets.allowed.defined()
                         ? at::constant_pad_nd(targets.allowed, {0, 0, 0, missing}, true)
                         : at::Tensor()};
}

SequenceBounds FillUp(SequenceBounds sequences, const FixedSizes& sizes) {
  sequences.longest = sizes.longest;
  if (!sequences.cumulative.defined()) return sequences;
  const auto count = static_cast<uint64_t>(sequences.cumulative.size(0) - 1);
  const auto missing = static_cast<int64_t>(std::bit_ceil(count) - count);
  sequences.cumulative =
      at::constant_pad_nd(sequences.cumulative, {0, missing}, static_cast<int64_t>(sizes.tokens));
  return sequences;
}

}  // namespace privet
