// bundle.yaml: what a model bundle says of itself. Looks at no other file.
#ifndef PRIVET_PIPELINE_BUNDLE_MANIFEST_H_
#define PRIVET_PIPELINE_BUNDLE_MANIFEST_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "pipeline/offer.h"
#include "pipeline/windows.h"
#include "stage2_filter/filter_head.h"
#include "stage2_filter/fusion_model.h"

namespace privet {

// The manifest's name in a bundle's folder.
inline constexpr const char* kBundleManifestName = "bundle.yaml";

// Where a stage's model lies.
struct StageModel {
  std::filesystem::path folder;  // a Hugging Face folder; with `base`, a PEFT adapter's
  std::filesystem::path base;    // the Hugging Face folder that the adapter belongs to; empty: none
  FilterHead head = FilterHead::Tagger;
  int line = 0;  // in bundle.yaml, for errors
};

// What calibration fitted and measured.
struct Calibration {
  FusionModel fusion;
  int64_t documents = 0;  // that it saw; 0: nobody calibrated
  // The bound, where calibration gave one: the expected share of entities that a document's answer misses at
  // that operating point is at most alpha (conformal risk control, Angelopoulos et al. 2022).
  std::optional<double> alpha;
  std::string operating_point;
  // Which documents: their files and the part of them, in words, and the seed that parted them.
  std::string split;
  std::optional<int64_t> seed;
};

struct BundleManifest {
  std::string name;
  std::string version;
  StageModel stage1;
  std::optional<StageModel> stage2;
  WindowSizes windows;
  Offer offer;  // the bundle's operating points and types
  Calibration calibration;
  std::vector<std::pair<std::string, std::string>> card;  // facts in words, in the file's order
};

// Reads a manifest's text, strictly: an unknown key, a value of the wrong kind or out of its range, an
// unknown type and a path out of place are INVALID_ARGUMENT "FOLDER/bundle.yaml:LINE: WHERE: KEY: REASON".
// Paths come back joined to `folder`. docs/bundles.md says what each key means:
//
//   name: zh-en-small             # letters, digits, '.', '_' and '-', at most 64
//   version: "2026.1"             # the same
//   types: [PERSON, ADDRESS]      # what stage 1 proposes; labels of other types are not asked
//   stage1: {folder: stage1}      # with `base: FOLDER` when it is an adapter
//   stage2: {folder: stage2, head: tagger}  # optional; `head: span` reads head.safetensors
//   windows: {max_tokens: 512, overlap_tokens: 64}  # optional
//   operating_points:             # "balanced" must be there; 16 at most
//     balanced:
//       description: the default  # optional
//       tau: 0.05                 # or {default: 0.05, ADDRESS: 0.02}; in [0.0001, 1]
//       min_score: 0.5            # the same, in [0, 1]; may also name types that rules find
//       min_score_without_han: 0.4  # optional: the same in texts without a Chinese character
//   calibration:                  # optional, and every key of it
//     fusion: {...}               # as ParseFusionModel reads it
//     documents: 1200
//     alpha: 0.05                 # goes with documents and operating_point
//     operating_point: high_recall
//     split: letters.jsonl, half  # words
//     seed: 1
//   card: {data: ..., licence: ...}  # any words about it; each text or a list of texts
absl::StatusOr<BundleManifest> ParseBundleManifest(std::string_view content,
                                                   const std::filesystem::path& folder);

}  // namespace privet

#endif  // PRIVET_PIPELINE_BUNDLE_MANIFEST_H_
