#include "training/judge/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/utf8.h"
#include "training/judge/fusion_fit.h"
#include "training/judge/risk_control.h"
#include "training/judge/threshold_sweep.h"

namespace privet {
namespace {

constexpr size_t kLeastEntitiesForTemperature = 20;
constexpr size_t kLeastSpansForFusion = 50;

struct Split {
  Documents fusion, temperature, thresholds;
};

// Fisher and Yates's shuffle, written out so that a seed parts alike with every standard library.
Split PartDocuments(const Readings& readings, uint64_t seed) {
  Documents all;
  for (const JudgedText& text : readings.texts) all.push_back(&text);
  std::mt19937_64 random(seed);
  for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random() % i]);
  const auto quarter = static_cast<ptrdiff_t>(all.size() / 4);
  return {Documents(all.begin(), all.begin() + quarter),
          Documents(all.begin() + quarter, all.begin() + 2 * quarter),
          Documents(all.begin() + 2 * quarter, all.end())};
}

// To the digits that the manifest has, so that thresholds are set for just the fusion that will run.
double AsWritten(double number) {
  constexpr double kNothing = 1e-6;  // what is left of rounding where the data says nothing
  return std::abs(number) < kNothing ? 0 : std::strtod(absl::StrFormat("%.6g", number).c_str(), nullptr);
}

FusionModel AsWritten(FusionModel model) {
  for (double& weight : model.weights) weight = AsWritten(weight);
  for (double& bias : model.bias) bias = AsWritten(bias);
  for (double& temperature : model.temperature) temperature = AsWritten(temperature);
  return model;
}

std::vector<FusionSample> SamplesOf(const Documents& documents, const Readings& readings, double tau) {
  Variant variant;
  variant.tau = Everywhere(tau);
  std::vector<FusionSample> samples;
  for (const JudgedText* text : documents) AppendSamples(*text, variant, readings.stage2_types, &samples);
  return samples;
}

OperatingPoint* FindPoint(std::string_view name, std::vector<OperatingPoint>* points) {
  const auto found =
      std::find_if(points->begin(), points->end(), [&](const OperatingPoint& p) { return p.name == name; });
  return found == points->end() ? nullptr : &*found;
}

// The point of that name; one that is missing is made, with the default's tau.
OperatingPoint* PointOf(const char* name, const char* description, std::vector<OperatingPoint>* points) {
  if (OperatingPoint* point = FindPoint(name, points)) return point;
  OperatingPoint point = *FindPoint(kDefaultOperatingPoint, points);
  point.name = name;
  point.description = description;
  points->push_back(point);
  return &points->back();
}

void SetMinScore(MinScores least, OperatingPoint* point) {
  point->min_score = least.others;
  point->min_score_by_type = std::move(least.by_type);
  point->min_score_without_han.reset();
  point->min_score_without_han_by_type.clear();
}

void SetMinScoreWithoutHan(MinScores least, OperatingPoint* point) {
  point->min_score_without_han = least.others;
  point->min_score_without_han_by_type = std::move(least.by_type);
}

// Threshold documents of one kind of text.
struct Kind {
  std::string name;
  Documents documents;
};

size_t CountWithEntities(const Documents& documents, const Readings& readings) {
  return static_cast<size_t>(std::count_if(documents.begin(), documents.end(), [&](const JudgedText* text) {
    return !FindableEntities(text->record, readings.types).empty();
  }));
}

// Texts with a Chinese character and texts without, or all of them where either are too few.
std::vector<Kind> KindsOf(const Documents& documents, const Readings& readings, double alpha) {
  std::vector<Kind> kinds = {{"texts with Chinese characters", {}}, {"texts without", {}}};
  for (const JudgedText* text : documents) kinds[HasHan(text->record.text) ? 0 : 1].documents.push_back(text);
  const size_t least = std::max(kLeastOfAKind, LeastDocuments(alpha));
  const bool enough = std::all_of(kinds.begin(), kinds.end(), [&](const Kind& kind) {
    return CountWithEntities(kind.documents, readings) >= least;
  });
  return enough ? kinds : std::vector<Kind>{{"", documents}};
}

