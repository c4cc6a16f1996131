// Files that the user names: certificates, keys, configurations, records.
#ifndef PRIVET_CORE_READ_FILE_H_
#define PRIVET_CORE_READ_FILE_H_

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace privet {

// Whether the file, a device or a pipe can be read; takes nothing from it. INVALID_ARGUMENT "PATH: is a
// folder, not a file", which a stream would find out in its first read only; NOT_FOUND "PATH: cannot be read:
// REASON".
absl::Status CheckReadable(const std::string& path);

// The same errors.
absl::StatusOr<std::ifstream> OpenFile(const std::string& path);

// The file's bytes, however many. The same errors, and DATA_LOSS "PATH: reading failed".
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace privet

#endif  // PRIVET_CORE_READ_FILE_H_
