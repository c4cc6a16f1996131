// Puts what calibration found into bundle.yaml, and leaves the rest of the file as its author wrote it.
#ifndef PRIVET_TRAINING_JUDGE_MANIFEST_FILE_H_
#define PRIVET_TRAINING_JUDGE_MANIFEST_FILE_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "pipeline/bundle_manifest.h"

namespace privet {

// The manifest with its blocks `operating_points` and `calibration` written anew; every other line, comments
// included, is the same byte for byte. The result is read again (ParseBundleManifest) and must say just
// these points and numbers. INVALID_ARGUMENT when the manifest is no block of keys at the left margin.
absl::StatusOr<std::string> WithCalibration(std::string_view manifest, const std::filesystem::path& folder,
                                            const std::vector<OperatingPoint>& points,
                                            const Calibration& calibration);

// Replaces FOLDER/bundle.yaml in one step: readers see the old one or the new one, whole. The old one is kept
// as bundle.yaml.previous.
absl::Status ReplaceManifest(const std::filesystem::path& folder, std::string_view content);

// A file's content. NOT_FOUND when there is none.
absl::StatusOr<std::string> ReadManifest(const std::filesystem::path& folder);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_MANIFEST_FILE_H_
