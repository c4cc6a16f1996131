// Records as JSON Lines, the form that every verb of the trainer reads and writes:
//   {"text": "我叫王小明", "spans": [[2, 5, "PERSON"]], "covers": ["PERSON", "LOCATION"]}
// Offsets count code points, half-open; `covers` is left out where a record covers every type.
#ifndef PRIVET_TRAINING_DATA_RECORD_LINES_H_
#define PRIVET_TRAINING_DATA_RECORD_LINES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "training/data/record.h"

namespace privet {

// Fields of other names are ignored. Spans may come in any order. Errors begin with `origin` ("FILE:LINE")
// and name the field, but quote nothing of the text.
absl::StatusOr<LabeledRecord> ParseRecordLine(std::string_view line, std::string origin);

// Without a line break at the end.
std::string RecordLine(const LabeledRecord& record);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_RECORD_LINES_H_
