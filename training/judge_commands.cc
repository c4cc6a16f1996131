// evaluate, calibrate, export.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pipeline/load.h"
#include "training/commands.h"
#include "training/data/record_reader.h"
#include "training/judge/calibrate.h"
#include "training/judge/judge_bundle.h"
#include "training/judge/report.h"

namespace privet {
namespace {

void Warn(const std::string& line) { std::cerr << "trainer: " << line << std::endl; }

absl::StatusOr<std::vector<LabeledRecord>> ReadAll(const std::vector<std::string>& files) {
  std::vector<LabeledRecord> records;
  for (const std::string& path : files) {
    auto file = ReadRecordFile(path);
    if (!file.ok()) return file.status();
    if (file->unusable_count > 0) {
      Warn(absl::StrCat(path, ": ", file->unusable_count, " lines cannot be used; the first is ",
                        file->unusable[0].origin, ": ", file->unusable[0].reason));
    }
    std::move(file->records.begin(), file->records.end(), std::back_inserter(records));
  }
  if (records.empty()) return absl::InvalidArgumentError("--data: holds no record that can be used");
  return records;
}

// The bundle's opinions on all records, with a progress line on a terminal.
absl::StatusOr<std::vector<JudgedText>> Run(const Pipeline& pipeline, std::vector<LabeledRecord> records,
                                            double tau) {
  const size_t total = records.size();
  const auto begin = std::chrono::steady_clock::now();
  const bool terminal = isatty(STDERR_FILENO) != 0;
  auto texts = RunOverRecords(pipeline, std::move(records), tau, Warn, [&](size_t done) {
    if (!terminal || (done % 16 != 0 && done != total)) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double rate = static_cast<double>(done) / std::max(seconds, 1e-9);
    std::cerr << absl::StrFormat("\r\033[K%d/%d texts  %.0f/s  %.0f s left", done, total, rate,
                                 static_cast<double>(total - done) / std::max(rate, 1e-9))
              << std::flush;
  });
  if (terminal) std::cerr << "\r\033[K" << std::flush;
  return texts;
}

absl::StatusOr<std::shared_ptr<const Pipeline>> LoadBundle(const std::string& bundle,
                                                           const std::string& precision,
                                                           const std::string& device) {
  ModelOptions options;
  options.precision = precision;
  options.device = device;
  Limits limits;
  limits.max_text_bytes = 16 << 20;
  limits.max_findings = 1000000;
  return LoadPipeline({.packs = {}, .bundle = bundle}, options, limits);
}

absl::Status WriteFile(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content << std::flush;
  return out ? absl::OkStatus()
             : absl::UnavailableError(absl::StrCat(path, ": cannot be written; is the disk full?"));
}

// What is judged: the types asked for, or those that stage 1 knows.
absl::StatusOr<TypeSet> TypesToJudge(const std::vector<std::string>& names, const BundleManifest& manifest) {
  if (names.empty()) return manifest.offer.model_types;
  TypeSet types;
  for (const std::string& name : names) {
    const auto type = FindEntityType(name);
    if (!type.has_value())
      return absl::InvalidArgumentError(absl::StrCat("--types: '", name, "' is not an entity type"));
    types.set(IndexOf(*type));
  }
  return types;
}

struct JudgeFlags {
  std::string bundle;
  std::vector<std::string> data;
  std::vector<std::string> train;
  std::vector<std::string> types;
  std::string operating_point = kDefaultOperatingPoint;
  std::string json;
  std::string html;
  bool texts = false;
  std::string precision = "auto";
  std::string device = "auto";
  CalibrationOptions calibration;
};

int RunEvaluate(const JudgeFlags& flags) {
  const auto pipeline = LoadBundle(flags.bundle, flags.precision, flags.device);
  if (!pipeline.ok()) return TrainerFail(pipeline.status());
  const BundleManifest& manifest = (*pipeline)->contents.bundle.value();
  const OperatingPoint* point = nullptr;
  for (const OperatingPoint& offered : manifest.offer.operating_points) {
    if (offered.name == flags.operating_point) point = &offered;
  }
  if (point == nullptr) {
    return TrainerFail(absl::InvalidArgumentError(absl::StrCat("--operating-point: the bundle has no '",
                                                               flags.operating_point,
                                                               "'; `privet info --bundle` lists them")));
  }
  const auto types = TypesToJudge(flags.types, manifest);
  if (!types.ok()) return TrainerFail(types.status());
  auto records = ReadAll(flags.data);
  if (!records.ok()) return TrainerFail(records.status());
  std::set<std::string> surfaces;
  if (!flags.train.empty()) {
    const auto train = ReadAll(flags.train);
    if (!train.ok()) return TrainerFail(train.status());
    for (const LabeledRecord& record : *train) {
      for (const LabeledSpan& span : record.spans)
        surfaces.insert(record.text.substr(span.span.begin, span.span.size()));
    }
  }
  double tau = point->tau;
  for (const auto& [type, value] : point->tau_by_type) tau = std::min(tau, value);
  const auto texts = Run(**pipeline, *std::move(records), tau);
  if (!texts.ok()) return TrainerFail(texts.status());
  const Evaluation evaluation = Evaluate(*texts, manifest, *point, *types, surfaces);
  std::cout << EvaluationTable(evaluation);
  absl::Status status;
  if (!flags.json.empty()) status.Update(WriteFile(flags.json, EvaluationJson(evaluation).dump(2) + "\n"));
  if (!flags.html.empty()) {
    const std::span<const JudgedText> shown =
        flags.texts ? std::span<const JudgedText>(*texts) : std::span<const JudgedText>();
    status.Update(WriteFile(flags.html, EvaluationHtml(evaluation, shown, manifest, *point, *types)));
  }
  return status.ok() ? static_cast<int>(kTrainerDone) : TrainerFail(status);
}

int RunCalibrate(const JudgeFlags& flags) {
  const auto pipeline = LoadBundle(flags.bundle, flags.precision, flags.device);
  if (!pipeline.ok()) return TrainerFail(pipeline.status());
  BundleManifest manifest = (*pipeline)->contents.bundle.value();
  const auto types = TypesToJudge(flags.types, manifest);
  if (!types.ok()) return TrainerFail(types.status());
  auto records = ReadAll(flags.data);
  if (!records.ok()) return TrainerFail(records.status());
  const auto texts = Run(**pipeline, *std::move(records), flags.calibration.tau);
  if (!texts.ok()) return TrainerFail(texts.status());
  const auto result = Calibrate(*texts, *types, flags.calibration);
  if (!result.ok()) return TrainerFail(result.status());

  manifest.calibration.fusion = result->fusion;
  manifest.calibration.documents = result->fitted_on + result->bounded_on;
  manifest.calibration.alpha.reset();
  manifest.calibration.operating_point.clear();
  if (result->bound_holds) {
    manifest.calibration.alpha = flags.calibration.alpha;
    manifest.calibration.operating_point = "high_recall";
  }
  manifest.offer.operating_points = result->operating_points;
  std::erase_if(manifest.card, [](const auto& entry) { return entry.first == "calibration_split"; });
  manifest.card.emplace_back(
      "calibration_split",
      absl::StrCat("fusion on ", result->fitted_on, " documents, thresholds on ", result->bounded_on,
                   " others with entities, seed ", flags.calibration.seed));
  if (absl::Status status = ReplaceBundleManifest(manifest, flags.bundle); !status.ok())
    return TrainerFail(status);

  std::cout << absl::StrFormat(
      "fusion: fitted on %d documents; on the others its loss goes from %.4f to %.4f, calibration error from "
      "%.3f to %.3f\n",
      result->fitted_on, result->loss_before, result->loss_after, result->error_before, result->error_after);
  for (const OperatingPoint& point : result->operating_points) {
    std::cout << absl::StrFormat("%s: min_score %.3f", point.name, point.min_score);
    for (const auto& [type, score] : point.min_score_by_type)
      std::cout << absl::StrFormat(", %s %.3f", std::string(IdOf(type)), score);
    std::cout << "\n";
  }
  if (result->bound_holds) {
    std::cout << absl::StrFormat(
        "high_recall: expected missed share at most %.3f (n = %d, measured there %.4f)\n",
        flags.calibration.alpha, result->bounded_on, result->recall_miss);
  } else {
    std::cout << absl::StrFormat(
        "high_recall: no threshold keeps the missed share to %.3f; the lowest misses %.4f. The bundle states "
        "no "
        "bound: more training text, or a lower --tau, is needed\n",
        flags.calibration.alpha, result->recall_miss);
  }
  std::cout << flags.bundle << "/bundle.yaml is replaced; the old one is bundle.yaml.previous\n";
  return kTrainerDone;
}

struct ExportFlags {
  std::string stage1;
  std::string stage2;
  std::string out;
  std::string name = "privet-bundle";
  std::string version = "1";
  int64_t max_tokens = 512;
  int64_t overlap_tokens = 64;
  std::vector<std::string> card;
};

// Copies a run's model folder; what an adapter's base is stays where it is.
absl::Status CopyModel(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::create_directories(to, error);
  for (const auto& entry : std::filesystem::directory_iterator(from, error)) {
    if (error || !entry.is_regular_file(error)) continue;
    std::filesystem::copy_file(entry.path(), to / entry.path().filename(),
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) break;
  }
  if (error)
    return absl::UnavailableError(
        absl::StrCat(from.string(), ": cannot be copied to ", to.string(), ": ", error.message()));
  return absl::OkStatus();
}

int RunExport(const ExportFlags& flags) {
  const std::filesystem::path folder = std::filesystem::absolute(flags.out);
  BundleManifest manifest;
  manifest.name = flags.name;
  manifest.version = flags.version;
  manifest.windows = {static_cast<size_t>(flags.max_tokens), static_cast<size_t>(flags.overlap_tokens)};
  const auto stage = [&](const std::string& run, const char* name, StageModel* model) -> absl::Status {
    std::filesystem::path source = run;
    if (std::filesystem::exists(source / "best" / "config.json")) source /= "best";
    if (!std::filesystem::exists(source / "config.json")) {
      return absl::NotFoundError(
          absl::StrCat(source.string(), "/config.json: is missing; name a run's folder, or a model's"));
    }
    model->folder = folder / name;
    if (std::filesystem::exists(source / "adapter_config.json")) {
      std::ifstream in(source / "adapter_config.json");
      const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
      if (json.is_object()) model->base = json.value("base_model_name_or_path", "");
    }
    return CopyModel(source, model->folder);
  };
  absl::Status status = stage(flags.stage1, "stage1", &manifest.stage1);
  if (status.ok() && !flags.stage2.empty())
    status = stage(flags.stage2, "stage2", &manifest.stage2.emplace());
  if (!status.ok()) return TrainerFail(status);
  // The types are those of stage 1's labels.
  std::ifstream in(folder / "stage1" / "config.json");
  const nlohmann::json config = nlohmann::json::parse(in, nullptr, false);
  for (const auto& [id, label] : config["id2label"].items()) {
    const std::string text = label.get<std::string>();
    const auto type = FindEntityType(text.substr(std::min<size_t>(2, text.size())));
    if (type.has_value()) manifest.offer.model_types.set(IndexOf(*type));
  }
  manifest.offer.operating_points = {{"high_recall", "reports what could be an entity", 0.2, {}, 0.01, {}},
                                     {"balanced", "not calibrated", 0.5, {}, 0.02, {}},
                                     {"high_precision", "not calibrated", 0.9, {}, 0.05, {}}};
  for (const std::string& entry : flags.card) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos)
      return TrainerFail(absl::InvalidArgumentError("--card: must be KEY=TEXT"));
    manifest.card.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  if (status = ReplaceBundleManifest(manifest, folder); !status.ok()) return TrainerFail(status);
  std::cout
      << folder.string()
      << " is a bundle; its thresholds are placeholders until `trainer calibrate --bundle` has set them\n";
  return kTrainerDone;
}

void AddCommonFlags(CLI::App* command, JudgeFlags* flags) {
  command->add_option("--bundle", flags->bundle, "folder of the bundle")->required();
  command->add_option("--data", flags->data, "files of records that no stage has seen")->required();
  command->add_option("--types", flags->types, "types to judge by; all that stage 1 knows when not given")
      ->delimiter(',');
  command->add_option("--precision", flags->precision, "auto, fp32, bf16 or int8")->capture_default_str();
  command->add_option("--device", flags->device, "auto, cpu or cuda")->capture_default_str();
}

}  // namespace

