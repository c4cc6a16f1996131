#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
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
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    if (!in) return absl::NotFoundError(absl::StrCat(file.string(), ": cannot read the file"));
    sources.push_back({file.string(), content.str()});
  }
  return sources;
}

}  // namespace privet
