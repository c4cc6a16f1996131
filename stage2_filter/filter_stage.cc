#include "stage2_filter/filter_stage.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stage2_filter/span_head.h"

namespace privet {

absl::StatusOr<FilterStage> LoadFilterStage(const ModelFolder& folder, FilterHead head,
                                            const TokenModelOptions& options) {
  const absl::StatusOr<Qwen3Config> config = ReadQwen3Config(folder.config());
  if (!config.ok()) return config.status();
  FilterStage stage;
  std::optional<LinearMap> map;
  if (head == FilterHead::Tagger) {
    absl::StatusOr<LabelScheme> labels =
        LabelScheme::FromId2Label(config->id2label, (folder.config() / "config.json").string());
    if (!labels.ok()) return labels.status();
    stage.reader = std::make_shared<const TaggerReader>(*std::move(labels));
  } else {
    std::vector<std::string> classes;
    for (const auto& [index, name] : config->id2label) classes.push_back(name);
    auto loaded = SpanHead::Load(folder.folder, classes, config->hidden_size);
    if (!loaded.ok()) return loaded.status();
    stage.reader = std::make_shared<const SpanHead>(std::move(loaded->first));
    map = std::move(loaded->second);
  }
  absl::StatusOr<TextModel> model = LoadTextModel(folder, options, map);
  if (!model.ok()) return model.status();
  stage.model = *std::move(model);
  return stage;
}

}  // namespace privet
