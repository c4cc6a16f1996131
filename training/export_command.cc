#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/taxonomy.h"
#include "pipeline/bundle_folder.h"
#include "qwen3/safetensors.h"
#include "stage2_filter/filter_head.h"
#include "training/commands.h"

namespace privet {
namespace {

struct ExportFlags {
  std::string stage1;
  std::string stage2;
  std::string out;
  std::string name = "my-bundle";
  std::string version = "1";
  int64_t max_tokens = 512;
  int64_t overlap_tokens = 64;
  std::vector<std::string> card;
  bool bf16 = false;
};

// What a run calls its best model, or the folder itself.
absl::StatusOr<std::filesystem::path> ModelOf(const std::string& run) {
  std::filesystem::path folder = run;
  if (std::filesystem::exists(folder / "best" / "config.json")) folder /= "best";
  if (std::filesystem::exists(folder / "config.json")) return folder;
  return absl::NotFoundError(
      absl::StrCat(folder.string(), "/config.json: is missing; name a run's folder, or a model's"));
}

absl::StatusOr<nlohmann::json> ReadJson(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    return absl::InvalidArgumentError(absl::StrCat(file.string(), ": is not a JSON object"));
  return json;
}

// The types of the model's labels, B-PERSON and so on, in the taxonomy's order.
absl::StatusOr<std::vector<std::string>> TypesOf(const std::filesystem::path& model) {
  const auto config = ReadJson(model / "config.json");
  if (!config.ok()) return config.status();
  TypeSet types;
  const nlohmann::json labels = config->value("id2label", nlohmann::json::object());
  for (const auto& [id, label] : labels.items()) {
    const std::string text = label.is_string() ? label.get<std::string>() : "";
    const auto type = FindEntityType(text.substr(std::min<size_t>(2, text.size())));
    if (type.has_value()) types.set(IndexOf(*type));
  }
  std::vector<std::string> ids;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    if (types.test(IndexOf(spec.type))) ids.emplace_back(spec.id);
  }
  if (ids.empty())
    return absl::InvalidArgumentError(
        absl::StrCat((model / "config.json").string(), ": id2label: names no entity type"));
  return ids;
}

// Rounds the weights in model.safetensors, or in its shards, which become one file, to half the size.
absl::Status RoundWeights(const std::filesystem::path& model) {
  const std::filesystem::path file = model / "model.safetensors";
  const std::filesystem::path index = model / "model.safetensors.index.json";
  std::vector<std::filesystem::path> shards;
  {
    const auto folder = SafetensorsFolder::Open(model);
    if (!folder.ok()) return folder.status();
    std::vector<std::vector<float>> values;
    std::vector<FloatTensor> tensors;
    for (const auto& [name, tensor] : (*folder)->tensors()) {
      std::vector<float>& floats = values.emplace_back(static_cast<size_t>(tensor.elements()));
      if (!ReadAsFloat(tensor, floats.data())) {
        return absl::InvalidArgumentError(absl::StrCat((*folder)->FileOf(name), ": ", name, ": has dtype ",
                                                       tensor.dtype_name, ", which cannot be rounded"));
      }
      tensors.push_back({name, tensor.shape, floats.data()});
      if (const std::filesystem::path shard = (*folder)->FileOf(name); shard != file) shards.push_back(shard);
    }
    if (absl::Status status = WriteSafetensors(file, tensors, TensorDtype::BF16); !status.ok()) return status;
  }
  std::error_code ignored;
  for (const std::filesystem::path& shard : shards) std::filesystem::remove(shard, ignored);
  std::filesystem::remove(index, ignored);
  return absl::OkStatus();
}

// Copies a model's files to the bundle, and gives its lines of the manifest. An adapter's base stays where it
// is.
absl::StatusOr<std::string> AddStage(const char* stage, const std::string& run, bool bf16,
                                     const std::filesystem::path& bundle) {
  const auto model = ModelOf(run);
  if (!model.ok()) return model.status();
  const std::filesystem::path target = bundle / stage;
  std::error_code error;
  std::filesystem::create_directories(target, error);
  for (const auto& entry : std::filesystem::directory_iterator(*model, error)) {
    if (error) break;
    if (!entry.is_regular_file()) continue;
    std::filesystem::copy_file(entry.path(), target / entry.path().filename(),
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) break;
  }
  if (error) {
    return absl::UnavailableError(
        absl::StrCat(model->string(), ": cannot be copied to ", target.string(), ": ", error.message()));
  }
  if (bf16 && !std::filesystem::exists(target / "adapter_config.json")) {
    if (absl::Status status = RoundWeights(target); !status.ok()) return status;
  }
  std::string lines = absl::StrCat(stage, ":\n  folder: ", stage, "\n");
  if (std::filesystem::exists(target / "adapter_config.json")) {
    const auto adapter = ReadJson(target / "adapter_config.json");
    if (!adapter.ok()) return adapter.status();
    absl::StrAppend(&lines, "  base: ", nlohmann::json(adapter->value("base_model_name_or_path", "")).dump(),
                    "\n");
  }
  const bool span_head = std::filesystem::exists(target / "head.safetensors");
  if (std::string_view(stage) == "stage2") {
    absl::StrAppend(&lines, "  head: ", AbslView(NameOf(span_head ? FilterHead::Span : FilterHead::Tagger)),
                    "\n");
  } else if (span_head) {
    return absl::InvalidArgumentError(
        absl::StrCat(model->string(), ": has a span head, which cannot propose; it can be --stage2"));
  }
  return lines;
}

absl::StatusOr<std::string> ManifestOf(const ExportFlags& flags, const std::filesystem::path& bundle) {
  const auto stage1 = AddStage("stage1", flags.stage1, flags.bf16, bundle);
  if (!stage1.ok()) return stage1.status();
  const auto types = TypesOf(bundle / "stage1");
  if (!types.ok()) return types.status();
  std::string manifest = absl::StrCat("name: ", flags.name, "\nversion: \"", flags.version, "\"\ntypes: [",
                                      absl::StrJoin(*types, ", "), "]\n", *stage1);
  if (!flags.stage2.empty()) {
    const auto stage2 = AddStage("stage2", flags.stage2, flags.bf16, bundle);
    if (!stage2.ok()) return stage2.status();
    manifest += *stage2;
  }
  absl::StrAppend(&manifest, "windows:\n  max_tokens: ", flags.max_tokens,
                  "\n  overlap_tokens: ", flags.overlap_tokens,
                  "\noperating_points:  # placeholders, until `trainer calibrate` sets them\n",
                  "  high_recall:\n    tau: 0.01\n    min_score: 0.2\n",
                  "  balanced:\n    tau: 0.02\n    min_score: 0.5\n",
                  "  high_precision:\n    tau: 0.05\n    min_score: 0.9\n");
  if (!flags.card.empty()) manifest += "card:\n";
  for (const std::string& entry : flags.card) {
    const size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string::npos)
      return absl::InvalidArgumentError("--card: must be KEY=TEXT, such as licence=Apache-2.0");
    absl::StrAppend(&manifest, "  ", entry.substr(0, equals), ": ",
                    nlohmann::json(entry.substr(equals + 1)).dump(), "\n");
  }
  return manifest;
}

