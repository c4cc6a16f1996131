#include "pipeline/load.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pipeline/bundle_folder.h"
#include "rules/pack.h"
#include "rules/rule_set.h"

namespace privet {

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
                                                             const ModelOptions& /*options*/,
                                                             const Limits& limits) {
  if (contents.bundle.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "bundle ", contents.bundle->name,
        ": its manifest and files are in order, but this version does not run models yet; leave the bundle "
        "out to use rules alone"));
  }
  return std::make_shared<const Detector>(contents.rules, limits);
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
