// How stage 2 turns what its model says of tokens into readings of spans.
#ifndef PRIVET_STAGE2_FILTER_SPAN_READER_H_
#define PRIVET_STAGE2_FILTER_SPAN_READER_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "tagging/label_scheme.h"
#include "tagging/span_reading.h"
#include "tagging/token_range.h"

namespace privet {

// Immutable, thread-safe.
class SpanReader {
 public:
  virtual ~SpanReader() = default;

  // The types that readings know.
  virtual TypeSet types() const = 0;

  // The readings of `spans`, in their order, from a window's rows as the stage's model gave them. Spans are
  // not empty and lie in the window. INTERNAL where a row is not of numbers, as a broken model's are.
  virtual absl::StatusOr<std::vector<SpanReading>> Read(std::span<const float> rows,
                                                        std::span<const TokenRange> spans) const = 0;
};

// Rows are scores of labels, and a span's reading is its posterior under the chain
// (tagging/span_marginals.h).
class TaggerReader final : public SpanReader {
 public:
  explicit TaggerReader(LabelScheme labels) : labels_(std::move(labels)) {}

  TypeSet types() const override;
  absl::StatusOr<std::vector<SpanReading>> Read(std::span<const float> rows,
                                                std::span<const TokenRange> spans) const override;

 private:
  LabelScheme labels_;
};

}  // namespace privet

#endif  // PRIVET_STAGE2_FILTER_SPAN_READER_H_
