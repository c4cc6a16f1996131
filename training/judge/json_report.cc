#include "core/taxonomy.h"
#include "training/judge/report.h"

namespace privet {
namespace {

using Json = nlohmann::ordered_json;

Json OrNull(std::optional<double> value) { return value.has_value() ? Json(*value) : Json(); }

Json ToJson(const Counts& counts) {
  return {{"entities", counts.entities},
          {"found", counts.found},
          {"findings", counts.findings},
          {"right", counts.right},
          {"precision", OrNull(counts.precision())},
          {"recall", OrNull(counts.recall())},
          {"f1", OrNull(counts.f(1))},
          {"f2", OrNull(counts.f(2))}};
}

Json ToJson(const TypeCounts& counts) {
  Json json = {{"micro", ToJson(counts.micro())}};
  const MacroScores macro = MacroOf(counts);
  json["macro"] = {{"types", macro.types},
                   {"precision", OrNull(macro.precision)},
                   {"recall", OrNull(macro.recall)},
                   {"f1", OrNull(macro.f1)},
                   {"f2", OrNull(macro.f2)}};
  Json& by_type = json["by_type"] = Json::object();
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const Counts& its = counts.by_type[IndexOf(spec.type)];
    if (its.entities + its.findings > 0) by_type[std::string(spec.id)] = ToJson(its);
  }
  return json;
}

Json ToJson(const Curve& curve) {
  // A page or a program can draw no more.
  constexpr size_t kMostPoints = 500;
  Json points = Json::array();
  const size_t step = curve.points.size() / kMostPoints + 1;
  for (size_t i = 0; i < curve.points.size(); ++i) {
    const CurvePoint& point = curve.points[i];
    if (i % step == 0 || i + 1 == curve.points.size())
      points.push_back(
          {{"threshold", point.threshold}, {"precision", point.precision}, {"recall", point.recall}});
  }
  return {{"entities", curve.entities},
          {"average_precision", curve.average_precision},
          {"recall_at_precision", OrNull(curve.recall_at_precision)},
          {"precision_at_recall", OrNull(curve.precision_at_recall)},
          {"points", std::move(points)}};
}

Json ToJson(const MissCounts& counts) {
  Json json = {{"total", counts.total()}};
  for (size_t i = 0; i < kMissCauseCount; ++i) json[std::string(kMissCauseNames[i])] = counts.by_cause[i];
  json["within_reach"] = counts.within_reach;
  json["unknown_type"] = counts.unknown_type;
  return json;
}

Json ToJson(const std::vector<RecallBucket>& buckets) {
  Json json = Json::object();
  for (const RecallBucket& bucket : buckets) {
    json[bucket.name] = {{"entities", bucket.entities},
                         {"found_exactly", bucket.found_exactly},
                         {"found_overlapping", bucket.found_overlapping}};
  }
  return json;
}

Json ToJson(const std::vector<TextGroup>& groups) {
  Json json = Json::object();
  for (const TextGroup& group : groups) {
    json[group.name] = {
        {"texts", group.texts}, {"exact", ToJson(group.exact)}, {"overlap", ToJson(group.overlap)}};
  }
  return json;
}

Json ToJson(const std::map<std::pair<EntityType, EntityType>, Confusion>& confusions) {
  Json json = Json::array();
  for (const auto& [types, confusion] : confusions) {
    json.push_back({{"marked", std::string(IdOf(types.first))},
                    {"found", std::string(IdOf(types.second))},
                    {"entities", confusion.entities},
                    {"with_borders", confusion.with_borders}});
  }
  return json;
}

Json ToJson(const Reliability& reliability) {
  Json bins = Json::array();
  for (const ReliabilityBin& bin : reliability.bins) {
    bins.push_back(
        {{"findings", bin.findings}, {"mean_score", bin.mean_score}, {"share_right", bin.share_right}});
  }
  return {{"expected_calibration_error", reliability.expected_error}, {"bins", std::move(bins)}};
}

}  // namespace

Json JsonReport(const Evaluation& e) {
  Json json = {{"pipeline", e.pipeline},
               {"judged", e.judged},
               {"operating_point", e.operating_point},
               {"texts", e.texts},
               {"texts_with_entities", e.texts_with_entities},
               {"texts_with_errors", e.texts_with_errors},
               {"failed", e.failed},
               {"exact", ToJson(e.exact)},
               {"overlap", ToJson(e.overlap)},
               {"any_type", ToJson(e.any_type)},
               {"missed_share", OrNull(e.missed_share)},
               {"bound", e.bound}};
  Json& curves = json["curves"] = Json::object();
  for (const Curve& curve : e.curves) curves[curve.name] = ToJson(curve);
  json["reliability"] = ToJson(e.reliability);
  Json& parts = json["parts"] = Json::object();
  for (const PartsScore& score : e.parts) {
    parts[score.key] = {{"name", score.name},
                        {"min_score", score.min_score},
                        {"exact", ToJson(score.exact)},
                        {"overlap", ToJson(score.overlap)}};
  }
  json["remarks"] = e.remarks;
  json["read_tau"] = e.read_tau;
  json["misses"] = ToJson(e.misses);
  Json& misses = json["misses_by_type"] = Json::object();
  for (const auto& [type, counts] : e.misses_by_type) misses[std::string(IdOf(type))] = ToJson(counts);
  json["advice"] = e.advice;
  json["recall_by_entity_length"] = ToJson(e.breakdown.by_entity_length);
  json["recall_by_text_length"] = ToJson(e.breakdown.by_text_length);
  json["recall_by_seen"] = ToJson(e.breakdown.by_seen);
  json["by_language"] = ToJson(e.breakdown.by_language);
  json["by_file"] = ToJson(e.breakdown.by_file);
  json["confusions"] = ToJson(e.breakdown.confusions);
  return json;
}

}  // namespace privet
