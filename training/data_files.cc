#include "training/data_files.h"

#include <iostream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace privet {

absl::StatusOr<std::vector<LabeledRecord>> ReadRecordFiles(const std::vector<std::string>& files,
                                                           OtherFields others, int64_t* unusable) {
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
    if (unusable != nullptr) *unusable += file->unusable_count;
    std::move(file->records.begin(), file->records.end(), std::back_inserter(records));
  }
  return records;
}

}  // namespace privet
