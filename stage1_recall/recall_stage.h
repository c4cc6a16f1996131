// Stage 1: proposes every span that could be an entity.
#ifndef PRIVET_STAGE1_RECALL_RECALL_STAGE_H_
#define PRIVET_STAGE1_RECALL_RECALL_STAGE_H_

#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "qwen3/text_model.h"
#include "tagging/label_scheme.h"
#include "tagging/span_marginals.h"

namespace privet {

// A token tagger: its model's rows are scores of `labels`. Immutable, thread-safe.
struct RecallStage {
  TextModel model;
  LabelScheme labels;

  // What the rows of a window, [tokens, labels] as the model gave them, say of its spans: ask it for all that
  // are likely enough (FindSpans) and for single ones (Read). About a twentieth of the forward's time.
  // INTERNAL where a score is not a number, as a broken model's are.
  absl::StatusOr<SpanMarginals> Read(std::span<const float> rows) const;
};

// A checkpoint (or adapter) with its own head `score`, whose id2label names BIO or BIOES labels of the
// taxonomy's types. Errors name file and key.
absl::StatusOr<RecallStage> LoadRecallStage(const ModelFolder& folder, const TokenModelOptions& options);

}  // namespace privet

#endif  // PRIVET_STAGE1_RECALL_RECALL_STAGE_H_
