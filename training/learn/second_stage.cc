#include "training/learn/second_stage.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/taxonomy.h"
#include "pipeline/bundle_folder.h"

namespace privet {
namespace {

// A label of a tagger or a class of a span head; not LABEL_0, which any folder may have.
bool NamesAnEntity(const std::string& label) {
  const bool tagged = label.size() > 2 && label[1] == '-';
  return FindEntityType(tagged ? label.substr(2) : label).has_value();
}

bool LabelsNameEntities(const std::filesystem::path& model) {
  std::ifstream in(model / "config.json", std::ios::binary);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  const auto labels = json.is_object() ? json.find("id2label") : json.end();
  if (labels == json.end() || !labels->is_object()) return false;
  for (const auto& [id, label] : labels->items()) {
    if (label.is_string() && NamesAnEntity(label.get<std::string>())) return true;
  }
  return false;
}

// Whether a bundle says so of it: as its stage 2, and not as its stage 1 as well.
bool IsStage2OfABundle(const std::filesystem::path& model) {
  std::filesystem::path folder = std::filesystem::absolute(model).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // of a path that ends with a slash
  const auto bundle = ReadBundleFolder(folder.parent_path());
  if (!bundle.ok() || !bundle->stage2.has_value()) return false;
  const auto is = [&folder](const StageModel& stage) {
    std::error_code ignored;
    return std::filesystem::equivalent(stage.folder, folder, ignored);
  };
  return is(*bundle->stage2) && !is(bundle->stage1);
}

}  // namespace

bool WasTrainedToFindEntities(const std::filesystem::path& base) {
  return LabelsNameEntities(base) || LabelsNameEntities(base / "best");
}

absl::Status CheckStage(const TrainingConfig& config, int stage) {
  if (stage == 1 && config.head == "span") {
    return absl::InvalidArgumentError(
        "head.kind: span is for --stage 2: it judges what is proposed, and stage 1 has to propose");
  }
  if (config.base_folder.empty()) return absl::OkStatus();
  const std::filesystem::path base = config.base_folder;
  if (stage == 1) {
    if (!IsStage2OfABundle(base)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "base.folder: ", base.string(),
        ": is the stage 2 of a bundle, whose second opinion would be worth nothing where stage 1 "
        "learned from it; go on from the folder that the bundle.yaml beside it names as stage1"));
  }
  if (!WasTrainedToFindEntities(base)) return absl::OkStatus();
  if (IsStage2OfABundle(base)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "base.folder: ", base.string(),
      ": was trained to find entities, so stage 2 would repeat what stage 1 learned; take the "
      "folder that stage 1 started from, or the stage 2 of a bundle to go on from (a folder that "
      "the bundle.yaml beside it names as stage2)"));
}

}  // namespace privet
