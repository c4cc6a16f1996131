// Texts read once by the models, and decided as often as wanted: with other thresholds, another fusion, or
// without some of the parts. A forward costs a thousand times what a decision does, so everything here is
// judged from one reading.
#ifndef PRIVET_TRAINING_JUDGE_REPLAY_H_
#define PRIVET_TRAINING_JUDGE_REPLAY_H_

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/finding.h"
#include "pipeline/decision.h"
#include "pipeline/detector.h"
#include "pipeline/offer.h"
#include "stage2_filter/fusion_model.h"
#include "training/data/record.h"

namespace privet {

// A record, and all that was known of its text before anything was decided; about 1 KiB a proposal.
struct JudgedText {
  LabeledRecord record;
  std::vector<ProposedSpan> proposals;  // in order of position
};

struct Readings {
  std::vector<JudgedText> texts;    // in the records' order
  std::vector<std::string> failed;  // "ORIGIN: REASON" of records that the pipeline could not read
  TypeSet types;                    // that rules or models of this pipeline can find
  TypeSet rule_types;               // that rules can find
  TypeSet stage2_types;             // that stage 2 is asked about
};

// Called as the work goes on, and once at its end.
using ReadingProgress = std::function<void(size_t done, size_t of)>;

// Reads every record's text down to `tau`. INVALID_ARGUMENT when the detector's offer does not allow it.
// `model_types` are the types that the bundle's models fill. Records come out with their escape sequences
// decoded.
absl::StatusOr<Readings> ReadTexts(const Detector& detector, const TypeSet& model_types, double tau,
                                   std::vector<LabeledRecord> records, const ReadingProgress& progress = {});

// One way to decide.
struct Variant {
  bool rules = true;
  bool stage1 = true;  // without it rules stand alone
  bool stage2 = true;
  FusionModel fusion;
  TypeThresholds min_score{};
  TypeThresholds tau{};  // not below the one that texts were read with
};

// Thresholds of an operating point, by IndexOf(type); `has_han` as in MinScoreOf.
TypeThresholds MinScoresOf(const OperatingPoint& point, bool has_han);
TypeThresholds TausOf(const OperatingPoint& point);
TypeThresholds Everywhere(double threshold);

// What stands before the selection: all that reaches its threshold, overlaps included.
std::vector<Finding> Candidates(std::span<const ProposedSpan> proposals, const Variant& variant,
                                const TypeSet& stage2_types);

// What the pipeline would have found: Detector::DetectEach with these thresholds and this fusion, without
// lists. In order of position, without overlaps. With rules, least scores of types that rules find must lie
// above kGatedAbove: below it the pipeline runs those rules without their gates, and would have seen more.
std::vector<Finding> Replay(const JudgedText& text, const Variant& variant, const TypeSet& stage2_types);
inline constexpr double kGatedAbove = 0.05;

// The lowest least score that a replay with rules may have of types that rules find; a little above that.
inline constexpr double kLeastGated = 0.051;

// One least score for all types, but no less than kLeastGated for types that rules find.
TypeThresholds LeastScores(double threshold, const TypeSet& rule_types);

// Replay at LeastScores of each of `thresholds`, which rise; `take` gets the index and the findings. Much
// quicker than as many replays: what a lower threshold decides is what a higher one decides, and more, as
// long as all types have the same one.
void ReplayAtEach(const Readings& readings, const JudgedText& text, Variant variant,
                  std::span<const double> thresholds,
                  const std::function<void(size_t, std::vector<Finding>)>& take);

// The proposal as a variant sees it; nothing is left of it when neither a rule nor stage 1 speaks.
bool SeenBy(const Variant& variant, const TypeSet& stage2_types, ProposedSpan* proposal);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_REPLAY_H_
