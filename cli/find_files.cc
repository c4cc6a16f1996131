#include "cli/find_files.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace privet {
namespace {

namespace fs = std::filesystem;

bool MatchesAny(const std::string& name, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
}

// Goes on where a folder cannot be listed.
class FileSearch {
 public:
  // Both must outlive it.
  FileSearch(const std::vector<std::string>& include, const std::vector<std::string>& exclude)
      : include_(include), exclude_(exclude) {}

  void AddFile(const fs::path& file) {
    const std::string name = file.filename().string();
    if ((!include_.empty() && !MatchesAny(name, include_)) || MatchesAny(name, exclude_)) return;
    std::error_code error;
    const fs::path canonical = fs::canonical(file, error);
    if (!seen_.insert(error ? file : canonical).second) return;
    const uintmax_t bytes = fs::file_size(file, error);
    found_.files.push_back({file, error ? 0 : bytes});
  }

  void AddFolder(const fs::path& root) {
    std::vector<fs::path> folders = {root};
    while (!folders.empty()) {
      const fs::path folder = std::move(folders.back());
      folders.pop_back();
      std::error_code error;
      for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        AddEntry(*it, &folders);
      if (error) found_.unread.push_back({folder, error.message()});
    }
  }

  FoundFiles Found() && {
    std::ranges::sort(found_.files, {}, &FoundFile::path);
    return std::move(found_);
  }

 private:
  void AddEntry(const fs::directory_entry& entry, std::vector<fs::path>* folders) {
    std::error_code error, ignored;
    const fs::file_type type = entry.status(error).type();
    if (type == fs::file_type::regular) return AddFile(entry.path());
    if (MatchesAny(entry.path().filename().string(), exclude_)) return;
    if (type == fs::file_type::none) found_.unread.push_back({entry.path(), error.message()});
    if (type != fs::file_type::directory) return;
    (entry.is_symlink(ignored) ? found_.linked_folders : *folders).push_back(entry.path());
  }

  const std::vector<std::string>& include_;
  const std::vector<std::string>& exclude_;
  std::set<fs::path> seen_;
  FoundFiles found_;
};

}  // namespace

absl::StatusOr<FoundFiles> FindFiles(const std::vector<std::string>& paths,
                                     const std::vector<std::string>& include,
                                     const std::vector<std::string>& exclude) {
  FileSearch search(include, exclude);
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_regular_file(path, error)) {
      search.AddFile(path);
    } else if (fs::is_directory(path, error)) {
      search.AddFolder(path);
    } else {
      return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
    }
  }
  return std::move(search).Found();
}

}  // namespace privet
