#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/read_file.h"
#include "rules/pack.h"

namespace privet {

absl::StatusOr<std::vector<PackSource>> ReadPackFolder(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path());
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": cannot read the folder: ", error.message()));
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat(folder, ": no rule pack here; a pack is a file named *.yaml"));
  }
  std::sort(files.begin(), files.end());

  std::vector<PackSource> sources;
  for (const std::filesystem::path& file : files) {
    absl::StatusOr<std::string> content = ReadFile(file.string());
    if (!content.ok()) return content.status();
    sources.push_back({file.string(), *std::move(content)});
  }
  return sources;
}

}  // namespace privet
