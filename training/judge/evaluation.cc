#include "training/judge/evaluation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "training/judge/comparison.h"

namespace privet {
namespace {

std::string NameOfPipeline(const BundleManifest* bundle) {
  return bundle == nullptr ? "rules" : absl::StrCat("bundle ", bundle->name, " ", bundle->version);
}

std::string NameOfJudged(const EvaluationOptions& options) {
  if (options.judged == Judged::RulesOnly || options.bundle == nullptr) return "rules alone";
  if (options.judged == Judged::Stage1Only) return "stage 1 alone";
  return options.bundle->stage2.has_value() ? "rules and both stages" : "rules and stage 1";
}

// What calibration promises at the point that is judged.
std::string BoundOf(const EvaluationOptions& options) {
  if (options.bundle == nullptr) return "";
  const auto& calibration = options.bundle->calibration;
  if (!calibration.alpha.has_value() || calibration.operating_point != options.point.name) return "";
  return absl::StrFormat("at most %g at %s, by calibration on %d documents", *calibration.alpha,
                         calibration.operating_point, calibration.documents);
}

Variant VariantOf(const EvaluationOptions& options) {
  Variant variant;
  variant.rules = options.judged != Judged::Stage1Only;
  variant.stage1 = options.judged != Judged::RulesOnly;
  variant.stage2 = options.judged == Judged::WholePipeline;
  if (options.judged == Judged::WholePipeline && options.bundle != nullptr)
    variant.fusion = options.bundle->calibration.fusion;
  variant.tau = TausOf(options.point);
  return variant;
}

// The ways to join the parts that this pipeline has.
std::vector<std::pair<PartsScore, Variant>> WaysToJoin(const EvaluationOptions& options) {
  std::vector<std::pair<PartsScore, Variant>> ways;
  const auto add = [&](const char* key, const char* name, bool rules, bool stage1, bool stage2, bool fitted) {
    Variant variant;
    variant.rules = rules;
    variant.stage1 = stage1;
    variant.stage2 = stage2;
    if (fitted) variant.fusion = options.bundle->calibration.fusion;
    variant.tau = TausOf(options.point);
    ways.push_back({{key, name, 0, {}, {}, {}}, variant});
  };
  add("rules", "rules alone", true, false, false, false);
  if (options.bundle == nullptr) return ways;
  add("stage1", "stage 1 alone", false, true, false, false);
  add("stage1_rules", "stage 1 and rules", true, true, false, false);
  if (!options.bundle->stage2.has_value()) return ways;
  if (HasTwoTaggers(*options.bundle)) {
    add("average", "average of two taggers", false, true, true, false);
    add("average_rules", "average of two taggers, and rules", true, true, true, false);
  }
  add("fused", "both stages, the bundle's fusion", false, true, true, true);
  add("fused_rules", "both stages, the bundle's fusion, and rules", true, true, true, true);
  return ways;
}

void FindBestPoint(const Readings& readings, const Variant& variant, PartsScore* score) {
  std::vector<double> thresholds = {kLowestCurveScore};
  for (int percent = 10; percent <= 95; percent += 5) thresholds.push_back(percent / 100.0);
  thresholds.push_back(0.98);
  std::vector<TypeCounts> exact(thresholds.size()), overlap(thresholds.size());
  std::vector<std::vector<Counts>> by_text(thresholds.size());
  for (const JudgedText& text : readings.texts) {
    const std::vector<LabeledSpan> entities = JudgedEntities(text.record);
    ReplayAtEach(readings, text, variant, thresholds, [&](size_t i, std::vector<Finding> all) {
      const std::vector<Finding> findings = JudgedFindings(text.record, std::move(all));
      const TypeCounts counts = CountsOf(entities, findings, Match::Exact);
      exact[i] += counts;
      by_text[i].push_back(counts.micro());
      overlap[i].Add(entities, findings, Match::Overlap);
    });
  }
  size_t best = 0;
  for (size_t i = 1; i < thresholds.size(); ++i) {
    if (exact[i].micro().f(1).value_or(0) > exact[best].micro().f(1).value_or(0)) best = i;
  }
  score->min_score = thresholds[best];
  score->exact = exact[best];
  score->overlap = overlap[best];
  score->by_text = std::move(by_text[best]);
}

Curve CurveOf(std::string name, std::vector<ScoredFinding> findings, size_t entities) {
  Curve curve;
  curve.name = std::move(name);
  curve.entities = entities;
  curve.points = PrecisionRecallCurve(std::move(findings), entities);
  curve.average_precision = AveragePrecision(curve.points);
  curve.recall_at_precision = RecallAtPrecision(curve.points, kCurvePrecision);
  curve.precision_at_recall = PrecisionAtRecall(curve.points, kCurveRecall);
  return curve;
}

void DrawCurves(const Readings& readings, Variant variant, Evaluation* evaluation) {
  variant.min_score = Everywhere(kLowestCurveScore);
  std::map<EntityType, std::vector<ScoredFinding>> by_type;
  std::vector<ScoredFinding> all;
  for (const JudgedText& text : readings.texts) {
    const auto findings = JudgedFindings(text.record, Replay(text, variant, readings.stage2_types));
    const Matched matched = MatchSpans(JudgedEntities(text.record), findings, Match::Exact);
    for (size_t i = 0; i < findings.size(); ++i) {
      all.push_back({findings[i].score, matched.right[i]});
      by_type[findings[i].type].push_back(all.back());
    }
  }
  evaluation->reliability = ReliabilityOf(all);
  evaluation->curves.push_back(CurveOf("micro", std::move(all), evaluation->exact.micro().entities));
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t entities = evaluation->exact.by_type[IndexOf(spec.type)].entities;
    if (entities == 0) continue;
    evaluation->curves.push_back(CurveOf(std::string(spec.id), std::move(by_type[spec.type]), entities));
  }
}

void CountMisses(const std::vector<Miss>& misses, const TypeSet& types,
                 std::map<EntityType, MissCounts>* by_type, MissCounts* all) {
  for (const Miss& miss : misses) {
    for (MissCounts* counts : {&(*by_type)[miss.entity.type], all}) {
      ++counts->by_cause[static_cast<size_t>(miss.cause)];
      if (miss.within_reach) ++counts->within_reach;
      const bool never = miss.cause == MissCause::NoCandidate || miss.cause == MissCause::Border;
      if (never && !types.test(IndexOf(miss.entity.type))) ++counts->unknown_type;
    }
  }
}

MarkedText Mark(const LabeledRecord& record, std::span<const LabeledSpan> entities,
                std::span<const Finding> findings, const Matched& matched) {
  MarkedText marked = {record.origin, record.text, {}};
  using Kind = MarkedText::Mark::Kind;
  for (size_t i = 0; i < findings.size(); ++i) {
    marked.marks.push_back(
        {findings[i].span, findings[i].type, matched.right[i] ? Kind::Right : Kind::Wrong});
  }
  for (size_t i = 0; i < entities.size(); ++i) {
    if (!matched.found[i]) marked.marks.push_back({entities[i].span, entities[i].type, Kind::Missed});
  }
  std::stable_sort(marked.marks.begin(), marked.marks.end(),
                   [](const auto& a, const auto& b) { return a.span < b.span; });
  return marked;
}

}  // namespace

