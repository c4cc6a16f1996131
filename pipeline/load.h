// From folders to what a process serves from: rules, and models where there is a bundle.
#ifndef PRIVET_PIPELINE_LOAD_H_
#define PRIVET_PIPELINE_LOAD_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "pipeline/bundle_manifest.h"
#include "pipeline/detector.h"
#include "pipeline/forward_queue.h"
#include "pipeline/limits.h"
#include "pipeline/offer.h"

namespace privet {

class RuleSet;

inline constexpr const char* kDefaultBundle = "default";
inline constexpr const char* kNoBundle = "none";

// The folder of the bundle that a user names: "default" is the one that comes with the program, "none" is
// rules alone (empty), all else is a folder. Who wants rules alone says so: an empty name is
// INVALID_ARGUMENT, and "default" NOT_FOUND where it does not lie with the program, unless that was built
// without libtorch and runs rules alone. A folder that is not there is NOT_FOUND, too, with the name that was
// probably meant; `named_by` is the flag or key that the name stands behind.
absl::StatusOr<std::filesystem::path> BundleNamed(const std::string& name, std::string_view named_by);

struct PipelineFolders {
  std::filesystem::path packs;   // rule packs; empty: those built in
  std::filesystem::path bundle;  // empty: rules alone
};

// How the models compute; without a bundle nothing reads it.
struct ModelOptions {
  std::string device = "auto";     // "auto" (CUDA where there is a device), "cpu", "cuda" or "cuda:N"
  std::string precision = "auto";  // a name of qwen3/precision.h; "auto": the fastest the device does well
  int64_t batch_tokens = 4096;     // that one forward reads at most, whatever texts they come from
  int64_t compute_threads = 0;     // of one forward on a CPU; 0: one for each core
  // Called after each forward, on the device's thread; see ForwardQueue. Empty: nobody looks.
  std::function<void(const ForwardBatch&)> observer = {};
};

// What the folders hold, without the models' weights: cheap to read, enough to say what could be found.
struct PipelineContents {
  std::shared_ptr<const RuleSet> rules;
  std::optional<BundleManifest> bundle;

  const Offer& offer() const { return bundle.has_value() ? bundle->offer : RulesOnlyOffer(); }
  // Types that rules or models find.
  TypeSet types() const;
};

// An error names the folder, and for packs and bundle.yaml the file and line.
absl::StatusOr<PipelineContents> ReadContents(const PipelineFolders& folders);

// The one place where models are read and put to work. Without a bundle the detector runs rules alone; with
// one it never does so silently. An error is one line that says which stage, file and tensor or key:
// FAILED_PRECONDITION when this program or machine cannot run models.
absl::StatusOr<std::shared_ptr<const Detector>> LoadDetector(const PipelineContents& contents,
                                                             const ModelOptions& options,
                                                             const Limits& limits);

// What every call works with. Immutable and thread-safe: a reload makes a new one.
struct Pipeline {
  PipelineContents contents;
  std::shared_ptr<const Detector> detector;  // never nullptr
};

// Both steps.
absl::StatusOr<std::shared_ptr<const Pipeline>> LoadPipeline(const PipelineFolders& folders,
                                                             const ModelOptions& options,
                                                             const Limits& limits);

}  // namespace privet

#endif  // PRIVET_PIPELINE_LOAD_H_
