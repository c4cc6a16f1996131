// How good a pipeline is on marked text, and which of its parts the credit or the blame belongs to.
#ifndef PRIVET_TRAINING_JUDGE_EVALUATION_H_
#define PRIVET_TRAINING_JUDGE_EVALUATION_H_

#include <optional>
#include <string>
#include <vector>

#include "pipeline/bundle_manifest.h"
#include "training/judge/breakdown.h"
#include "training/judge/curve.h"
#include "training/judge/matching.h"
#include "training/judge/misses.h"
#include "training/judge/replay.h"

namespace privet {

// What of a pipeline is judged. The comparison of its parts is made in any case.
enum class Judged { WholePipeline, RulesOnly, Stage1Only };

struct EvaluationOptions {
  Judged judged = Judged::WholePipeline;
  OperatingPoint point;
  // The bundle; nothing: rules alone.
  const BundleManifest* bundle = nullptr;
  double read_tau = 0;                     // that the texts were read with
  const SurfaceForms* training = nullptr;  // nullptr: no training text was given
  bool keep_texts = false;                 // texts with errors, for people who may see them
};

// The trade-off of one type, or of all.
struct Curve {
  std::string name;  // a type's id, or "micro"
  size_t entities = 0;
  std::vector<CurvePoint> points;  // exact matches
  double average_precision = 0;
  std::optional<double> recall_at_precision;  // at kCurvePrecision
  std::optional<double> precision_at_recall;  // at kCurveRecall
};
inline constexpr double kCurvePrecision = 0.97;
inline constexpr double kCurveRecall = 0.95;
// Findings below are not on the curves and in no bin: from there down rules run without their gates.
inline constexpr double kLowestCurveScore = 0.06;

// One way to join the parts, at the one least score for all types that gives it the best exact F1 on this
// very text, which flatters all ways alike.
struct PartsScore {
  std::string key;   // "stage1_rules"
  std::string name;  // "stage 1 and rules"
  double min_score = 0;
  TypeCounts exact;
  TypeCounts overlap;
  std::vector<Counts> by_text;  // exact, of all types
};

// A text with errors, for the report with --texts.
struct MarkedText {
  struct Mark {
    Span span;
    EntityType type;
    enum class Kind { Right, Wrong, Missed } kind;
  };
  std::string origin;
  std::string text;
  std::vector<Mark> marks;  // in order of position; a missed entity may overlap a wrong finding
};

struct Evaluation {
  std::string pipeline;  // "bundle tiny 1.0", "rules"
  std::string judged;    // "rules and both stages"
  std::string operating_point;
  size_t texts = 0;
  size_t texts_with_entities = 0;
  std::vector<std::string> failed;  // records that could not be read
  TypeCounts exact;
  TypeCounts overlap;
  TypeCounts any_type;
  std::vector<Counts> by_text;  // exact, of all types
  // What calibration bounds (calibration.h): the mean over texts with entities, of types that the pipeline
  // can find, of the share of these that no finding overlaps. Nothing without such texts.
  std::optional<double> missed_share;
  std::string bound;          // what the bundle promises of it at this point, in words; empty: nothing
  std::vector<Curve> curves;  // micro, then types that have entities
  Reliability reliability;
  std::vector<PartsScore> parts;
  std::vector<std::string> remarks;  // what the comparison of the parts says, in sentences
  MissCounts misses;
  std::vector<std::pair<EntityType, MissCounts>> misses_by_type;
  double read_tau = 0;
  std::vector<std::string> advice;
  Breakdown breakdown{nullptr};
  size_t texts_with_errors = 0;
  std::vector<MarkedText> marked_texts;  // kMostMarkedTexts at most
};
inline constexpr size_t kMostMarkedTexts = 200;

Evaluation Evaluate(const Readings& readings, const EvaluationOptions& options);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_EVALUATION_H_
