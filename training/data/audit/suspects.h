// All labels of a file that may be at fault.
#ifndef PRIVET_TRAINING_DATA_AUDIT_SUSPECTS_H_
#define PRIVET_TRAINING_DATA_AUDIT_SUSPECTS_H_

#include <vector>

#include "training/data/audit/proposals.h"
#include "training/data/audit/suspect.h"

namespace privet {

// The most likely first, of equals the earlier; the same file gives the same list. Where several reasons
// speak for the same change it is one suspect, of the first kind. Without proposals, Inconsistent and Edges
// only.
std::vector<Suspect> FindSuspects(const AuditedFile& file);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_SUSPECTS_H_
