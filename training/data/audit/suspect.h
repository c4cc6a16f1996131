// A label that may be at fault.
#ifndef PRIVET_TRAINING_DATA_AUDIT_SUSPECT_H_
#define PRIVET_TRAINING_DATA_AUDIT_SUSPECT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "training/data/record.h"

namespace privet {

enum class FaultKind {
  Missed,        // models are sure of an entity where nothing is marked
  Surplus,       // what is marked no model believes in
  Borders,       // models are sure of an entity that overlaps marked ones
  Type,          // ... that is marked as another type
  Inconsistent,  // a value that is marked in most places is not in this one, or the other way round
  Edges,         // a mark begins or ends with white space or punctuation, or splits brackets or a list
};
inline constexpr std::array<std::string_view, 6> kFaultKindNames = {"missed", "surplus",      "borders",
                                                                    "type",   "inconsistent", "edges"};

// What speaks for a fault; what is not known of it is left out.
struct FaultEvidence {
  std::optional<double> probability;    // of the suggestion, by the models
  std::optional<double> presence;       // of any entity in that place, by the models
  std::optional<double> confirmed;      // share of the proposals like this one that a mark confirms
  std::optional<double> as_doubted;     // share of the type's marks that models believe in as little
  std::optional<int64_t> times_marked;  // this value, in all records
  std::optional<int64_t> times_unmarked;
  std::string_view edges;                  // what is wrong with them
  std::optional<int64_t> marks_with_such;  // of the type: how many have such edges
  std::optional<int64_t> marks_of_type;
};

struct Suspect {
  size_t record = 0;
  FaultKind kind = FaultKind::Missed;
  std::vector<LabeledSpan> marked;  // what stands there and would go, in order of position
  std::vector<LabeledSpan>
      suggested;  // what would come for it; the same as `marked` where nothing is suggested
  // Natural logarithm of how many times likelier the evidence is where the label is at fault.
  double log_likelihood_ratio = 0;
  FaultEvidence evidence;

  // All that is marked or suggested.
  Span extent() const;
  EntityType type() const;  // of the suggestion, else of what is marked
  // Probability of a fault, where one label in twenty is missing or wrong and one in a hundred marks nothing
  // (annotators overlook more than they invent), and pieces of evidence are independent. It orders suspects;
  // it is not calibrated.
  double score() const;
};

// The log-likelihood ratio of a fault of which the evidence alone, without any expectation, would say that it
// is there with this probability.
double LogOddsOf(double probability);

// One line of JSON; ranges count code points of the record's text, `line` is the record's. `before`, `value`
// and `after` are pieces of the text, for the reviewer.
std::string WriteSuspect(const Suspect& suspect, const LabeledRecord& record, int64_t line);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_SUSPECT_H_
