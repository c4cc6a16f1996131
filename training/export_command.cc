#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/taxonomy.h"
#include "pipeline/bundle_folder.h"
#include "pipeline/windows.h"
#include "qwen3/config.h"
#include "qwen3/safetensors.h"
#include "stage2_filter/filter_head.h"
#include "training/commands.h"
#include "training/config.h"
#include "training/data/output_file.h"

namespace privet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStages[] = {"stage1",
                                   "stage2"};  // their folders in a bundle, and keys of its manifest

struct ExportFlags {
  std::string stage1;
  std::string stage2;
  std::string out;
  std::string name = "my-bundle";
  std::string version = "1";
  std::optional<int64_t> max_tokens;
  std::optional<int64_t> overlap_tokens;
  std::vector<std::string> card;
  bool bf16 = false;
};

// What a run calls its best model, or the folder itself.
absl::StatusOr<fs::path> ModelOf(const std::string& run) {
  fs::path folder = run;
  if (fs::exists(folder / "best" / "config.json")) folder /= "best";
  if (fs::exists(folder / "config.json")) return folder;
  if (fs::exists(folder / "config.yaml")) {
    return absl::NotFoundError(absl::StrCat((folder / "best").string(),
                                            ": is missing: the run has judged no model yet; let it go on"));
  }
  return absl::NotFoundError(
      absl::StrCat(folder.string(), "/config.json: is missing; name a run's folder, or a model's"));
}

absl::StatusOr<nlohmann::json> ReadJson(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    return absl::InvalidArgumentError(absl::StrCat(file.string(), ": is not a JSON object"));
  return json;
}

// The types of the model's labels, B-PERSON and so on, in the taxonomy's order.
absl::StatusOr<std::vector<std::string>> TypesOf(const fs::path& model) {
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
absl::Status RoundWeights(const fs::path& model) {
  const fs::path file = model / "model.safetensors";
  const fs::path index = model / "model.safetensors.index.json";
  std::vector<fs::path> shards;
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
      if (const fs::path shard = (*folder)->FileOf(name); shard != file) shards.push_back(shard);
    }
    if (absl::Status status = WriteSafetensors(file, tensors, TensorDtype::BF16); !status.ok()) return status;
  }
  std::error_code ignored;
  for (const fs::path& shard : shards) fs::remove(shard, ignored);
  fs::remove(index, ignored);
  return absl::OkStatus();
}

// The windows that the model was trained with, where it is one of a run: its configuration lies above.
absl::StatusOr<std::optional<WindowSizes>> WindowsOfRun(const fs::path& model) {
  const fs::path file = (model / ".." / "config.yaml").lexically_normal();
  if (!fs::exists(file)) return std::nullopt;
  TrainingConfig config;
  if (const absl::Status status = ReadTrainingConfig(file.string(), &config); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(status.message(), "; say with --max-tokens and --overlap-tokens how it was trained"));
  }
  return WindowSizes{static_cast<size_t>(config.max_tokens), static_cast<size_t>(config.overlap_tokens)};
}

// As the flags say, otherwise as the models' runs: the shorter ones of two, which both models know.
absl::StatusOr<WindowSizes> WindowsOf(const ExportFlags& flags, const std::vector<fs::path>& models) {
  std::optional<WindowSizes> trained;
  for (const fs::path& model : models) {
    if (flags.max_tokens.has_value() && flags.overlap_tokens.has_value()) break;
    const auto of_run = WindowsOfRun(model);
    if (!of_run.ok()) return of_run.status();
    if (of_run->has_value() && (!trained.has_value() || (*of_run)->max_tokens < trained->max_tokens))
      trained = **of_run;
  }
  WindowSizes sizes = trained.value_or(WindowSizes());
  if (flags.max_tokens.has_value()) {
    sizes.max_tokens = static_cast<size_t>(*flags.max_tokens);
    sizes.overlap_tokens = std::min(sizes.overlap_tokens, sizes.max_tokens / 4);
  }
  if (flags.overlap_tokens.has_value()) sizes.overlap_tokens = static_cast<size_t>(*flags.overlap_tokens);
  for (const fs::path& model : models) {
    const auto config = ReadQwen3Config(model);
    if (!config.ok()) return config.status();
    if (static_cast<int64_t>(sizes.max_tokens) <= config->max_position_embeddings) continue;
    return absl::InvalidArgumentError(
        absl::StrCat((model / "config.json").string(), ": max_position_embeddings: is ",
                     config->max_position_embeddings, ", less than a window's ", sizes.max_tokens,
                     " tokens; take --max-tokens ", config->max_position_embeddings, " or less"));
  }
  return sizes;
}

// A text as YAML reads it, whatever is in it.
std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A stage's lines of the manifest. An adapter's base stays where it is.
absl::StatusOr<std::string> StageLines(const std::string& stage, const fs::path& model) {
  std::string lines = absl::StrCat(stage, ":\n  folder: ", stage, "\n");
  if (fs::exists(model / "adapter_config.json")) {
    const auto adapter = ReadJson(model / "adapter_config.json");
    if (!adapter.ok()) return adapter.status();
    absl::StrAppend(&lines, "  base: ", Quoted(adapter->value("base_model_name_or_path", "")), "\n");
  }
  const bool span_head = fs::exists(model / "head.safetensors");
  if (stage == kStages[1]) {
    absl::StrAppend(&lines, "  head: ", AbslView(NameOf(span_head ? FilterHead::Span : FilterHead::Tagger)),
                    "\n");
  } else if (span_head) {
    return absl::InvalidArgumentError(
        absl::StrCat(model.string(), ": has a span head, which cannot propose; it can be --stage2"));
  }
  return lines;
}

