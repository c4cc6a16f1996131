// Keeps two trainers from writing into one folder.
#ifndef PRIVET_TRAINING_LEARN_FILE_LOCK_H_
#define PRIVET_TRAINING_LEARN_FILE_LOCK_H_

#include <filesystem>
#include <utility>

#include "absl/status/statusor.h"

namespace privet {

// Holds a file until it dies, or its process does, however that ends. The file stays: one that is taken away
// could be locked twice. Movable.
class FileLock {
 public:
  // Makes the file where there is none. FAILED_PRECONDITION where somebody holds it, this process included.
  // Where a file system knows no locks nothing is held, and that is no error: people train there, too.
  static absl::StatusOr<FileLock> Take(const std::filesystem::path& file);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_FILE_LOCK_H_
