// What the verbs of `trainer data` read and write.
#ifndef PRIVET_TRAINING_DATA_FILES_H_
#define PRIVET_TRAINING_DATA_FILES_H_

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "training/data/record_reader.h"

namespace privet {

// The records of all files. Lines that cannot be used are counted on stderr, with the first of them, and left
// out.
absl::StatusOr<std::vector<LabeledRecord>> ReadRecordFiles(const std::vector<std::string>& files,
                                                           OtherFields others = OtherFields::Drop);

// Has `write` fill the file, which appears when it is whole: a run that fails or is broken off leaves none.
absl::Status WriteWholeFile(const std::string& file, const std::function<absl::Status(std::ostream&)>& write);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_FILES_H_
