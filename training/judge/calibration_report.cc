#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "training/judge/calibration.h"
#include "training/judge/report.h"
#include "training/judge/report_sections.h"

namespace privet {
namespace {

std::vector<std::string> Row(const OperatingPoint& point, const PointScore& score, const char* when) {
  std::string least = absl::StrFormat("%g", point.min_score);
  if (!point.min_score_by_type.empty())
    absl::StrAppend(&least, " (", point.min_score_by_type.size(), " own)");
  if (point.min_score_without_han.has_value())
    absl::StrAppendFormat(&least, ", without Chinese %g", *point.min_score_without_han);
  return {point.name,
          when,
          least,
          Shown(score.exact.precision()),
          Shown(score.exact.recall()),
          Shown(score.exact.f(1)),
          Shown(score.overlap.recall()),
          Shown(score.missed_share)};
}

}  // namespace

std::string CalibrationReport(const Calibrated& c, const BundleManifest& bundle,
                              const CalibrationOptions& options) {
  std::string out = absl::StrFormat(
      "%d documents for the fusion (%d spans), %d for its temperatures, %d for thresholds\n\n",
      c.fusion_documents, c.samples, c.temperature_documents, c.threshold_documents);
  std::vector<std::vector<std::string>> weights = {{"weight", "before", "after"}};
  for (size_t i = 0; i < kFusionFeatureCount; ++i) {
    weights.push_back({std::string(kFusionFeatureNames[i]), Shown(bundle.calibration.fusion.weights[i]),
                       Shown(c.fusion.weights[i])});
  }
  weights.push_back({"mean -log P(truth)", Shown(c.loss_before), Shown(c.loss_after)});
  weights.push_back({"calibration error", Shown(c.reliability_before.expected_error),
                     Shown(c.reliability_after.expected_error)});
  absl::StrAppend(&out, AlignedTable(weights), "\n");

  std::vector<std::vector<std::string>> points = {
      {"operating point", "", "least score", "P", "R", "F1", "overlap R", "missed share"}};
  for (size_t i = 0; i < c.points.size(); ++i) {
    const auto& old = bundle.offer.operating_points;
    if (i < old.size()) points.push_back(Row(old[i], c.before[i], "before"));
    points.push_back(Row(c.points[i], c.after[i], "after"));
  }
  absl::StrAppend(&out, AlignedTable(points), "\n");
  for (const RecallBound& bound : c.bounds) {
    if (!bound.holds) continue;
    absl::StrAppendFormat(
        &out,
        "At high_recall the expected share of entities that an answer misses%s is at most %g "
        "(%.3f on %d documents with "
        "entities, corrected for their number).\n",
        bound.of.empty() ? "" : absl::StrCat(" in ", bound.of), options.alpha, bound.missed, bound.documents);
  }
  for (const std::string& remark : c.remarks) absl::StrAppend(&out, "- ", remark, "\n");
  return out;
}

}  // namespace privet
