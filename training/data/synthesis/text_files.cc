#include "training/data/synthesis/text_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace privet {

absl::StatusOr<std::vector<std::string>> TextFilesOf(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".txt" && it->path().filename() != "SOURCE.txt")
      files.push_back(it->path().string());
  }
  if (error) return absl::NotFoundError(absl::StrCat(path, ": cannot read the folder: ", error.message()));
  if (files.empty()) return absl::NotFoundError(absl::StrCat(path, ": no *.txt file here"));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace privet
