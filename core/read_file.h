// A whole file, for those that the user names: certificates, keys, configurations.
#ifndef PRIVET_CORE_READ_FILE_H_
#define PRIVET_CORE_READ_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace privet {

// The file's bytes, however many; NOT_FOUND "PATH: cannot read the file".
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace privet

#endif  // PRIVET_CORE_READ_FILE_H_
