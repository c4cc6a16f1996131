// Stage 2: a second, independently trained reader that says of each candidate whether it really is one.
#ifndef PRIVET_STAGE2_FILTER_FILTER_STAGE_H_
#define PRIVET_STAGE2_FILTER_FILTER_STAGE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "qwen3/text_model.h"
#include "stage2_filter/filter_head.h"
#include "stage2_filter/span_reader.h"

namespace privet {

// Immutable, thread-safe, cheap to copy.
struct FilterStage {
  TextModel model;
  std::shared_ptr<const SpanReader> reader;  // of the model's rows
};

// Errors name file and key or tensor.
absl::StatusOr<FilterStage> LoadFilterStage(const ModelFolder& folder, FilterHead head,
                                            const TokenModelOptions& options);

}  // namespace privet

#endif  // PRIVET_STAGE2_FILTER_FILTER_STAGE_H_
