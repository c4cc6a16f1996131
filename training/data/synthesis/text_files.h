// Files of snippets, documents and lists, by themselves or in a folder.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_TEXT_FILES_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_TEXT_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace privet {

// The path itself, or where it is a folder its *.txt but SOURCE.txt, by name. NOT_FOUND where the folder
// cannot be read or has none.
absl::StatusOr<std::vector<std::string>> TextFilesOf(const std::string& path);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_TEXT_FILES_H_
