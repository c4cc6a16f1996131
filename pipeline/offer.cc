#include "pipeline/offer.h"

namespace privet {
namespace {

double Of(EntityType type, const std::map<EntityType, double>& by_type, double others) {
  const auto own = by_type.find(type);
  return own == by_type.end() ? others : own->second;
}

OperatingPoint RulesPoint(const char* name, const char* description, double min_score) {
  OperatingPoint point;
  point.name = name;
  point.description = description;
  point.min_score = min_score;
  return point;
}

}  // namespace

double MinScoreOf(const OperatingPoint& point, EntityType type, bool has_han) {
  if (!has_han && point.min_score_without_han.has_value())
    return Of(type, point.min_score_without_han_by_type, *point.min_score_without_han);
  return Of(type, point.min_score_by_type, point.min_score);
}

double TauOf(const OperatingPoint& point, EntityType type) { return Of(type, point.tau_by_type, point.tau); }

const Offer& RulesOnlyOffer() {
  static const Offer* const offer = new Offer{
      {RulesPoint("high_recall", "reports what is likely enough to be worth a look; more false alarms", 0.3),
       RulesPoint(kDefaultOperatingPoint, "the default: reports what is more likely right than wrong", 0.5),
       RulesPoint("high_precision", "reports only what a check or a clear context supports", 0.8)},
      TypeSet()};
  return *offer;
}

}  // namespace privet
