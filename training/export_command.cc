#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/taxonomy.h"
#include "pipeline/bundle_folder.h"
#include "pipeline/windows.h"
#include "qwen3/adapter_config.h"
#include "qwen3/config.h"
#include "qwen3/model_folder.h"
#include "qwen3/tokenizer_files.h"
#include "stage2_filter/filter_head.h"
#include "training/commands.h"
#include "training/config.h"
#include "training/data/output_file.h"
#include "training/learn/whole_model.h"

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
  bool merged = false;
  WholeModelOptions whole;
};

// A stage's model, and with it the base of an adapter.
using Models = std::vector<ModelFolder>;

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

// The same with the base of an adapter that is to be merged, or stays apart.
absl::StatusOr<ModelFolder> WithBase(const fs::path& model, const ExportFlags& flags) {
  const fs::path file = model / "adapter_config.json";
  if (!fs::exists(file)) return ModelFolder{.folder = model};
  const auto adapter = ReadAdapterConfig(model);
  if (!adapter.ok()) return adapter.status();
  ModelFolder folder = {model, adapter->base};
  if (adapter->base.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.string(), ": base_model_name_or_path: must name the base's folder"));
  }
  if (!flags.merged && (flags.whole.bf16 || !flags.whole.tokenizer.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat(flags.whole.bf16 ? "--bf16: " : "--vocabulary: ", model.string(),
                     ": is an adapter, which keeps its base; add --merged"));
  }
  if (flags.merged && !fs::is_directory(folder.base)) {
    return absl::NotFoundError(absl::StrCat(
        file.string(), ": base_model_name_or_path: ", folder.base.string(), ": there is no such folder"));
  }
  return folder;
}

