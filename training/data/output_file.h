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

// Whether a path is the folder's or one in it, whatever links lead there.
bool LiesIn(const std::filesystem::path& path, const std::filesystem::path& folder);

// Whether WriteWholeFolder can make the folder: it is not there, and of `read`, files and folders, none lies
// where FOLDER.partial does, which is removed first. An error names what is at fault.
absl::Status CheckNewFolder(const std::filesystem::path& folder,
                            const std::vector<std::filesystem::path>& read);

// Has `fill` make FOLDER.partial and what belongs in it, which becomes FOLDER when it is whole. Where `fill`
// fails, neither is left, nor what one that was broken off left. UNAVAILABLE "FOLDER: cannot be written:
// REASON".
absl::Status WriteWholeFolder(const std::filesystem::path& folder,
                              const std::function<absl::Status(const std::filesystem::path& partial)>& fill);

// CANCELLED once a signal came while WriteWholeFolder's `fill` works. CopyWholeFile asks; what else takes
// long should.
absl::Status CheckNotStopped();

// From here on a signal that ends the program (SIGINT, SIGTERM, SIGHUP where they are not ignored) takes away
// the FILE.partial or FOLDER.partial in hand first and says on stderr that it was not written: a folder when
// `fill` has returned, or at once and without taking it away at a second signal. For one thread that writes.
void TidyUpOnSignals();

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_OUTPUT_FILE_H_
