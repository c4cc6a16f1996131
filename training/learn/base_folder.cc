#include "training/learn/base_folder.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace privet {
namespace {

namespace fs = std::filesystem;

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// What an adapter says that it adapts; empty where it does not.
std::string AdaptedBase(const fs::path& adapter) {
  std::ifstream in(adapter / "adapter_config.json", std::ios::binary);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  const auto base = json.is_object() ? json.find("base_model_name_or_path") : json.end();
  return base != json.end() && base->is_string() ? base->get<std::string>() : "";
}

}  // namespace

absl::Status CheckBaseFolder(const TrainingConfig& config) {
  for (const auto& [key, folder] :
       {std::pair("base.folder", &config.base_folder), std::pair("base.tokenizer", &config.base_tokenizer)}) {
    if (!folder->empty() && !Exists(*folder))
      return absl::NotFoundError(absl::StrCat(key, ": ", *folder, ": there is no such folder"));
  }
  if (config.base_folder.empty()) return absl::OkStatus();
  const fs::path base = config.base_folder;
  if (Exists(base / "adapter_config.json") && !Exists(base / "model.safetensors") &&
      !Exists(base / "model.safetensors.index.json")) {
    const std::string adapted = AdaptedBase(base);
    return absl::InvalidArgumentError(absl::StrCat("base.folder: ", base.string(),
                                                   ": is an adapter, which is no base: start from ",
                                                   adapted.empty() ? "the model that it adapts" : adapted,
                                                   ", or merge it into that with `trainer export "
                                                   "--merged` and name the stage of the bundle; runs "
                                                   "with method.kind full make whole models"));
  }
  if (!Exists(base / "config.json") && Exists(base / "best" / "config.json")) {
    return absl::InvalidArgumentError(absl::StrCat("base.folder: ", base.string(),
                                                   ": is a run's folder; name the model in it, ",
                                                   (base / "best").string()));
  }
  return absl::OkStatus();
}

}  // namespace privet
