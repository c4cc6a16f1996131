// A model bundle on disk: its manifest, and whether all that it names is there. Reads no weights.
#ifndef PRIVET_PIPELINE_BUNDLE_FOLDER_H_
#define PRIVET_PIPELINE_BUNDLE_FOLDER_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "pipeline/bundle_manifest.h"

namespace privet {

// Reads FOLDER/bundle.yaml (see ParseBundleManifest) and looks for every file that its stages need:
// config.json, weights and tokenizer; for an adapter its own two files and those of its base, but a tokenizer
// may lie at either; head.safetensors for a span head. NOT_FOUND names the first that is missing, the line
// that asks for it and what belongs there; no bundle.yaml at all is NOT_FOUND too.
absl::StatusOr<BundleManifest> ReadBundleFolder(const std::filesystem::path& folder);

}  // namespace privet

#endif  // PRIVET_PIPELINE_BUNDLE_FOLDER_H_
