// What an evaluation says, for people and for programs.
#ifndef PRIVET_TRAINING_JUDGE_REPORT_H_
#define PRIVET_TRAINING_JUDGE_REPORT_H_

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/taxonomy.h"
#include "pipeline/bundle_manifest.h"
#include "training/judge/judged_text.h"
#include "training/judge/pr_curve.h"

namespace privet {

struct Evaluation {
  std::string bundle;
  std::string operating_point;
  int64_t documents = 0;
  std::vector<std::pair<Parts, Scores>> by_parts;  // the whole pipeline last
  std::vector<CurvePoint> curve;                   // of the whole pipeline, from the lowest least score on
  double average_precision = 0;
  double calibration_error = 0;
  std::array<int64_t, kMissCauseNames.size()> misses{};  // by MissCause
  std::map<EntityType, std::array<int64_t, kMissCauseNames.size()>> misses_by_type;
  // Exact recall of gold spans whose surface the training text has, and has not; where training text was
  // given.
  std::pair<int64_t, int64_t> seen;    // exact, gold
  std::pair<int64_t, int64_t> unseen;  // exact, gold
  std::vector<std::string> advice;     // sentences

  const Scores& pipeline() const { return by_parts.back().second; }
};

// Judges the texts at an operating point. `training_surfaces` are the values that training text marks; may be
// empty.
Evaluation Evaluate(std::span<const JudgedText> texts, const BundleManifest& manifest,
                    const OperatingPoint& point, const TypeSet& types,
                    const std::set<std::string>& training_surfaces);

// A table for a terminal; JSON with stable keys; one HTML page without anything from outside. None holds
// text.
std::string EvaluationTable(const Evaluation& evaluation);
nlohmann::ordered_json EvaluationJson(const Evaluation& evaluation);
// With `texts` (may be empty) the page also shows them with what was found, missed and wrong.
std::string EvaluationHtml(const Evaluation& evaluation, std::span<const JudgedText> texts,
                           const BundleManifest& manifest, const OperatingPoint& point, const TypeSet& types);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_REPORT_H_
