#include "training/data/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/read_file.h"

namespace privet {
namespace {

namespace fs = std::filesystem;

absl::Status CannotBeWritten(const fs::path& file, int error) {
  return absl::UnavailableError(absl::StrCat(file.string(), ": cannot be written",
                                             error == 0 ? "" : absl::StrCat(": ", std::strerror(error))));
}

// One path for one file, whatever links lead to it.
fs::path Resolved(const fs::path& file) {
  std::error_code error;
  const fs::path resolved = fs::weakly_canonical(fs::absolute(file, error), error);
  return error ? file : resolved;
}

fs::path PartialOf(const fs::path& file) { return Resolved(file).string() + ".partial"; }

bool IsPipeOrDevice(const fs::path& path) {
  std::error_code error;
  return fs::is_other(path, error);
}

bool AreOneFile(const fs::path& a, const fs::path& b) {
  if (IsPipeOrDevice(a)) return false;
  std::error_code error;
  return fs::equivalent(a, b, error) || Resolved(a) == Resolved(b);
}

absl::Status CheckOutput(const std::string& file) {
  const fs::path path = file;
  std::error_code error;
  if (fs::is_directory(path, error)) return absl::InvalidArgumentError(file + ": is a folder, not a file");
  if (!path.has_filename()) return absl::InvalidArgumentError(absl::StrCat("'", file, "': names no file"));
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const bool is_replaced = !IsPipeOrDevice(path);  // by a file that is written beside it
  if ((fs::exists(path, error) && access(path.c_str(), W_OK) != 0) ||
      (is_replaced && access((folder / ".").c_str(), W_OK | X_OK) != 0)) {
    return CannotBeWritten(path, errno);
  }
  return absl::OkStatus();
}

// Opens `path` to write what errors call `file`.
absl::Status Fill(const fs::path& path, const fs::path& file, fs::perms mode,
                  const std::function<absl::Status(std::ostream&)>& write) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  if (!out) return CannotBeWritten(file, errno);
  std::error_code ignored;
  if (mode != fs::perms::unknown) fs::permissions(path, mode, ignored);
  absl::Status status = write(out);
  const int error = errno;
  // Closing tries once more what could not be written, and so says why even where much was done since then.
  errno = 0;
  out.close();
  return status.ok() && !out ? CannotBeWritten(file, errno == 0 ? error : errno) : status;
}

}  // namespace

absl::Status CheckFiles(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  for (const std::string& input : inputs) {
    if (absl::Status status = CheckReadable(input); !status.ok()) return status;
  }
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    if (absl::Status status = CheckOutput(*output); !status.ok()) return status;
    for (const std::string& input : inputs) {
      if (AreOneFile(*output, input) || AreOneFile(PartialOf(*output), input)) {
        return absl::InvalidArgumentError(
            absl::StrCat(input, ": is read, and would be overwritten with what is written to ", *output,
                         "; write to another file"));
      }
    }
    for (auto other = outputs.begin(); other != output; ++other) {
      if (AreOneFile(*output, *other))
        return absl::InvalidArgumentError(absl::StrCat(*output, ": would be written twice; name two files"));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteWholeFile(const fs::path& file, const std::function<absl::Status(std::ostream&)>& write) {
  if (IsPipeOrDevice(file)) return Fill(file, file, fs::perms::unknown, write);
  std::error_code error;
  const fs::path partial = PartialOf(file);
  absl::Status status = Fill(partial, file, fs::status(file, error).permissions(), write);
  if (status.ok()) {
    fs::rename(partial, Resolved(file), error);
    if (!error) return status;
    status = CannotBeWritten(file, error.value());
  }
  fs::remove(partial, error);
  return status;
}

absl::Status WriteWholeFile(const fs::path& file, std::string_view content) {
  return WriteWholeFile(file, [content](std::ostream& out) {
    out << content;
    return absl::OkStatus();
  });
}

}  // namespace privet
