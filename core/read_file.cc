#include "core/read_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace privet {
namespace {

absl::Status CannotBeRead(const std::string& path) {
  return absl::NotFoundError(absl::StrCat(path, ": cannot be read: ", std::strerror(errno)));
}

}  // namespace

absl::Status CheckReadable(const std::string& path) {
  if (std::error_code error; std::filesystem::is_directory(path, error))
    return absl::InvalidArgumentError(absl::StrCat(path, ": is a folder, not a file"));
  return access(path.c_str(), R_OK) == 0 ? absl::OkStatus() : CannotBeRead(path);
}

absl::StatusOr<std::ifstream> OpenFile(const std::string& path) {
  if (absl::Status status = CheckReadable(path); !status.ok()) return status;
  std::ifstream in(path, std::ios::binary);
  if (!in) return CannotBeRead(path);
  return in;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  auto in = OpenFile(path);
  if (!in.ok()) return in.status();
  std::string content;
  std::array<char, 1 << 16> piece;
  while (in->read(piece.data(), piece.size()) || in->gcount() > 0)
    content.append(piece.data(), static_cast<size_t>(in->gcount()));
  if (in->bad()) return absl::DataLossError(absl::StrCat(path, ": reading failed"));
  return content;
}

}  // namespace privet
