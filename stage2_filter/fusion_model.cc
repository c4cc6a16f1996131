#include "stage2_filter/fusion_model.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/yaml_reader.h"

namespace privet {
namespace {

// Also refuses NaN.
bool IsWithin(double value, double least, double most) { return value >= least && value <= most; }

constexpr double kMost = 100;

absl::Status ParseWeights(const YAML::Node& node, std::string_view file_name, FusionFeatures* weights) {
  YamlMapping mapping(node, file_name, "fusion: weights");
  for (size_t i = 0; i < kFusionFeatureCount; ++i) (*weights)[i] = mapping.Number(kFusionFeatureNames[i]);
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  for (size_t i = 0; i < kFusionFeatureCount; ++i) {
    const bool may_be_negative = i == static_cast<size_t>(FusionFeature::RulePresent);
    if (!IsWithin((*weights)[i], may_be_negative ? -kMost : 0, kMost)) {
      return mapping.Error(kFusionFeatureNames[i],
                           absl::StrCat("must be ", may_be_negative ? -kMost : 0, " to ", kMost));
    }
  }
  return absl::OkStatus();
}

// A mapping of types to numbers in [least, most]; types that it leaves out keep their values.
absl::Status ParseByType(const YAML::Node& node, std::string_view file_name, std::string_view where,
                         double least, double most, std::array<double, kEntityTypeCount>* values) {
  if (!node) return absl::OkStatus();
  YamlMapping mapping(node, file_name, where);
  for (const EntityTypeSpec& spec : Taxonomy()) {
    double& value = (*values)[IndexOf(spec.type)];
    value = mapping.Number(spec.id, value);
  }
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    if (!IsWithin((*values)[IndexOf(spec.type)], least, most)) {
      return mapping.Error(spec.id, absl::StrCat("must be ", least, " to ", most));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FusionModel> ParseFusionModel(const YAML::Node& node, std::string_view file_name) {
  constexpr double kLowestTemperature = 0.05, kHighestTemperature = 20;
  YamlMapping mapping(node, file_name, "fusion");
  const YAML::Node weights = mapping.Node("weights");
  const YAML::Node bias = mapping.Node("bias");
  const YAML::Node temperature = mapping.Node("temperature");
  if (absl::Status status = mapping.Finish(); !status.ok()) return status;
  if (!weights) return mapping.Error("weights", "missing; calibration writes them");

  FusionModel model;
  absl::Status status = ParseWeights(weights, file_name, &model.weights);
  if (status.ok()) status = ParseByType(bias, file_name, "fusion: bias", -kMost, kMost, &model.bias);
  if (status.ok()) {
    status = ParseByType(temperature, file_name, "fusion: temperature", kLowestTemperature,
                         kHighestTemperature, &model.temperature);
  }
  if (!status.ok()) return status;
  return model;
}

}  // namespace privet