std::vector<PointScore> ScorePoints(const Documents& documents, const Readings& readings,
                                    const FusionModel& fusion, const std::vector<OperatingPoint>& points) {
  std::vector<PointScore> scores;
  for (const OperatingPoint& point : points) {
    Variant variant;
    variant.fusion = fusion;
    variant.tau = TausOf(point);
    TypeCounts exact, overlap;
    double missed = 0;
    size_t with_entities = 0;
    for (const JudgedText* text : documents) {
      variant.min_score = MinScoresOf(point, HasHan(text->record.text));
      const std::vector<Finding> all = Replay(*text, variant, readings.stage2_types);
      const std::vector<LabeledSpan> entities = JudgedEntities(text->record);
      const std::vector<Finding> findings = JudgedFindings(text->record, all);
      exact.Add(entities, findings, Match::Exact);
      overlap.Add(entities, findings, Match::Overlap);
      const std::vector<LabeledSpan> findable = FindableEntities(text->record, readings.types);
      if (findable.empty()) continue;
      ++with_entities;
      missed += MissedShare(findable, all);
    }
    scores.push_back({point.name, exact.micro(), overlap.micro(),
                      with_entities == 0 ? 0 : missed / static_cast<double>(with_entities)});
  }
  return scores;
}

Reliability ReliabilityUnder(const FusionModel& fusion, const Documents& documents, const Readings& readings,
                             double tau) {
  Variant variant;
  variant.fusion = fusion;
  variant.min_score = Everywhere(kLeastGated);
  variant.tau = Everywhere(tau);
  std::vector<ScoredFinding> scored;
  for (const JudgedText* text : documents) {
    const std::vector<Finding> findings =
        JudgedFindings(text->record, Replay(*text, variant, readings.stage2_types));
    const Matched matched = MatchSpans(JudgedEntities(text->record), findings, Match::Exact);
    for (size_t i = 0; i < findings.size(); ++i) scored.push_back({findings[i].score, matched.right[i]});
  }
  return ReliabilityOf(scored);
}

absl::Status CheckEnough(const Split& split, const Readings& readings, double alpha) {
  const size_t least = LeastDocuments(alpha), have = CountWithEntities(split.thresholds, readings);
  if (have >= least) return absl::OkStatus();
  constexpr double kHighestAlpha = 0.5;  // that the command takes
  const double possible = 1 / static_cast<double>(have + 1) + 0.005;
  return absl::FailedPreconditionError(absl::StrCat(
      absl::StrFormat("%d documents with entities are left to set thresholds on, a bound of %g needs %d; "
                      "give about %d documents with entities in all",
                      have, alpha, least, 2 * least + 2),
      possible > kHighestAlpha ? std::string() : absl::StrFormat(", or raise --alpha to %.2g", possible)));
}

void Fit(const Split& split, const Readings& readings, const BundleManifest& bundle, double tau,
         Calibrated* into) {
  const std::vector<FusionSample> fit = SamplesOf(split.fusion, readings, tau);
  const std::vector<FusionSample> held_out = SamplesOf(split.temperature, readings, tau);
  into->samples = fit.size();
  into->fusion = bundle.calibration.fusion;
  if (std::min(fit.size(), held_out.size()) < kLeastSpansForFusion) {
    into->remarks.push_back(
        absl::StrFormat("%d spans to fit a fusion to and %d to judge it by are too few (%d of each); the "
                        "bundle keeps its own",
                        fit.size(), held_out.size(), kLeastSpansForFusion));
    return;
  }
  FusionModel model = FitFusion(fit);
  into->loss_before = MeanLoss(bundle.calibration.fusion, held_out);
  into->loss_after = MeanLoss(model, held_out);  // before temperatures, which are fitted to the same spans
  if (into->loss_after > into->loss_before) {
    into->remarks.emplace_back(
        "the fitted fusion is no better on held-out documents; the bundle keeps its own");
    return;
  }
  FitTemperatures(held_out, kLeastEntitiesForTemperature, &model);
  into->fusion = AsWritten(model);
}

}  // namespace

