// Runs a bundle over records, and writes what calibration found into its manifest.
#ifndef PRIVET_TRAINING_JUDGE_JUDGE_BUNDLE_H_
#define PRIVET_TRAINING_JUDGE_JUDGE_BUNDLE_H_

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pipeline/bundle_manifest.h"
#include "pipeline/load.h"
#include "training/judge/judged_text.h"

namespace privet {

// The opinions of the pipeline on every record, with stage 1 proposing from `tau` on. A text that the
// pipeline refuses is reported to `warn`, by origin. `progress` is called after each text with how many are
// done.
absl::StatusOr<std::vector<JudgedText>> RunOverRecords(const Pipeline& pipeline,
                                                       std::vector<LabeledRecord> records, double tau,
                                                       const std::function<void(const std::string&)>& warn,
                                                       const std::function<void(size_t done)>& progress);

// Least scores at an operating point, by type.
TypeThresholds LeastScoresOf(const OperatingPoint& point);

// The text of a bundle.yaml that says what `manifest` says; paths relative to `folder` where they can be.
std::string WriteBundleManifest(const BundleManifest& manifest, const std::filesystem::path& folder);

// Checks the text by reading it, keeps the old file as bundle.yaml.previous, and puts the new one in its
// place.
absl::Status ReplaceBundleManifest(const BundleManifest& manifest, const std::filesystem::path& folder);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_JUDGE_BUNDLE_H_
