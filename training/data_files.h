// What the verbs of `trainer data` read.
#ifndef PRIVET_TRAINING_DATA_FILES_H_
#define PRIVET_TRAINING_DATA_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/record_reader.h"

namespace privet {

// The records of all files. Lines that cannot be used are counted on stderr, with the first of them, and left
// out; how many, is added to `unusable` where it is given.
absl::StatusOr<std::vector<LabeledRecord>> ReadRecordFiles(const std::vector<std::string>& files,
                                                           OtherFields others = OtherFields::Drop,
                                                           int64_t* unusable = nullptr);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_FILES_H_
