#include "training/data/audit/proposals.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/read_file.h"
#include "training/data/json_line.h"

namespace privet {
absl::StatusOr<LabeledSpan> ParseTriple(const nlohmann::json& list, const std::vector<size_t>& borders) {
  if (!list.is_array() || list.size() < 3 || !list[0].is_number_integer() || !list[1].is_number_integer() ||
      !list[2].is_string())
    return absl::InvalidArgumentError("a range must be [begin, end, \"TYPE\"]");
  const auto begin = list[0].get<int64_t>();
  const auto end = list[1].get<int64_t>();
  if (begin < 0 || begin >= end || end >= static_cast<int64_t>(borders.size())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "range [", begin, ", ", end, ") is empty or beyond the text's ", borders.size() - 1, " code points"));
  }
  const std::optional<EntityType> type = FindEntityType(list[2].get_ref<const std::string&>());
  if (!type.has_value()) return absl::InvalidArgumentError("a range's type is not an entity type");
  return LabeledSpan{{borders[static_cast<size_t>(begin)], borders[static_cast<size_t>(end)]}, *type};
}

absl::StatusOr<AuditedFile> ReadAuditedFile(const std::filesystem::path& file) {
  auto stream = OpenFile(file.string());
  if (!stream.ok()) return stream.status();
  AuditedFile audited;
  std::string line;
  for (int64_t number = 1; ReadLine(&*stream, &line); ++number) {
    if (line.empty()) continue;
    absl::StatusOr<LabeledRecord> record = ParseRecord(line);
    if (!record.ok()) {
      ++audited.unusable_count;
      if (audited.unusable.size() < RecordFile::kMostListed) {
        audited.unusable.push_back(
            {absl::StrCat(file.string(), ":", number), std::string(record.status().message())});
      }
      continue;
    }
    audited.proposals.push_back(std::exchange(record->proposals, std::nullopt));
    audited.records.push_back(*std::move(record));
    audited.lines.push_back(number);
  }
  if (stream->bad()) return absl::DataLossError(absl::StrCat(file.string(), ": reading failed"));
  return audited;
}

}  // namespace privet
