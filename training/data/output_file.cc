#include "training/data/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
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

constexpr std::string_view kPartial = ".partial";

fs::path PartialOf(const fs::path& file) { return absl::StrCat(Resolved(file).string(), AbslView(kPartial)); }

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

// What a signal's handler may look at: the partial file in hand, and how long its name is; 0: there is none.
char partial_in_hand[PATH_MAX];
volatile std::sig_atomic_t partial_size = 0;

// The signal that came while a folder is in hand, which takes more to remove than a handler may do.
volatile std::sig_atomic_t folder_in_hand = 0;
volatile std::sig_atomic_t stopped_by = 0;

class InHand {
 public:
  explicit InHand(const fs::path& partial) {
    const std::string& name = partial.native();
    if (name.size() >= sizeof(partial_in_hand)) return;
    std::memcpy(partial_in_hand, name.c_str(), name.size() + 1);
    partial_size = static_cast<std::sig_atomic_t>(name.size());
  }
  ~InHand() { partial_size = 0; }
  InHand(const InHand&) = delete;
  InHand& operator=(const InHand&) = delete;
};

void Print(const char* text, size_t size) {
  [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, text, size);
}

// As the signal would have ended the program; `not_written` may be empty.
void EndBySignal(int number, std::string_view not_written) {
  constexpr std::string_view kClear = "\r\033[K", kLine = "trainer: stopped by a signal",
                             kNot = "; not written: ";
  if (isatty(STDERR_FILENO) != 0) Print(kClear.data(), kClear.size());  // a line of progress
  Print(kLine.data(), kLine.size());
  if (!not_written.empty()) {
    Print(kNot.data(), kNot.size());
    Print(not_written.data(), not_written.size());
  }
  Print("\n", 1);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

extern "C" void TidyUpAndEnd(int number) {
  if (folder_in_hand != 0 && stopped_by == 0) {
    stopped_by = number;
    return;
  }
  if (partial_size > 0) unlink(partial_in_hand);
  EndBySignal(number, partial_size > 0 ? std::string_view(partial_in_hand,
                                                          static_cast<size_t>(partial_size) - kPartial.size())
                                       : std::string_view());
}

// A folder without the slash that its name may end with.
fs::path PlaceOf(const fs::path& folder) { return folder.has_filename() ? folder : folder.parent_path(); }

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

void TidyUpOnSignals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (std::signal(number, TidyUpAndEnd) == SIG_IGN) std::signal(number, SIG_IGN);
  }
}

absl::Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  // A name that ends with a slash is none that was made, though it is there then.
  if (!error || fs::is_directory(folder)) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(folder.string(), ": cannot be made: ", error.message()));
}

absl::Status WriteWholeFile(const fs::path& file, const std::function<absl::Status(std::ostream&)>& write) {
  if (IsPipeOrDevice(file)) return Fill(file, file, fs::perms::unknown, write);
  std::error_code error;
  const fs::path partial = PartialOf(file);
  const InHand in_hand(partial);
  absl::Status status = Fill(partial, file, fs::status(file, error).permissions(), write);
  if (status.ok()) {
    fs::rename(partial, Resolved(file), error);
    if (!error) return status;
    status = CannotBeWritten(file, error.value());
  }
  fs::remove(partial, error);
  return status;
}

absl::Status CopyWholeFile(const fs::path& from, const fs::path& to) {
  auto in = OpenFile(from.string());
  if (!in.ok()) return in.status();
  absl::Status status = WriteWholeFile(to, [&](std::ostream& out) {
    std::vector<char> piece(1 << 20);
    while (out && *in) {
      if (absl::Status stopped = CheckNotStopped(); !stopped.ok()) return stopped;
      in->read(piece.data(), static_cast<std::streamsize>(piece.size()));
      out.write(piece.data(), in->gcount());
    }
    return in->bad() ? absl::DataLossError(absl::StrCat(from.string(), ": reading failed"))
                     : absl::OkStatus();
  });
  std::error_code ignored;
  if (status.ok()) fs::permissions(to, fs::status(from, ignored).permissions(), ignored);
  return status;
}

bool LiesIn(const fs::path& path, const fs::path& folder) {
  const fs::path relative = Resolved(path).lexically_relative(Resolved(folder));
  return !relative.empty() && *relative.begin() != "..";
}

absl::Status CheckNewFolder(const fs::path& folder, const std::vector<fs::path>& read) {
  std::error_code error;
  if (fs::exists(folder, error)) {
    return absl::AlreadyExistsError(absl::StrCat(folder.string(), ": is there already; name a new folder"));
  }
  const fs::path place = PlaceOf(folder), partial = PartialOf(place);
  if (absl::Status status = CheckOutput(place.string()); !status.ok()) return status;
  for (const fs::path& path : read) {
    if (path.empty() || !LiesIn(path, partial)) continue;
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": is read, and would be removed with ",
                                                   partial.string(),
                                                   ", in which the folder is made; name another folder"));
  }
  return absl::OkStatus();
}

absl::Status WriteWholeFolder(const fs::path& folder,
                              const std::function<absl::Status(const fs::path&)>& fill) {
  const fs::path place = PlaceOf(folder), partial = PartialOf(place);
  std::error_code error;
  fs::remove_all(partial, error);  // of one that was broken off
  folder_in_hand = 1;
  absl::Status status = fill(partial);
  if (status.ok()) status = CheckNotStopped();
  if (status.ok()) {
    fs::rename(partial, Resolved(place), error);
    if (error) status = CannotBeWritten(place, error.value());
  }
  if (!status.ok()) fs::remove_all(partial, error);
  folder_in_hand = 0;
  if (stopped_by != 0) EndBySignal(stopped_by, status.ok() ? std::string_view() : place.native());
  return status;
}

absl::Status CheckNotStopped() {
  return stopped_by == 0 ? absl::OkStatus() : absl::CancelledError("stopped by a signal");
}

absl::Status WriteWholeFile(const fs::path& file, std::string_view content) {
  return WriteWholeFile(file, [content](std::ostream& out) {
    out << content;
    return absl::OkStatus();
  });
}

}  // namespace privet
