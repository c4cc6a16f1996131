// Values that are marked in most places and stand unmarked in a few, or the other way round.
#ifndef PRIVET_TRAINING_DATA_AUDIT_INCONSISTENCY_H_
#define PRIVET_TRAINING_DATA_AUDIT_INCONSISTENCY_H_

#include <span>
#include <vector>

#include "training/data/audit/suspect.h"

namespace privet {

// The rarer way of a value (marked_values.h says which count) is the suspect; where both are as frequent, the
// unmarked places are.
std::vector<Suspect> InconsistentMarks(std::span<const LabeledRecord> records);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_INCONSISTENCY_H_
