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
#include "training/data/output_file.h"
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

// What would keep a copy of the bundle from being made, or from being a bundle where it lies.
absl::Status CheckCopy(const std::filesystem::path& bundle, const std::string& manifest,
                       const std::filesystem::path& out, const std::vector<std::string>& data) {
  if (LiesIn(out, bundle)) {
    return absl::InvalidArgumentError(
        absl::StrCat(out.string(), ": lies in the bundle that is copied; name a folder beside it"));
  }
  const absl::StatusOr<BundleManifest> copy = ParseBundleManifest(manifest, out);
  if (!copy.ok()) return copy.status();
  std::vector<std::filesystem::path> bases = {copy->stage1.base};
  if (copy->stage2.has_value()) bases.push_back(copy->stage2->base);
  std::vector<std::filesystem::path> read(data.begin(), data.end());
  read.push_back(bundle);
  read.insert(read.end(), bases.begin(), bases.end());
  if (absl::Status status = CheckNewFolder(out, read); !status.ok()) return status;
  std::error_code error;
  for (const std::filesystem::path& base : bases) {
    if (base.empty() || LiesIn(base, out) || std::filesystem::is_directory(base, error)) continue;
    return absl::NotFoundError(absl::StrCat(base.string(),
                                            ": is not there; a base with a relative path needs a copy "
                                            "that lies beside the bundle"));
  }
  return absl::OkStatus();
}

absl::Status CopyFiles(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (absl::Status status = MakeFolder(to); !status.ok()) return status;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(from, error)) {
    const std::filesystem::path copy = to / entry.path().filename();
    absl::Status status;
    if (entry.is_directory()) {
      status = CopyFiles(entry.path(), copy);
    } else if (entry.is_regular_file()) {
      status = CopyWholeFile(entry.path(), copy);
    }
    if (!status.ok()) return status;
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(from.string(), ": cannot be read: ", error.message()));
}

// A copy of the bundle with another manifest.
absl::Status WriteCopy(const std::filesystem::path& bundle, const std::string& manifest,
                       const std::filesystem::path& out) {
  return WriteWholeFolder(out, [&](const std::filesystem::path& partial) {
    absl::Status status = CopyFiles(bundle, partial);
    if (status.ok()) status = ReplaceManifest(partial, manifest);
    if (status.ok()) status = ReadBundleFolder(partial).status();
    return status;
  });
}

int RunCalibrate(const CalibrateFlags& flags) {
  const std::filesystem::path folder = flags.out.empty() ? flags.bundle : flags.out;
  const absl::StatusOr<PipelineContents> contents = ReadContents({{}, flags.bundle});
  if (!contents.ok()) return TrainerFail(contents.status());
  if (!contents->bundle.has_value())
    return TrainerFail(absl::InvalidArgumentError("--bundle: names no folder"));
  const BundleManifest& bundle = *contents->bundle;
  if (flags.options.margin >= flags.options.alpha)
    return TrainerFail(absl::InvalidArgumentError("--margin: must be less than --alpha"));
  const auto before = ReadManifest(flags.bundle);
  if (!before.ok()) return TrainerFail(before.status());
  std::vector<std::string> outputs;
  if (flags.out.empty()) outputs.push_back((folder / kBundleManifestName).string());
  absl::Status status = CheckFiles(flags.data, outputs);
  if (status.ok() && !flags.out.empty()) status = CheckCopy(flags.bundle, *before, flags.out, flags.data);
  if (!status.ok()) return TrainerFail(status);
  UnusableLines unusable;
  auto records = ReadMarkedFiles(flags.data, &unusable);
  if (!records.ok()) return TrainerFail(records.status());
  const CalibrationOptions& options = flags.options;
  // Points whose tau lies lower are judged before and after.
  const double read_tau = LowestTau(contents->offer(), options.tau);
  const auto readings = ReadWithPipeline(*contents, flags.models, read_tau, *std::move(records));
  if (!readings.ok()) return TrainerFail(readings.status());
  std::vector<std::string> left_out = unusable.named;
  left_out.insert(left_out.end(), readings->failed.begin(), readings->failed.end());
  for (size_t i = 0; i < std::min(left_out.size(), kMostFaultsListed); ++i)
    std::cerr << "trainer: left out: " << left_out[i] << "\n";
  const int64_t all_left_out = unusable.count + static_cast<int64_t>(readings->failed.size());
  if (all_left_out > 0) std::cerr << "trainer: " << all_left_out << " records left out\n";
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
  const auto manifest = WithCalibration(*before, flags.bundle, calibrated->points, calibration);
  if (!manifest.ok()) return TrainerFail(manifest.status());
  status =
      flags.out.empty() ? ReplaceManifest(folder, *manifest) : WriteCopy(flags.bundle, *manifest, flags.out);
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
  command->add_option("--tau", flags->options.tau, "stage 1 proposes down to it at high_recall")
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
