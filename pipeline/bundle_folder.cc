#include "pipeline/bundle_folder.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/read_file.h"

namespace privet {
namespace {

bool IsFile(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

// What a Hugging Face folder lacks, or nothing. A tokenizer may also lie beside the adapter.
std::string FolderFault(const std::filesystem::path& folder, const std::filesystem::path& tokenizer_folder) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return "is not a folder";
  if (!IsFile(folder / "config.json")) return "has no config.json";
  if (!IsFile(folder / "model.safetensors") && !IsFile(folder / "model.safetensors.index.json")) {
    return "has no model.safetensors, nor a model.safetensors.index.json with shards";
  }
  for (const std::filesystem::path& place : {tokenizer_folder, folder}) {
    if (IsFile(place / "tokenizer.json")) return {};
    if (IsFile(place / "vocab.json") && IsFile(place / "merges.txt")) return {};
  }
  return "has no tokenizer.json, nor vocab.json and merges.txt";
}

std::string StageFault(const StageModel& stage) {
  const auto fault_of = [](const std::filesystem::path& path, std::string_view what) {
    return absl::StrCat("'", path.string(), "' ", AbslView(what));
  };
  const bool is_adapter = IsFile(stage.folder / "adapter_config.json");
  const std::filesystem::path& model = stage.base.empty() ? stage.folder : stage.base;
  if (std::error_code ignored; !std::filesystem::is_directory(stage.folder, ignored)) {
    return fault_of(stage.folder, "is not a folder");
  }
  if (is_adapter && stage.base.empty()) {
    return fault_of(stage.folder, "holds an adapter (adapter_config.json): say with `base` which model's");
  }
  if (!is_adapter && !stage.base.empty()) {
    return fault_of(stage.folder, "has no adapter_config.json, so `base` means nothing");
  }
  if (is_adapter && !IsFile(stage.folder / "adapter_model.safetensors")) {
    return fault_of(stage.folder, "has no adapter_model.safetensors");
  }
  if (const std::string fault = FolderFault(model, stage.folder); !fault.empty())
    return fault_of(model, fault);
  if (stage.head == FilterHead::Span && !IsFile(stage.folder / "head.safetensors")) {
    return fault_of(stage.folder, "has no head.safetensors, which `head: span` needs");
  }
  return {};
}

absl::Status CheckBundleFiles(const BundleManifest& manifest, const std::filesystem::path& folder) {
  const auto check = [&](const StageModel& stage, std::string_view where) -> absl::Status {
    const std::string fault = StageFault(stage);
    if (fault.empty()) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat((folder / kBundleManifestName).string(), ":", stage.line, ": ",
                                            AbslView(where), ": ", fault));
  };
  if (absl::Status status = check(manifest.stage1, "stage1"); !status.ok()) return status;
  return manifest.stage2.has_value() ? check(*manifest.stage2, "stage2") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<BundleManifest> ReadBundleFolder(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kBundleManifestName;
  const absl::StatusOr<std::string> content = ReadFile(path.string());
  if (!content.ok()) {
    return absl::NotFoundError(
        absl::StrCat(path.string(), ": cannot read it; a bundle is a folder with this file in it"));
  }
  absl::StatusOr<BundleManifest> manifest = ParseBundleManifest(*content, folder);
  if (!manifest.ok()) return manifest;
  if (absl::Status status = CheckBundleFiles(*manifest, folder); !status.ok()) return status;
  return manifest;
}

}  // namespace privet
