#include "training/data_files.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace privet {

absl::StatusOr<std::vector<LabeledRecord>> ReadRecordFiles(const std::vector<std::string>& files,
                                                           OtherFields others) {
  std::vector<LabeledRecord> records;
  for (const std::string& path : files) {
    auto file = ReadRecordFile(path, others);
    if (!file.ok()) return file.status();
    if (file->unusable_count > 0 && file->records.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": none of its ", file->unusable_count,
                                                     " lines is a record; the first, ",
                                                     file->unusable[0].origin, ", ", file->unusable[0].reason,
                                                     ". `trainer data convert` reads other shapes"));
    }
    if (file->unusable_count > 0) {
      std::cerr << "trainer: " << path << ": " << file->unusable_count
                << " lines cannot be used; the first is " << file->unusable[0].origin << ": "
                << file->unusable[0].reason << "\n";
    }
    std::move(file->records.begin(), file->records.end(), std::back_inserter(records));
  }
  return records;
}

absl::Status WriteWholeFile(const std::string& file,
                            const std::function<absl::Status(std::ostream&)>& write) {
  const std::string partial = file + ".partial";
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  if (!out) return absl::NotFoundError(absl::StrCat(partial, ": cannot be written"));
  const absl::Status written = write(out);
  out.close();
  std::error_code error;
  if (written.ok() && out) {
    std::filesystem::rename(partial, file, error);
    if (!error) return absl::OkStatus();
  }
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  return written.ok() ? absl::UnavailableError(absl::StrCat(file, ": cannot be written; is the disk full?"))
                      : written;
}

}  // namespace privet