// The types of the model's labels, B-PERSON and so on, in the taxonomy's order.
absl::StatusOr<std::vector<std::string>> TypesOf(const fs::path& model) {
  const auto config = ReadQwen3Config(model);
  if (!config.ok()) return config.status();
  TypeSet types;
  for (const auto& [id, label] : config->id2label) {
    const auto type = FindEntityType(label.substr(std::min<size_t>(2, label.size())));
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
absl::StatusOr<WindowSizes> WindowsOf(const ExportFlags& flags, const Models& models) {
  std::optional<WindowSizes> trained;
  for (const ModelFolder& model : models) {
    if (flags.max_tokens.has_value() && flags.overlap_tokens.has_value()) break;
    const auto of_run = WindowsOfRun(model.folder);
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
  for (const ModelFolder& model : models) {
    const auto config = ReadQwen3Config(model.folder);
    if (!config.ok()) return config.status();
    if (static_cast<int64_t>(sizes.max_tokens) <= config->max_position_embeddings) continue;
    return absl::InvalidArgumentError(
        absl::StrCat((model.folder / "config.json").string(), ": max_position_embeddings: is ",
                     config->max_position_embeddings, ", less than a window's ", sizes.max_tokens,
                     " tokens; take --max-tokens ", config->max_position_embeddings, " or less"));
  }
  return sizes;
}

// A text as YAML reads it, whatever is in it.
std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A stage's lines of the manifest. The base of an adapter that is not merged stays where it is.
absl::StatusOr<std::string> StageLines(const std::string& stage, const ModelFolder& model, bool merged) {
  std::string lines = absl::StrCat(stage, ":\n  folder: ", stage, "\n");
  if (!model.base.empty() && !merged) absl::StrAppend(&lines, "  base: ", Quoted(model.base.string()), "\n");
  const bool span_head = fs::exists(model.folder / "head.safetensors");
  if (stage == kStages[1]) {
    absl::StrAppend(&lines, "  head: ", AbslView(NameOf(span_head ? FilterHead::Span : FilterHead::Tagger)),
                    "\n");
  } else if (span_head) {
    return absl::InvalidArgumentError(
        absl::StrCat(model.folder.string(), ": has a span head, which cannot propose; it can be --stage2"));
  }
  return lines;
}

absl::StatusOr<std::string> ManifestOf(const ExportFlags& flags, const Models& models,
                                       const WindowSizes& windows) {
  std::string stages;
  for (size_t i = 0; i < models.size(); ++i) {
    const auto lines = StageLines(kStages[i], models[i], flags.merged);
    if (!lines.ok()) return lines.status();
    stages += *lines;
  }
  const auto types = TypesOf(models[0].folder);
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

// A model as it is, or made whole with what else lies beside it, such as a span head or a licence.
absl::Status WriteModel(const ModelFolder& model, const ExportFlags& flags, const fs::path& target) {
  if (absl::Status status = MakeFolder(target); !status.ok()) return status;
  const bool made_whole =
      flags.whole.bf16 || !flags.whole.tokenizer.empty() || (flags.merged && !model.base.empty());
  std::set<std::string> left_out;
  if (made_whole) {
    if (absl::Status status = WriteWholeModel(model, flags.whole, target); !status.ok()) return status;
    left_out = {"config.json", "adapter_config.json"};
    left_out.insert(std::begin(kTokenizerFiles), std::end(kTokenizerFiles));
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(model.folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool weights = absl::StrContains(name, ".safetensors") && name != "head.safetensors";
    if (!entry.is_regular_file() || left_out.contains(name) || (made_whole && weights)) continue;
    if (absl::Status status = CopyWholeFile(entry.path(), target / name); !status.ok()) return status;
  }
  if (error)
    return absl::UnavailableError(absl::StrCat(model.folder.string(), ": cannot be read: ", error.message()));
  return absl::OkStatus();
}

// The bundle's windows. What can be known to be wrong is known before anything is written.
absl::StatusOr<WindowSizes> Export(const ExportFlags& flags) {
  Models models;
  std::vector<fs::path> read = {flags.whole.tokenizer};
  for (const std::string& run : {flags.stage1, flags.stage2}) {
    if (run.empty()) continue;
    const auto folder = ModelOf(run);
    if (!folder.ok()) return folder.status();
    auto model = WithBase(*folder, flags);
    if (!model.ok()) return model.status();
    read.insert(read.end(), {model->folder, model->base});
    models.push_back(*std::move(model));
  }
  const fs::path bundle = flags.out;
  if (absl::Status status = CheckNewFolder(bundle, read); !status.ok()) return status;
  const auto windows = WindowsOf(flags, models);
  if (!windows.ok()) return windows.status();
  const auto manifest = ManifestOf(flags, models, *windows);
  if (!manifest.ok()) return manifest.status();
  if (const auto parsed = ParseBundleManifest(*manifest, bundle); !parsed.ok())
    return absl::Status(parsed.status().code(),
                        absl::StrCat(parsed.status().message(), "; nothing was written"));
  absl::Status written = WriteWholeFolder(bundle, [&](const fs::path& partial) {
    absl::Status status;
    for (size_t i = 0; i < models.size() && status.ok(); ++i)
      status = WriteModel(models[i], flags, partial / kStages[i]);
    if (status.ok()) status = WriteWholeFile(partial / kBundleManifestName, *manifest);
    if (status.ok()) status = ReadBundleFolder(partial).status();
    return status;
  });
  if (!written.ok()) return written;
  return *windows;
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
  command->add_flag("--merged", flags->merged,
                    "merge adapters into their bases, in fp32: whole models that need no base's folder");
  command->add_option("--vocabulary", flags->whole.tokenizer,
                      "folder of a tokenizer that `trainer vocabulary` made of the models': they keep its "
                      "tokens' embeddings alone");
  command->add_flag(
      "--bf16", flags->whole.bf16,
      "round the weights of whole models, all but a span head's, to bf16: half the size on disk");
  command->add_option("--card", flags->card,
                      "facts for the card, such as licence=Apache-2.0; may be repeated");
  return [flags] { return RunExport(*flags); };
}

}  // namespace privet
