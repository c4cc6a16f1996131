// Records as JSON Lines, one a line:
// Records as JSON Lines, one a line:
//   {"text": "...", "spans": [[begin, end, "TYPE"], ...], "covers": ["PERSON", ...],
//    "proposals": [[begin, end, "TYPE", probability], ...]}
// with half-open ranges of code points. `covers` may be missing: all types. So may `proposals`, which
// `trainer propose` writes. An object may have other fields.
#ifndef PRIVET_TRAINING_DATA_RECORD_READER_H_
#define PRIVET_TRAINING_DATA_RECORD_READER_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
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

enum class OtherFields { Drop, Keep };  // in LabeledRecord::other_fields

// All of a file's records. An error only where the file cannot be read; a line that cannot be used is listed.
absl::StatusOr<RecordFile> ReadRecordFile(const std::filesystem::path& file,
                                          OtherFields others = OtherFields::Drop);

// One line, without its line feed.
absl::StatusOr<LabeledRecord> ParseRecord(std::string_view line, OtherFields others = OtherFields::Drop);

// With its other fields behind.
std::string WriteRecord(const LabeledRecord& record);

// The byte at which each code point of a valid text begins, and its end: where the code points of a record's
// ranges are.
std::vector<size_t> CodePointBorders(std::string_view text);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_RECORD_READER_H_
