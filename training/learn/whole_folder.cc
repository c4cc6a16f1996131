#include "training/learn/whole_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace privet {

absl::Status SyncToDisk(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  // EINVAL: of a file system that keeps nothing back.
  const bool synced = descriptor >= 0 && (fsync(descriptor) == 0 || errno == EINVAL);
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  if (synced) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(path.string(), ": cannot be written: ", std::strerror(error)));
}

absl::Status TakePlace(const std::filesystem::path& partial, const std::filesystem::path& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(partial, error)) {
    if (absl::Status status = SyncToDisk(entry.path()); !status.ok()) return status;
  }
  if (absl::Status status = SyncToDisk(partial); !status.ok()) return status;
  // At once, so that there is never none of the two.
  if (renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) {
    std::filesystem::remove_all(partial, error);
  } else {  // there is no old one, or the file system cannot
    std::filesystem::remove_all(folder, error);
    std::filesystem::rename(partial, folder, error);
  }
  if (error) return absl::UnavailableError(absl::StrCat(folder.string(), ": ", error.message()));
  return SyncToDisk(folder.parent_path());
}

}  // namespace privet
