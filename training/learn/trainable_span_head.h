// A span head whose parameters learn: what stage2_filter/span_head.h reads.
#ifndef PRIVET_TRAINING_LEARN_TRAINABLE_SPAN_HEAD_H_
#define PRIVET_TRAINING_LEARN_TRAINABLE_SPAN_HEAD_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "tagging/token_range.h"

namespace privet {

// The parts of the formula in span_head.h. Of n classes the first is none; the others are the types.
struct TrainableSpanHead {
  at::Tensor map;          // [3 * size, hidden]: Begin, End and Inside, one below the other
  at::Tensor width;        // [widths, size]
  at::Tensor hidden_bias;  // [size]
  at::Tensor type_weight;  // [classes, size]
  at::Tensor type_bias;    // [classes]
};

// Random: x of unit variance where hidden states have it, and scores near 0.
TrainableSpanHead DrawSpanHead(int64_t hidden_size, int64_t size, int64_t widths, int64_t classes,
                               const at::Device& device);

// id2label: O, then the types' ids.
std::vector<std::string> SpanClasses(std::span<const EntityType> types);

// The potentials of spans, [spans, classes - 1]: the score of each type less that of none. `rows` are
// [tokens, 3 * size], what `map` makes of the tokens' hidden states; spans are ranges of rows, not empty.
// Autograd can follow to rows and head.
at::Tensor SpanPotentials(const TrainableSpanHead& head, const at::Tensor& rows,
                          const std::vector<TokenRange>& spans);

// Puts the values of `folder`/head.safetensors into a head of the same sizes. False where they differ. Errors
// name the file and the tensor.
absl::StatusOr<bool> ReadSpanHead(const std::filesystem::path& folder, TrainableSpanHead* head);

// Writes `folder`/head.safetensors.
absl::Status SaveSpanHead(const TrainableSpanHead& head, const std::filesystem::path& folder);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TRAINABLE_SPAN_HEAD_H_
