#include "stage1_recall/recall_stage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tagging/chain.h"

namespace privet {

absl::StatusOr<SpanMarginals> RecallStage::Read(std::span<const float> rows) const {
  absl::StatusOr<Chain> chain = Chain::FromScores(labels, rows);
  if (!chain.ok()) return absl::InternalError(absl::StrCat("stage 1: ", chain.status().message()));
  return SpanMarginals(*std::move(chain));
}

absl::StatusOr<RecallStage> LoadRecallStage(const ModelFolder& folder, const TokenModelOptions& options) {
  // The labels first, which takes no time.
  const absl::StatusOr<Qwen3Config> config = ReadQwen3Config(folder.config());
  if (!config.ok()) return config.status();
  absl::StatusOr<LabelScheme> labels =
      LabelScheme::FromId2Label(config->id2label, (folder.config() / "config.json").string());
  if (!labels.ok()) return labels.status();
  absl::StatusOr<TextModel> model = LoadTextModel(folder, options);
  if (!model.ok()) return model.status();
  return RecallStage{*std::move(model), *std::move(labels)};
}

}  // namespace privet