int RunExport(const ExportFlags& flags) {
  const std::filesystem::path bundle = flags.out;
  if (std::filesystem::exists(bundle / kBundleManifestName)) {
    return TrainerFail(absl::AlreadyExistsError(absl::StrCat(
        (bundle / kBundleManifestName).string(), ": is there already; name another folder for --out")));
  }
  const auto manifest = ManifestOf(flags, bundle);
  if (!manifest.ok()) return TrainerFail(manifest.status());
  std::ofstream out(bundle / kBundleManifestName, std::ios::binary | std::ios::trunc);
  out << *manifest << std::flush;
  if (!out) {
    return TrainerFail(absl::UnavailableError(
        absl::StrCat((bundle / kBundleManifestName).string(), ": cannot be written; is the disk full?")));
  }
  if (const auto read = ReadBundleFolder(bundle); !read.ok()) return TrainerFail(read.status());
  std::cout << flags.out
            << " is a bundle; its thresholds are placeholders until `trainer calibrate` sets them"
            << "\n";
  return kTrainerDone;
}

}  // namespace

TrainerCommand AddExport(CLI::App* app) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* const command = app->add_subcommand("export", "makes a bundle of one run, or of two");
  command->add_option("--stage1", flags->stage1, "folder of a run, or of a model")->required();
  command->add_option("--stage2", flags->stage2, "the same; without it stage 1 and the rules decide");
  command->add_option("--out", flags->out, "folder of the bundle")->required();
  command->add_option("--name", flags->name, "of the bundle")->capture_default_str();
  command->add_option("--version", flags->version, "of the bundle")->capture_default_str();
  command->add_option("--max-tokens", flags->max_tokens, "of a window")
      ->check(CLI::Range(8, 65536))
      ->capture_default_str();
  command->add_option("--overlap-tokens", flags->overlap_tokens, "that windows share")
      ->check(CLI::Range(0, 16384))
      ->capture_default_str();
  command->add_flag("--bf16", flags->bf16, "round a whole model's weights to bf16: half the size on disk");
  command->add_option("--card", flags->card,
                      "facts for the card, such as licence=Apache-2.0; may be repeated");
  return [flags] { return RunExport(*flags); };
}

}  // namespace privet
