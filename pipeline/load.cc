#include "pipeline/load.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/nearest_name.h"
#include "core/program_folder.h"
#include "pipeline/bundle_folder.h"
#include "qwen3/token_model.h"
#include "rules/pack.h"
#include "rules/rule_set.h"

namespace privet {

namespace {

absl::Status InStage(std::string_view stage, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(AbslView(stage), ": ", status.message()));
}

absl::StatusOr<TokenModelOptions> ComputeOptionsOf(const ModelOptions& options) {
  const std::optional<Precision> precision = ParsePrecision(options.precision);
  if (!precision.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("precision: '", options.precision, "' is none of ", "auto, fp32, bf16, int8"));
  }
  TokenModelOptions result;
  result.device = options.device;
  result.precision = *precision;
  result.threads = static_cast<int>(options.compute_threads);
  return result;
}

// What the manifest asks of a stage's model beyond its being one.
absl::Status CheckWindows(const BundleManifest& bundle, const Qwen3Config& config) {
  if (static_cast<int64_t>(bundle.windows.max_tokens) <= config.max_position_embeddings)
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "bundle.yaml: windows: max_tokens: is ", bundle.windows.max_tokens,
      ", but the model's config.json: max_position_embeddings: is ", config.max_position_embeddings));
}

absl::Status CheckTypes(const BundleManifest& bundle, const LabelScheme& labels) {
  for (const EntityTypeSpec& spec : Taxonomy()) {
    if (!bundle.offer.model_types.test(IndexOf(spec.type))) continue;
    const auto types = labels.types();
    if (std::find(types.begin(), types.end(), spec.type) != types.end()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("bundle.yaml: types: ", AbslView(spec.id),
                     " has no label in the model's config.json: id2label; leave it out or train it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<LearnedStagesConfig> LoadStages(const BundleManifest& bundle, const ModelOptions& options) {
  const absl::StatusOr<TokenModelOptions> compute = ComputeOptionsOf(options);
  if (!compute.ok()) return compute.status();
  absl::StatusOr<RecallStage> stage1 = LoadRecallStage({bundle.stage1.folder, bundle.stage1.base}, *compute);
  absl::Status status = stage1.status();
  if (status.ok()) status = CheckTypes(bundle, stage1->labels);
  if (status.ok()) status = CheckWindows(bundle, stage1->model.config);
  if (!status.ok()) return InStage("stage1", status);
  LearnedStagesConfig config = {*std::move(stage1),        {},
                                bundle.offer.model_types,  bundle.windows,
                                bundle.calibration.fusion, static_cast<size_t>(options.batch_tokens),
                                options.observer};
  if (bundle.stage2.has_value()) {
    absl::StatusOr<FilterStage> stage2 =
        LoadFilterStage({bundle.stage2->folder, bundle.stage2->base}, bundle.stage2->head, *compute);
    status = stage2.status();
    if (status.ok()) status = CheckWindows(bundle, stage2->model.config);
    if (!status.ok()) return InStage("stage2", status);
    config.stage2 = *std::move(stage2);
  }
  return config;
}

}  // namespace

absl::StatusOr<std::filesystem::path> BundleNamed(const std::string& name, std::string_view named_by) {
  if (name.empty()) {
    return absl::InvalidArgumentError(
        "bundle: has no name; name its folder, 'default' (the one that comes with Privet) or 'none' (rules "
        "alone)");
  }
  if (name == kNoBundle) return std::filesystem::path();
  if (name != kDefaultBundle) {
    if (std::error_code ignored; std::filesystem::exists(name, ignored)) return std::filesystem::path(name);
    constexpr std::string_view kNames[] = {kDefaultBundle, kNoBundle};
    const std::string hint = name.find('/') == name.npos ? NearestNameHint(name, kNames) : "";
    return absl::NotFoundError(absl::StrCat(AbslView(named_by), ": there is no folder '", name, "'", hint));
  }
  if (!BuiltWithModels()) return std::filesystem::path();
  const std::filesystem::path folder = ProgramFolder();
  // Of an installed program, and of one in build/<preset>/bin of the source tree.
  for (const char* place : {"../share/privet/bundles/default", "../../../bundles/default"}) {
    std::error_code ignored;
    std::filesystem::path bundle = (folder / place).lexically_normal();
    if (std::filesystem::exists(bundle / kBundleManifestName, ignored)) return bundle;
  }
  return absl::NotFoundError(absl::StrCat("bundle 'default': does not lie with the program in ",
                                          folder.string(),
                                          "; name a bundle's folder, or 'none' for rules alone"));
}

TypeSet PipelineContents::types() const {
  TypeSet types = offer().model_types;
  for (const RuleSpec& rule : rules->specs()) types.set(IndexOf(rule.type));
  return types;
}

absl::StatusOr<PipelineContents> ReadContents(const PipelineFolders& folders) {
  const auto sources = folders.packs.empty() ? absl::StatusOr<std::vector<PackSource>>(BuiltInPacks())
                                             : ReadPackFolder(folders.packs.string());
  if (!sources.ok()) return sources.status();
  absl::StatusOr<std::shared_ptr<const RuleSet>> rules = RuleSet::Load(*sources);
  if (!rules.ok()) return rules.status();
  PipelineContents contents;
  contents.rules = *std::move(rules);
  if (folders.bundle.empty()) return contents;
  absl::StatusOr<BundleManifest> bundle = ReadBundleFolder(folders.bundle);
  if (!bundle.ok()) return bundle.status();
  contents.bundle = *std::move(bundle);
  return contents;
}

absl::StatusOr<std::shared_ptr<const Detector>> LoadDetector(const PipelineContents& contents,
                                                             const ModelOptions& options,
                                                             const Limits& limits) {
  std::shared_ptr<const LearnedStages> stages;
  if (contents.bundle.has_value()) {
    absl::StatusOr<LearnedStagesConfig> config = LoadStages(*contents.bundle, options);
    if (!config.ok()) {
      return absl::Status(config.status().code(),
                          absl::StrCat("bundle ", contents.bundle->name, ": ", config.status().message()));
    }
    stages = std::make_shared<const LearnedStages>(*std::move(config));
  }
  return std::make_shared<const Detector>(contents.rules, limits, std::move(stages));
}

absl::StatusOr<std::shared_ptr<const Pipeline>> LoadPipeline(const PipelineFolders& folders,
                                                             const ModelOptions& options,
                                                             const Limits& limits) {
  absl::StatusOr<PipelineContents> contents = ReadContents(folders);
  if (!contents.ok()) return contents.status();
  auto detector = LoadDetector(*contents, options, limits);
  if (!detector.ok()) return detector.status();
  return std::make_shared<const Pipeline>(Pipeline{*std::move(contents), *std::move(detector)});
}

}  // namespace privet
