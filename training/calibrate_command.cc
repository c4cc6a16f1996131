#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pipeline/bundle_folder.h"
#include "training/commands.h"
#include "training/judge/calibration.h"
#include "training/judge/manifest_file.h"
#include "training/judge/marked_files.h"

namespace privet {
namespace {

struct CalibrateFlags {
  std::string bundle, out;
  std::vector<std::string> data;
  CalibrationOptions options;
  ModelOptions models;
};

// What the manifest says of the documents: file names without their folders.
std::string SplitOf(const std::vector<std::string>& files) {
  constexpr size_t kMostNames = 5;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(files.size(), kMostNames); ++i)
    names.push_back(std::filesystem::path(files[i]).filename().string());
  const std::string more =
      files.size() > kMostNames ? absl::StrCat(" and ", files.size() - kMostNames, " more") : std::string();
  return absl::StrCat(absl::StrJoin(names, ", "), more, ": those with entities of the half for thresholds");
}

// A copy of the bundle in a folder that does not exist yet.
absl::Status CopyBundle(const std::filesystem::path& bundle, const std::filesystem::path& out) {
  std::error_code error;
  if (std::filesystem::exists(out, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(out.string(), ": is there already; --out makes a new folder"));
  }
  std::filesystem::copy(bundle, out, std::filesystem::copy_options::recursive, error);
  if (error) return absl::UnavailableError(absl::StrCat(out.string(), ": ", error.message()));
  absl::Status whole = ReadBundleFolder(out).status();
  if (whole.ok()) return whole;
  return absl::Status(whole.code(), absl::StrCat(whole.message(),
                                                 "; a base with a relative path needs a copy "
                                                 "that lies beside the bundle"));
}

int RunCalibrate(const CalibrateFlags& flags) {
  const std::filesystem::path folder = flags.out.empty() ? flags.bundle : flags.out;
  const absl::StatusOr<PipelineContents> contents = ReadContents({{}, flags.bundle});
  if (!contents.ok()) return TrainerFail(contents.status());
  if (!contents->bundle.has_value())
    return TrainerFail(absl::InvalidArgumentError("--bundle: names no folder"));
  const BundleManifest& bundle = *contents->bundle;
  std::vector<std::string> unusable;
  auto records = ReadMarkedFiles(flags.data, &unusable);
  if (!records.ok()) return TrainerFail(records.status());
  CalibrationOptions options = flags.options;
  if (options.margin >= options.alpha)
    return TrainerFail(absl::InvalidArgumentError("--margin: must be less than --alpha"));
  options.read_tau = LowestTau(contents->offer(), options.read_tau);
  const auto readings = ReadWithPipeline(*contents, flags.models, options.read_tau, *std::move(records));
  if (!readings.ok()) return TrainerFail(readings.status());
  unusable.insert(unusable.end(), readings->failed.begin(), readings->failed.end());
  for (const std::string& line : unusable) std::cerr << "trainer: left out: " << line << "\n";
  const absl::StatusOr<Calibrated> calibrated = Calibrate(*readings, bundle, options);
  if (!calibrated.ok()) return TrainerFail(calibrated.status());
  std::cout << CalibrationReport(*calibrated, bundle, options) << std::flush;

  Calibration calibration;
  calibration.fusion = calibrated->fusion;
  calibration.documents = static_cast<int64_t>(calibrated->bound_documents());
  if (calibrated->bounded()) {
    calibration.alpha = options.alpha;
    calibration.operating_point = "high_recall";
  }
  calibration.split = SplitOf(flags.data);
  calibration.seed = static_cast<int64_t>(options.seed);
  const auto before = ReadManifest(flags.bundle);
  if (!before.ok()) return TrainerFail(before.status());
  const auto manifest = WithCalibration(*before, flags.bundle, calibrated->points, calibration);
  if (!manifest.ok()) return TrainerFail(manifest.status());
  absl::Status status = flags.out.empty() ? absl::OkStatus() : CopyBundle(flags.bundle, flags.out);
  if (status.ok()) status = ReplaceManifest(folder, *manifest);
  if (!status.ok()) return TrainerFail(status);
  std::cout << "\nWritten to " << (folder / kBundleManifestName).string() << "; the one before is "
            << kBundleManifestName << ".previous."
            << "\n";
  return kTrainerDone;
}

}  // namespace

TrainerCommand AddCalibrate(CLI::App* app) {
  const auto flags = std::make_shared<CalibrateFlags>();
  CLI::App* const command = app->add_subcommand(
      "calibrate", "fits a bundle's fusion and thresholds to texts that no stage has seen");
  command->add_option("--bundle", flags->bundle, "folder of the model bundle")->required();
  command->add_option("--data", flags->data, "marked texts that no stage has seen, JSON Lines")->required();
  command
      ->add_option("--alpha", flags->options.alpha,
                   "bound on the expected share of missed entities at high_recall")
      ->check(CLI::Range(0.001, 0.5))
      ->capture_default_str();
  command
      ->add_option("--margin", flags->options.margin,
                   "sets thresholds for alpha less this, where the texts are easier than those to come")
      ->check(CLI::Range(0.0, 0.4))
      ->capture_default_str();
  command->add_option("--precision-aim", flags->options.precision, "precision that high_precision aims at")
      ->check(CLI::Range(0.5, 1.0))
      ->capture_default_str();
  command->add_option("--tau", flags->options.read_tau, "stage 1 proposes down to it at high_recall")
      ->check(CLI::Range(0.0001, 0.5))
      ->capture_default_str();
  command->add_option("--seed", flags->options.seed, "parts the documents")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  command->add_option("--out", flags->out, "write a copy of the bundle to this folder; without it in place");
  command->add_option("--device", flags->models.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--precision", flags->models.precision, "auto, fp32, bf16 or int8")
      ->capture_default_str();
  return [flags] { return RunCalibrate(*flags); };
}

}  // namespace privet
