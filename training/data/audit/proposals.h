// Records with what models proposed that did not see them, one JSON object a line:
//   {"text": "...", "spans": [...], "covers": [...], "proposals": [[begin, end, "TYPE", probability], ...]}
// Ranges are half-open and count code points, as those of spans do.
#ifndef PRIVET_TRAINING_DATA_AUDIT_PROPOSALS_H_
#define PRIVET_TRAINING_DATA_AUDIT_PROPOSALS_H_

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/record.h"
#include "training/data/record_reader.h"

namespace privet {

// Proposals of one record in order of position; they may overlap. Nothing where no model read the record.
using Proposals = std::optional<std::vector<Proposal>>;

// What is audited. The lists run along each other.
struct AuditedFile {
  std::vector<LabeledRecord> records;
  std::vector<int64_t> lines;  // of the file, from 1
  std::vector<Proposals> proposals;
  std::vector<UnusableLine> unusable;  // the first RecordFile::kMostListed
  int64_t unusable_count = 0;
};

// An error only where the file cannot be read; a line that cannot be used is listed.
absl::StatusOr<AuditedFile> ReadAuditedFile(const std::filesystem::path& file);

// A triple [begin, end, "TYPE"] of code points in a text with these borders (CodePointBorders), as the first
// three of a list.
absl::StatusOr<LabeledSpan> ParseTriple(const nlohmann::json& list, const std::vector<size_t>& borders);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_AUDIT_PROPOSALS_H_
