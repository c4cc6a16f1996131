// Which files lie under the paths that a user names.
#ifndef PRIVET_CLI_FIND_FILES_H_
#define PRIVET_CLI_FIND_FILES_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace privet {

struct FoundFile {
  std::filesystem::path path;
  uint64_t bytes = 0;
};

struct UnreadPath {
  std::filesystem::path path;
  std::string reason;
};

struct FoundFiles {
  std::vector<FoundFile> files;    // in the order of their paths
  std::vector<UnreadPath> unread;  // folders that cannot be listed, what cannot be looked at
  std::vector<std::filesystem::path> linked_folders;  // symbolic links, which are not followed
};

// Every regular file under the paths, each once, and what keeps others from being found. Globs: * and ?
// within the file's name.
absl::StatusOr<FoundFiles> FindFiles(const std::vector<std::string>& paths,
                                     const std::vector<std::string>& include,
                                     const std::vector<std::string>& exclude);

}  // namespace privet

#endif  // PRIVET_CLI_FIND_FILES_H_
