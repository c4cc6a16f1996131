// Marks whose borders cannot be meant.
#ifndef PRIVET_TRAINING_DATA_AUDIT_BORDER_FAULTS_H_
#define PRIVET_TRAINING_DATA_AUDIT_BORDER_FAULTS_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "training/data/audit/suspect.h"

namespace privet {

// What is wrong with a mark's borders ("white space", "punctuation", "brackets", "list"), and what they
// should be: one mark or, of a list, several; none where only punctuation is marked; the mark itself where it
// takes a reader to say.
struct BorderFault {
  std::string_view name;
  std::vector<LabeledSpan> better;
};
std::optional<BorderFault> FindBorderFault(std::string_view text, const LabeledSpan& mark);

// All of them. Where many marks of a type have the same fault, it is likelier to be the annotators' rule.
std::vector<Suspect> MarksWithBorderFaults(std::span<const LabeledRecord> records);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_BORDER_FAULTS_H_
