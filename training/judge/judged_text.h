// A text with what is true of it and what a pipeline knows of it; what it would report, and where it misses.
#ifndef PRIVET_TRAINING_JUDGE_JUDGED_TEXT_H_
#define PRIVET_TRAINING_JUDGE_JUDGED_TEXT_H_

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "core/finding.h"
#include "core/taxonomy.h"
#include "pipeline/span_decision.h"
#include "stage2_filter/fusion_model.h"
#include "tagging/span_marginals.h"
#include "training/data/record.h"

namespace privet {

struct JudgedText {
  LabeledRecord record;
  std::vector<SpanOpinion> opinions;
};

// Which parts of the pipeline have a say. Average: both stages by the unfitted fusion, the yardstick for a
// filter.
enum class Parts { Rules, Stage1, Stage1AndRules, Average, Pipeline };
inline constexpr std::array<std::string_view, 5> kPartsNames = {
    "rules alone", "stage 1 alone", "stage 1 and rules", "average of both stages", "whole pipeline"};

// What would be reported at these least scores: decided span by span, then selected without overlaps.
std::vector<Finding> Decide(const JudgedText& text, Parts parts, const FusionModel& fusion,
                            const TypeThresholds& least_scores);

// Exact: same borders and type. Touching: of a gold span, that a finding of its type overlaps it; of a
// finding, that it overlaps a gold span of its type.
struct MatchCounts {
  int64_t gold = 0;
  int64_t found = 0;
  int64_t exact = 0;
  int64_t gold_touched = 0;
  int64_t found_touching = 0;
  int64_t gold_noticed = 0;  // gold spans that a finding of any type overlaps

  void Add(const MatchCounts& other);
};

double PrecisionOf(int64_t right, int64_t found);
double RecallOf(int64_t right, int64_t gold);
// (1 + beta^2) P R / (beta^2 P + R); beta 2 counts recall four times as much as precision.
double FScore(double precision, double recall, double beta = 1);

struct Scores {
  MatchCounts micro;
  std::map<EntityType, MatchCounts> by_type;
  std::vector<std::pair<double, bool>> scored;  // of each finding its score and whether it is exactly right

  double MacroF1() const;  // the mean over types that occur
};

// `types` are those that are judged; of a record those that it covers.
void CountMatches(const LabeledRecord& record, const std::vector<Finding>& findings, const TypeSet& types,
                  Scores* scores);

// Why a gold span was not reported exactly.
enum class MissCause { NoCandidate, Border, Threshold, Stage2, Type, Selection };
inline constexpr std::array<std::string_view, 6> kMissCauseNames = {"no candidate", "border", "threshold",
                                                                    "stage 2",      "type",   "selection"};

// The cause for each gold span of `types` that `findings`, which Decide gave for the whole pipeline, lack.
std::vector<std::pair<LabeledSpan, MissCause>> ExplainMisses(const JudgedText& text,
                                                             const std::vector<Finding>& findings,
                                                             const FusionModel& fusion,
                                                             const TypeThresholds& least_scores,
                                                             const TypeSet& types);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_JUDGED_TEXT_H_