absl::StatusOr<std::string> ManifestOf(const ExportFlags& flags, const std::vector<fs::path>& models,
                                       const WindowSizes& windows) {
  std::string stages;
  for (size_t i = 0; i < models.size(); ++i) {
    const auto lines = StageLines(kStages[i], models[i]);
    if (!lines.ok()) return lines.status();
    stages += *lines;
  }
  const auto types = TypesOf(models[0]);
  if (!types.ok()) return types.status();
  std::string manifest = absl::StrCat("name: ", Quoted(flags.name), "\nversion: ", Quoted(flags.version),
                                      "\ntypes: [", absl::StrJoin(*types, ", "), "]\n", stages);
  absl::StrAppend(&manifest, "windows:\n  max_tokens: ", windows.max_tokens,
                  "\n  overlap_tokens: ", windows.overlap_tokens,
                  "\noperating_points:  # placeholders, until `trainer calibrate` sets them\n",
                  "  high_recall:\n    tau: 0.01\n    min_score: 0.2\n",
                  "  balanced:\n    tau: 0.02\n    min_score: 0.5\n",
                  "  high_precision:\n    tau: 0.05\n    min_score: 0.9\n");
  if (!flags.card.empty()) manifest += "card:\n";
  for (const std::string& entry : flags.card) {
    const size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string::npos)
      return absl::InvalidArgumentError("--card: must be KEY=TEXT, such as licence=Apache-2.0");
    absl::StrAppend(&manifest, "  ", Quoted(entry.substr(0, equals)), ": ", Quoted(entry.substr(equals + 1)),
                    "\n");
  }
  return manifest;
}

absl::Status CopyModel(const fs::path& model, bool bf16, const fs::path& target) {
  if (absl::Status status = MakeFolder(target); !status.ok()) return status;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(model, error)) {
    if (!entry.is_regular_file()) continue;
    absl::Status status = CopyWholeFile(entry.path(), target / entry.path().filename());
    if (!status.ok()) return status;
  }
  if (error)
    return absl::UnavailableError(absl::StrCat(model.string(), ": cannot be read: ", error.message()));
  return bf16 && !fs::exists(target / "adapter_config.json") ? RoundWeights(target) : absl::OkStatus();
}

absl::Status WriteBundle(const ExportFlags& flags, const std::vector<fs::path>& models,
                         const std::string& manifest) {
  const fs::path bundle = flags.out;
  for (size_t i = 0; i < models.size(); ++i) {
    if (absl::Status status = CopyModel(models[i], flags.bf16, bundle / kStages[i]); !status.ok())
      return status;
  }
  if (absl::Status status = WriteWholeFile(bundle / kBundleManifestName, manifest); !status.ok())
    return status;
  return ReadBundleFolder(bundle).status();
}

// The bundle's windows. What can be known to be wrong is known before anything is written, and nothing is
// left of a bundle that could not be finished.
absl::StatusOr<WindowSizes> Export(const ExportFlags& flags) {
  const fs::path bundle = flags.out;
  const std::vector<fs::path> parts = {bundle / kBundleManifestName, bundle / kStages[0],
                                       bundle / kStages[1]};
  for (const fs::path& part : parts) {
    if (fs::exists(part)) {
      return absl::AlreadyExistsError(
          absl::StrCat(part.string(), ": is there already; name another folder for --out"));
    }
  }
  std::vector<fs::path> models;
  for (const std::string& run : {flags.stage1, flags.stage2}) {
    if (run.empty()) continue;
    auto model = ModelOf(run);
    if (!model.ok()) return model.status();
    models.push_back(*std::move(model));
  }
  const auto windows = WindowsOf(flags, models);
  if (!windows.ok()) return windows.status();
  const auto manifest = ManifestOf(flags, models, *windows);
  if (!manifest.ok()) return manifest.status();
  if (const auto parsed = ParseBundleManifest(*manifest, bundle); !parsed.ok())
    return absl::Status(parsed.status().code(),
                        absl::StrCat(parsed.status().message(), "; nothing was written"));
  const bool was_there = fs::exists(bundle);
  absl::Status written = WriteBundle(flags, models, *manifest);
  if (written.ok()) return *windows;
  std::error_code ignored;
  for (const fs::path& part : parts) fs::remove_all(part, ignored);
  if (!was_there) fs::remove(bundle, ignored);
  return written;
}

int RunExport(const ExportFlags& flags) {
  const auto windows = Export(flags);
  if (!windows.ok()) return TrainerFail(windows.status());
  std::cout << flags.out << " is a bundle, with windows of " << windows->max_tokens << " tokens that share "
            << windows->overlap_tokens
            << "; its thresholds are placeholders until `trainer calibrate` sets them\n";
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
  command
      ->add_option("--max-tokens", flags->max_tokens,
                   "of a window; without it as the runs were trained, or 512")
      ->check(CLI::Range(8, 65536));
  command->add_option("--overlap-tokens", flags->overlap_tokens, "that windows share; likewise, or 64")
      ->check(CLI::Range(0, 16384));
  command->add_flag("--bf16", flags->bf16, "round a whole model's weights to bf16: half the size on disk");
  command->add_option("--card", flags->card,
                      "facts for the card, such as licence=Apache-2.0; may be repeated");
  return [flags] { return RunExport(*flags); };
}

}  // namespace privet
