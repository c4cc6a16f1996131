// The numbers of the fusion, which calibration fits and a bundle carries.
#ifndef PRIVET_STAGE2_FILTER_FUSION_MODEL_H_
#define PRIVET_STAGE2_FILTER_FUSION_MODEL_H_

#include <yaml-cpp/yaml.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"

namespace privet {

// FeaturesOf in fusion.h says what each is.
enum class FusionFeature { Stage1, Stage2, Alone, Rule, RulePresent, RuleAlone };
inline constexpr size_t kFusionFeatureCount = 6;
inline constexpr std::array<std::string_view, kFusionFeatureCount> kFusionFeatureNames = {
    "stage1", "stage2", "alone", "rule", "rule_present", "rule_alone"};

// By FusionFeature.
using FusionFeatures = std::array<double, kFusionFeatureCount>;

// Plain values. The defaults are for bundles whose fusion nobody fitted: the average of two taggers'
// log-probabilities, the yardstick that a fitted one has to beat. There a rule's log-odds add to the average,
// and that it matched at all, which says much beside a tagger that is in doubt, counts as odds of e^2.
struct FusionModel {
  FusionFeatures weights = {0.5, 0.5, 1, 1, 2, 1};
  std::array<double, kEntityTypeCount> bias{};  // by IndexOf(type), in logits
  std::array<double, kEntityTypeCount> temperature = [] {
    std::array<double, kEntityTypeCount> ones{};
    ones.fill(1);
    return ones;
  }();
};

// Reads a mapping:
//   weights: {stage1: 0.61, stage2: 0.84, alone: 0.9, rule: 1.1, rule_present: 1.7, rule_alone: 1}
//   bias: {PERSON: -0.2}         # optional, as is each type: 0
//   temperature: {PERSON: 1.3}   # the same: 1
// All weights must be there: a fit has them all. They are at most 100, not negative but for rule_present, so
// that evidence for a type never speaks against it; biases lie within 100, temperatures in [0.05, 20]. Errors
// are INVALID_ARGUMENT "FILE:LINE: fusion: KEY: REASON", an unknown key among them.
absl::StatusOr<FusionModel> ParseFusionModel(const YAML::Node& node, std::string_view file_name);

}  // namespace privet

#endif  // PRIVET_STAGE2_FILTER_FUSION_MODEL_H_
