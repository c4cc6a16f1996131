// What a pipeline offers its callers: named sets of thresholds, and the types that its models fill.
#ifndef PRIVET_PIPELINE_OFFER_H_
#define PRIVET_PIPELINE_OFFER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/taxonomy.h"

namespace privet {

// A named set of thresholds. Each is one number for all types and other numbers for some.
struct OperatingPoint {
  std::string name;
  std::string description;
  // The least score of a finding, whatever found it, in [0, 1].
  double min_score = 0.5;
  std::map<EntityType, double> min_score_by_type;
  // The same in texts without a Chinese character (HasHan), where these have least scores of their own.
  std::optional<double> min_score_without_han = {};
  std::map<EntityType, double> min_score_without_han_by_type = {};
  // The least probability at which stage 1 proposes a span; without models nothing reads it.
  double tau = 0;
  std::map<EntityType, double> tau_by_type;
};

// `has_han` says of which texts.
double MinScoreOf(const OperatingPoint& point, EntityType type, bool has_han = true);
double TauOf(const OperatingPoint& point, EntityType type);

// The operating point of a policy that names none; every offer has it.
inline constexpr const char* kDefaultOperatingPoint = "balanced";

struct Offer {
  std::vector<OperatingPoint> operating_points;  // one of them is kDefaultOperatingPoint
  TypeSet model_types;                           // that stage 1 proposes; none without models
};

// What Privet offers without a model bundle; its operating points are in order of falling recall.
const Offer& RulesOnlyOffer();

}  // namespace privet

#endif  // PRIVET_PIPELINE_OFFER_H_
