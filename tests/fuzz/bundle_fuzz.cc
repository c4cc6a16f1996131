// Any bytes as a bundle's manifest: refused with a place and a reason, or all that it says is within bounds.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "core/utf8.h"
#include "pipeline/bundle_manifest.h"
#include "tagging/span_marginals.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

bool IsInside(const std::filesystem::path& path) {
  const auto relative = path.lexically_relative("/bundle");
  return !relative.empty() && *relative.begin() != "..";
}

void CheckManifest(const BundleManifest& manifest) {
  Check(manifest.offer.model_types.any(), "some type is found");
  Check(IsInside(manifest.stage1.folder), "stage 1 lies in the bundle");
  Check(!manifest.stage2.has_value() || IsInside(manifest.stage2->folder), "stage 2 lies in the bundle");
  Check(ValidateWindowSizes(manifest.windows).ok(), "windows are valid");
  bool has_default = false;
  for (const OperatingPoint& point : manifest.offer.operating_points) {
    has_default = has_default || point.name == kDefaultOperatingPoint;
    Check(FindInvalidUtf8(point.description) == std::string_view::npos, "a description is UTF-8");
    for (const EntityTypeSpec& spec : Taxonomy()) {
      const double tau = TauOf(point, spec.type);
      Check(tau >= SpanMarginals::kLowestTau && tau <= 1, "tau is a probability");
      for (const bool has_han : {true, false}) {
        const double min_score = MinScoreOf(point, spec.type, has_han);
        Check(min_score >= 0 && min_score <= 1, "a least score is a probability");
      }
    }
  }
  Check(has_default, "balanced is there");
  for (const auto& [name, text] : manifest.card) {
    Check(FindInvalidUtf8(name + text) == std::string_view::npos, "a card is UTF-8");
  }
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto manifest = privet::ParseBundleManifest({reinterpret_cast<const char*>(bytes), size}, "/bundle");
  if (manifest.ok()) {
    privet::CheckManifest(*manifest);
  } else {
    privet::Check(manifest.status().code() == absl::StatusCode::kInvalidArgument, "a fault is the file's");
    privet::Check(manifest.status().message().find("/bundle/bundle.yaml:") == 0,
                  "it names the file and line");
  }
  return 0;
}
