#include "core/read_file.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace privet {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot read the file"));
  return content.str();
}

}  // namespace privet
