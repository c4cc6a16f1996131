// Records as JSON Lines, one a line:
//   {"text": "...", "spans": [[begin, end, "TYPE"], ...], "covers": ["PERSON", ...],
//    "proposals": [[begin, end, "TYPE", probability], ...]}
// with half-open ranges of code points. `covers` may be missing: all types. So may `proposals`, which
// `trainer propose` writes.
#ifndef PRIVET_TRAINING_DATA_RECORD_READER_H_
#define PRIVET_TRAINING_DATA_RECORD_READER_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/record.h"

namespace privet {

// A line that is no record, and why; never a piece of its text.
struct UnusableLine {
  std::string origin;  // "FILE:LINE"
  std::string reason;
};

struct RecordFile {
  std::vector<LabeledRecord> records;
  std::vector<UnusableLine> unusable;  // the first kMostListed of them
  int64_t unusable_count = 0;
  static constexpr size_t kMostListed = 1000;
};

// All of a file's records. An error only where the file cannot be read; a line that cannot be used is listed.
absl::StatusOr<RecordFile> ReadRecordFile(const std::filesystem::path& file);

// One line, without its line feed.
absl::StatusOr<LabeledRecord> ParseRecord(std::string_view line);

std::string WriteRecord(const LabeledRecord& record);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_RECORD_READER_H_
