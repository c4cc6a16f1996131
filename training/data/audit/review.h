// What a reviewer decided about suspects, applied to the records.
#ifndef PRIVET_TRAINING_DATA_AUDIT_REVIEW_H_
#define PRIVET_TRAINING_DATA_AUDIT_REVIEW_H_

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/record_reader.h"

namespace privet {

// A reviewed file holds suspects as `trainer data audit` writes them, each with a field "accept": true,
// false, or missing where nobody has decided. `suggested` may have been edited.
struct ReviewReport {
  int64_t records = 0;
  int64_t changed = 0;    // records
  int64_t applied = 0;    // suspects
  int64_t declined = 0;   // accept is false
  int64_t undecided = 0;  // has no accept
  int64_t stale = 0;      // accepted, but the records do not hold what the suspect says
  int64_t crossing = 0;   // accepted, but overlaps a mark that stays or that another suggestion made
  std::vector<UnusableLine> listed;  // the first RecordFile::kMostListed of stale, crossing and unusable ones
  int64_t unusable = 0;              // lines of either file that cannot be read
};

// Writes each line of `records` to `out`: as it is, or with the marks that accepted suspects give it, applied
// in the order of the reviewed file. A suspect is applied whole or not at all. An error where a file cannot
// be read, or the reviewed one has lines and none of them is a suspect.
absl::StatusOr<ReviewReport> ApplyReview(const std::filesystem::path& records,
                                         const std::filesystem::path& reviewed, std::ostream& out);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_REVIEW_H_