Evaluation Evaluate(const Readings& readings, const EvaluationOptions& options) {
  Evaluation evaluation;
  evaluation.pipeline = NameOfPipeline(options.bundle);
  evaluation.judged = NameOfJudged(options);
  evaluation.operating_point = options.point.name;
  evaluation.texts = readings.texts.size();
  evaluation.failed = readings.failed;
  evaluation.read_tau = options.read_tau;
  evaluation.breakdown = Breakdown(options.training);

  Variant variant = VariantOf(options);
  std::map<EntityType, MissCounts> misses_by_type;
  double missed = 0;
  size_t texts_to_miss = 0;
  for (const JudgedText& text : readings.texts) {
    variant.min_score = MinScoresOf(options.point, HasHan(text.record.text));
    const std::vector<Finding> all = Replay(text, variant, readings.stage2_types);
    const std::vector<LabeledSpan> entities = JudgedEntities(text.record);
    const std::vector<Finding> findings = JudgedFindings(text.record, all);
    if (!entities.empty()) ++evaluation.texts_with_entities;
    const TypeCounts exact = CountsOf(entities, findings, Match::Exact);
    evaluation.exact += exact;
    evaluation.by_text.push_back(exact.micro());
    evaluation.overlap.Add(entities, findings, Match::Overlap);
    evaluation.any_type.Add(entities, findings, Match::AnyType);
    evaluation.breakdown.Add(text.record, entities, findings);
    CountMisses(FindMisses(text, variant, readings.stage2_types, all), readings.types, &misses_by_type,
                &evaluation.misses);
    if (const auto findable = FindableEntities(text.record, readings.types); !findable.empty()) {
      ++texts_to_miss;
      missed += MissedShare(findable, findings);
    }
    const Matched matched = MatchSpans(entities, findings, Match::Exact);
    const auto has = [](const std::vector<bool>& bits, bool bit) {
      return std::find(bits.begin(), bits.end(), bit) != bits.end();
    };
    if (!has(matched.found, false) && !has(matched.right, false)) continue;
    ++evaluation.texts_with_errors;
    if (options.keep_texts && evaluation.marked_texts.size() < kMostMarkedTexts)
      evaluation.marked_texts.push_back(Mark(text.record, entities, findings, matched));
  }
  if (texts_to_miss > 0) evaluation.missed_share = missed / static_cast<double>(texts_to_miss);
  evaluation.bound = BoundOf(options);
  evaluation.misses_by_type.assign(misses_by_type.begin(), misses_by_type.end());
  evaluation.advice = AdviceOn(evaluation.misses, options.read_tau);
  DrawCurves(readings, variant, &evaluation);
  for (auto& [score, way] : WaysToJoin(options)) {
    FindBestPoint(readings, way, &score);
    evaluation.parts.push_back(std::move(score));
  }
  evaluation.remarks = RemarksOn(evaluation.parts, options.bundle);
  return evaluation;
}

}  // namespace privet
