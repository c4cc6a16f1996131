// Folders that appear when all that is in them is on the disk.
#ifndef PRIVET_TRAINING_LEARN_WHOLE_FOLDER_H_
#define PRIVET_TRAINING_LEARN_WHOLE_FOLDER_H_

#include <filesystem>

#include "absl/status/status.h"

namespace privet {

// Waits until a file's bytes, or a folder's names, are on the disk. UNAVAILABLE "PATH: cannot be written:
// REASON".
absl::Status SyncToDisk(const std::filesystem::path& path);

// Gives the folder `partial`, which has files alone and lies beside `folder`, that one's name, and removes
// what had it. What has the name is whole, whether the program is killed or the machine loses its power: it
// is given when all bytes are on the disk. UNAVAILABLE names the path.
absl::Status TakePlace(const std::filesystem::path& partial, const std::filesystem::path& folder);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_WHOLE_FOLDER_H_