TrainerCommand AddEvaluate(CLI::App* app) {
  const auto flags = std::make_shared<JudgeFlags>();
  CLI::App* const command =
      app->add_subcommand("evaluate", "judges a bundle on records, and says where its recall goes");
  AddCommonFlags(command, flags.get());
  command->add_option("--operating-point", flags->operating_point, "of the bundle")->capture_default_str();
  command->add_option("--train", flags->train,
                      "the training records, to part values seen there from unseen ones");
  command->add_option("--json", flags->json, "file for the figures");
  command->add_option("--html", flags->html, "file for a page with curves");
  command->add_flag("--texts", flags->texts,
                    "shows the texts on the page, with what is right, wrong and missed");
  return [flags] { return RunEvaluate(*flags); };
}

TrainerCommand AddCalibrate(CLI::App* app) {
  const auto flags = std::make_shared<JudgeFlags>();
  CLI::App* const command = app->add_subcommand(
      "calibrate", "fits a bundle's fusion and thresholds to records that no stage has seen");
  AddCommonFlags(command, flags.get());
  command
      ->add_option("--alpha", flags->calibration.alpha,
                   "share of entities that high_recall may miss on average")
      ->check(CLI::Range(0.001, 0.5))
      ->capture_default_str();
  command->add_option("--precision-target", flags->calibration.precision_target, "of high_precision")
      ->check(CLI::Range(0.5, 0.999))
      ->capture_default_str();
  command->add_option("--tau", flags->calibration.tau, "from which probability on stage 1 proposes")
      ->check(CLI::Range(0.0001, 0.5))
      ->capture_default_str();
  command->add_option("--seed", flags->calibration.seed, "of the split")->capture_default_str();
  return [flags] { return RunCalibrate(*flags); };
}

TrainerCommand AddExport(CLI::App* app) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* const command = app->add_subcommand("export", "makes a bundle of one run, or of two");
  command->add_option("--stage1", flags->stage1, "folder of a run or a model")->required();
  command->add_option("--stage2", flags->stage2, "the same; without it stage 1 and the rules decide");
  command->add_option("--out", flags->out, "folder of the bundle")->required();
  command->add_option("--name", flags->name, "of the bundle")->capture_default_str();
  command->add_option("--version", flags->version, "of the bundle")->capture_default_str();
  command->add_option("--max-tokens", flags->max_tokens, "of a window")->capture_default_str();
  command->add_option("--overlap-tokens", flags->overlap_tokens, "that windows share")->capture_default_str();
  command->add_option("--card", flags->card, "facts for the card: data=..., licence=...");
  return [flags] { return RunExport(*flags); };
}

}  // namespace privet