bool Calibrated::bounded() const {
  return std::all_of(bounds.begin(), bounds.end(), [](const RecallBound& b) { return b.holds; });
}

size_t Calibrated::bound_documents() const {
  size_t documents = 0;
  for (const RecallBound& bound : bounds) documents += bound.documents;
  return documents;
}

absl::StatusOr<Calibrated> Calibrate(const Readings& readings, const BundleManifest& bundle,
                                     const CalibrationOptions& options) {
  const Split split = PartDocuments(readings, options.seed);
  if (absl::Status status = CheckEnough(split, readings, options.alpha - options.margin); !status.ok())
    return status;
  Calibrated result;
  result.fusion_documents = split.fusion.size();
  result.temperature_documents = split.temperature.size();
  result.threshold_documents = split.thresholds.size();
  Fit(split, readings, bundle, options.tau, &result);

  result.points = bundle.offer.operating_points;
  PointOf("high_recall", "reports what could be an entity", &result.points);
  PointOf("high_precision", "reports only what is all but certain", &result.points);
  OperatingPoint& balanced = *FindPoint(kDefaultOperatingPoint, &result.points);
  OperatingPoint& high_recall = *FindPoint("high_recall", &result.points);
  OperatingPoint& high_precision = *FindPoint("high_precision", &result.points);
  high_recall.tau = options.tau;
  high_recall.tau_by_type.clear();
  high_precision.tau = balanced.tau;  // one sweep serves both
  high_precision.tau_by_type = balanced.tau_by_type;

  const double alpha = options.alpha - options.margin;
  const TypeThresholds recall_tau = TausOf(high_recall), tau = TausOf(balanced);
  const std::vector<Kind> kinds = KindsOf(split.thresholds, readings, alpha);
  std::vector<Sweep> sweeps;
  std::vector<size_t> best;
  std::vector<std::optional<size_t>> safe;
  for (const Kind& kind : kinds) {
    sweeps.push_back(SweepThresholds(kind.documents, readings, result.fusion, recall_tau, tau));
    best.push_back(BestThreshold(sweeps.back()));
    safe.push_back(HighestSafeThreshold(sweeps.back().losses, alpha));
  }
  size_t recall = *std::min_element(best.begin(), best.end());
  for (const std::optional<size_t>& score : safe) recall = std::min(recall, score.value_or(0));
  SetMinScore(OneForAllTypes(sweeps[0].thresholds[recall], readings), &high_recall);
  for (size_t k = 0; k < kinds.size(); ++k) {
    const Kind& kind = kinds[k];
    const std::vector<LossCurve>& losses = sweeps[k].losses;
    const double missed = CorrectedMean(losses, recall);
    result.bounds.push_back({kind.name, losses.size(), missed, safe[k].has_value()});
    if (!safe[k].has_value()) {
      result.remarks.push_back(
          absl::StrFormat("high_recall%s: no least score bounds the missed share by %g: at the lowest it is "
                          "%.3f; high_recall gets that one, without a bound. "
                          "trainer evaluate says where recall goes",
                          kind.name.empty() ? "" : absl::StrCat(" of ", kind.name), alpha, missed));
    }
    const auto set = k == 0 ? SetMinScore : SetMinScoreWithoutHan;
    const double least = sweeps[k].thresholds[best[k]];
    set(OneForAllTypes(least, readings), &balanced);
    set(PreciseScores(sweeps[k], least, options.precision, kind.name, &result.remarks), &high_precision);
  }

  result.before =
      ScorePoints(split.thresholds, readings, bundle.calibration.fusion, bundle.offer.operating_points);
  result.after = ScorePoints(split.thresholds, readings, result.fusion, result.points);
  result.reliability_before =
      ReliabilityUnder(bundle.calibration.fusion, split.thresholds, readings, options.tau);
  result.reliability_after = ReliabilityUnder(result.fusion, split.thresholds, readings, options.tau);
  return result;
}

}  // namespace privet
