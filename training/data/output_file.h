// Files that a command writes: looked at before its work begins, and whole when it is done.
#ifndef PRIVET_TRAINING_DATA_OUTPUT_FILE_H_
#define PRIVET_TRAINING_DATA_OUTPUT_FILE_H_

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace privet {

// Whether all inputs can be read and all outputs be written, and no file is both, or written twice. Takes
// nothing from an input and makes no output, so that it costs nothing to ask first. A pipe or a device may be
// named more than once. An error names the file and says why.
absl::Status CheckFiles(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs);

// Makes the folder and those above it where they are not there. UNAVAILABLE "FOLDER: cannot be made: REASON".
absl::Status MakeFolder(const std::filesystem::path& folder);

// Has `write` fill the file, which appears when it is whole: until then there is FILE.partial, and what the
// file held before stays. Where `write` or the writing fails, neither is left. A link goes on naming its
// file, a file that is replaced hands on its permissions, and a pipe or a device is written as it is.
// UNAVAILABLE "FILE: cannot be written: REASON".
absl::Status WriteWholeFile(const std::filesystem::path& file,
                            const std::function<absl::Status(std::ostream&)>& write);
absl::Status WriteWholeFile(const std::filesystem::path& file, std::string_view content);

// The same of another file's bytes, and its permissions. std::filesystem's own copying calls a full disk an
// input/output error.
absl::Status CopyWholeFile(const std::filesystem::path& from, const std::filesystem::path& to);

// From here on a signal that ends the program (SIGINT, SIGTERM, SIGHUP where they are not ignored) takes away
// the FILE.partial in hand first and says on stderr that FILE was not written. For one thread that writes.
void TidyUpOnSignals();

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_OUTPUT_FILE_H_
