// A head that scores whole spans instead of labels of tokens.
#ifndef PRIVET_STAGE2_FILTER_SPAN_HEAD_H_
#define PRIVET_STAGE2_FILTER_SPAN_HEAD_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/token_model.h"
#include "stage2_filter/span_reader.h"

namespace privet {

// Of a span of the tokens [b, e) with hidden states h, n = e - b:
//   x = Begin h[b] + End h[e - 1] + Inside mean(h[b], ..., h[e - 1]) + Width[min(n, widths) - 1] + bias
//   scores = Type gelu(x) + type_bias                  (the exact gelu, by erf)
// and softmax over the scores gives the probabilities of each type and of none. (The parts are those of span
// classifiers such as SpERT, Eberts and Ulges 2020, section 3.2.) Begin, End and Inside are linear, so the
// model maps each token once, to [Begin h, End h, Inside h], and a span costs sums and one small product.
class SpanHead final : public SpanReader {
 public:
  // Reads `folder`/head.safetensors: fp32, fp16 or bf16 tensors begin.weight, end.weight, inside.weight
  // [size, hidden_size], width.weight [widths, size], hidden.bias [size], type.weight [classes, size],
  // type.bias [classes]. `classes` are what config.json's id2label says of the type.weight's rows: "O" for
  // none, once, and ids of types. Errors name the file and the tensor or key.
  static absl::StatusOr<std::pair<SpanHead, LinearMap>> Load(const std::filesystem::path& folder,
                                                             std::span<const std::string> classes,
                                                             int64_t hidden_size);

  TypeSet types() const override { return types_; }
  // Rows are those of the map that Load gave beside the head.
  absl::StatusOr<std::vector<SpanReading>> Read(std::span<const float> rows,
                                                std::span<const TokenRange> spans) const override;

 private:
  SpanHead() = default;
  SpanReading ReadingOfScores(std::span<const double> scores) const;

  size_t size_ = 0;  // of x
  size_t widths_ = 0;
  std::vector<float> width_;                        // [widths, size]
  std::vector<float> bias_;                         // [size]
  std::vector<float> type_weight_;                  // [classes, size]
  std::vector<float> type_bias_;                    // [classes]
  std::vector<std::optional<EntityType>> classes_;  // nothing for none
  TypeSet types_;
};

}  // namespace privet

#endif  // PRIVET_STAGE2_FILTER_SPAN_HEAD_H_
