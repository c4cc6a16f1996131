#include "training/learn/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace privet {

absl::StatusOr<FileLock> FileLock::Take(const std::filesystem::path& file) {
  // To be written, as NFS asks of a file that is locked for one alone.
  FileLock lock(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0) {
    return absl::UnavailableError(absl::StrCat(file.string(), ": cannot be written: ", std::strerror(errno)));
  }
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return lock;
  return absl::FailedPreconditionError(absl::StrCat(
      file.string(), ": another trainer is at work in this folder; let it end, or take another output"));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace privet
