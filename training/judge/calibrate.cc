#include "training/judge/calibrate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "training/data/sampler.h"
#include "training/judge/fit_fusion.h"
#include "training/judge/pr_curve.h"
#include "training/judge/risk_control.h"

namespace privet {
namespace {

// Thresholds below let rules run without their gates (policy.h).
constexpr double kLowest = 0.06;

TypeThresholds Uniform(double score) {
  TypeThresholds scores;
  scores.fill(score);
  return scores;
}

// The share of a document's entities that no finding touches.
double MissedShare(const JudgedText& text, const std::vector<Finding>& findings, const TypeSet& types) {
  Scores scores;
  CountMatches(text.record, findings, types, &scores);
  return scores.micro.gold == 0
             ? 0
             : 1 - static_cast<double>(scores.micro.gold_noticed) / static_cast<double>(scores.micro.gold);
}

bool HasEntities(const JudgedText& text, const TypeSet& types) {
  return std::any_of(text.record.spans.begin(), text.record.spans.end(), [&](const LabeledSpan& span) {
    return types.test(IndexOf(span.type)) && text.record.covers.test(IndexOf(span.type));
  });
}

// The findings of each type at the lowest threshold: score, and whether it is right.
using Scored = std::vector<std::pair<double, bool>>;

double BestF1Threshold(Scored scored, int64_t gold, double* best_f1) {
  double threshold = 0.5;
  *best_f1 = -1;
  for (const CurvePoint& point : PrCurve(std::move(scored), gold)) {
    const double f1 = FScore(point.precision, point.recall);
    if (f1 > *best_f1) {
      *best_f1 = f1;
      threshold = point.threshold;
    }
  }
  return threshold;
}

// The lowest threshold whose findings, and those of every higher one that has ten at least, are right often
// enough.
double PreciseThreshold(Scored scored, double target) {
  double threshold = 0.99;
  size_t found = 0;
  std::sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const CurvePoint& point : PrCurve(scored, 1)) {
    while (found < scored.size() && scored[found].first >= point.threshold) ++found;
    if (point.precision >= target) {
      threshold = point.threshold;
    } else if (found >= 10) {
      break;
    }
  }
  return threshold;
}

double Rounded(double threshold) { return std::clamp(std::floor(threshold * 1000) / 1000, kLowest, 0.99); }

}  // namespace

absl::StatusOr<CalibrationResult> Calibrate(std::span<const JudgedText> texts, const TypeSet& types,
                                            const CalibrationOptions& options) {
  std::vector<JudgedText> fit;
  std::vector<JudgedText> bound;
  {
    std::vector<size_t> order(texts.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    SplitMix64 random(MixSeeds(options.seed, 0xCA11B));
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
    for (size_t i = 0; i < order.size(); ++i) (i % 2 == 0 ? fit : bound).push_back(texts[order[i]]);
  }
  CalibrationResult result;
  result.fitted_on = static_cast<int64_t>(fit.size());
  result.bounded_on =
      std::count_if(bound.begin(), bound.end(), [&](const JudgedText& t) { return HasEntities(t, types); });
  const int64_t needed = LeastDocuments(options.alpha);
  if (result.bounded_on < needed) {
    return absl::FailedPreconditionError(absl::StrCat(
        "too few documents: to bound the missed share by ", options.alpha, ", ", needed,
        " documents with entities must be left after half of them went to the fusion; there are ",
        result.bounded_on, ". Bring about ", 2 * needed, " documents with entities, or raise --alpha"));
  }

  const std::vector<FusionExample> fit_examples = FusionExamplesOf(fit);
  const std::vector<FusionExample> bound_examples = FusionExamplesOf(bound);
  result.fusion = FitFusion(fit_examples).model;
  FitTemperatures(bound_examples, &result.fusion);
  result.loss_before = FusionLoss(bound_examples, FusionModel(), nullptr);
  result.loss_after = FusionLoss(bound_examples, result.fusion, nullptr);

  // Scores at the lowest threshold, before and after.
  Scores before;
  Scores after;
  std::map<EntityType, Scored> by_type;
  for (const JudgedText& text : bound) {
    CountMatches(text.record, Decide(text, Parts::Pipeline, FusionModel(), Uniform(kLowest)), types, &before);
    const std::vector<Finding> findings = Decide(text, Parts::Pipeline, result.fusion, Uniform(kLowest));
    CountMatches(text.record, findings, types, &after);
    for (const Finding& finding : findings) {
      Scores one;
      CountMatches(text.record, {finding}, types, &one);
      if (!one.scored.empty()) by_type[finding.type].push_back(one.scored[0]);
    }
  }
  result.error_before = CalibrationError(before.scored);
  result.error_after = CalibrationError(after.scored);

  // high_recall
  std::vector<double> grid;
  for (double threshold = kLowest; threshold < 0.991; threshold += 0.01) grid.push_back(threshold);
  std::vector<std::vector<double>> losses(grid.size());
  for (size_t t = 0; t < grid.size(); ++t) {
    for (const JudgedText& text : bound) {
      if (!HasEntities(text, types)) continue;
      losses[t].push_back(
          MissedShare(text, Decide(text, Parts::Pipeline, result.fusion, Uniform(grid[t])), types));
    }
  }
  const std::optional<size_t> safe = HighestSafeThreshold(losses, options.alpha);
  result.bound_holds = safe.has_value();
  const size_t chosen = safe.value_or(0);
  double missed = 0;
  for (const double loss : losses[chosen]) missed += loss;
  result.recall_miss = missed / static_cast<double>(losses[chosen].size());

  OperatingPoint recall;
  recall.name = "high_recall";
  recall.description = result.bound_holds ? absl::StrCat("misses at most ", options.alpha,
                                                         " of a document's entities on average")
                                          : "reports all that could be an entity";
  recall.min_score = std::floor(grid[chosen] * 1000 + 0.5) / 1000;
  OperatingPoint balanced;
  balanced.name = kDefaultOperatingPoint;
  balanced.description = "best F1 on the calibration text";
  OperatingPoint precise;
  precise.name = "high_precision";
  precise.description =
      absl::StrCat("right in ", options.precision_target, " of what it reports on the calibration text");
  double ignored = 0;
  balanced.min_score = Rounded(BestF1Threshold(after.scored, after.micro.gold, &ignored));
  precise.min_score =
      std::max(balanced.min_score, Rounded(PreciseThreshold(after.scored, options.precision_target)));
  for (const auto& [type, scored] : by_type) {
    const int64_t gold = after.by_type[type].gold;
    if (gold < kLeastTrue) continue;
    balanced.min_score_by_type[type] = Rounded(BestF1Threshold(scored, gold, &ignored));
    precise.min_score_by_type[type] = std::max(balanced.min_score_by_type[type],
                                               Rounded(PreciseThreshold(scored, options.precision_target)));
  }
  for (OperatingPoint* const point : {&recall, &balanced, &precise}) {
    point->tau = options.tau;
    result.operating_points.push_back(*point);
  }
  return result;
}

}  // namespace privet
