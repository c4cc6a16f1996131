#include "training/data/audit/proposals.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "training/data/json_line.h"

namespace privet {
namespace {

absl::StatusOr<Proposals> ParseProposals(const LabeledRecord& record) {
  if (record.other_fields.empty()) return Proposals();
  const nlohmann::json others = ParseJsonLine(record.other_fields);
  const auto list = others.find("proposals");
  if (list == others.end()) return Proposals();
  if (!list->is_array()) return absl::InvalidArgumentError("\"proposals\" is not a list");
  const std::vector<size_t> borders = CodePointBorders(record.text);
  std::vector<Proposal> proposals;
  for (const nlohmann::json& entry : *list) {
    if (!entry.is_array() || entry.size() != 4 || !entry[3].is_number() || !(entry[3].get<double>() >= 0) ||
        !(entry[3].get<double>() <= 1))
      return absl::InvalidArgumentError("a proposal must be [begin, end, \"TYPE\", probability from 0 to 1]");
    const absl::StatusOr<LabeledSpan> span = ParseTriple(entry, borders);
    if (!span.ok()) return absl::InvalidArgumentError(absl::StrCat("proposals: ", span.status().message()));
    proposals.push_back({*span, entry[3].get<double>()});
  }
  std::sort(proposals.begin(), proposals.end(), [](const Proposal& a, const Proposal& b) {
    return std::pair(a.span.span, a.span.type) < std::pair(b.span.span, b.span.type);
  });
  return Proposals(std::move(proposals));
}

}  // namespace

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
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::NotFoundError(absl::StrCat(file.string(), ": cannot be read"));
  AuditedFile audited;
  std::string line;
  for (int64_t number = 1; ReadLine(&stream, &line); ++number) {
    if (line.empty()) continue;
    absl::StatusOr<LabeledRecord> record = line.size() > kMostLineBytes
                                               ? absl::InvalidArgumentError("is too long")
                                               : ParseRecord(line, OtherFields::Keep);
    absl::StatusOr<Proposals> proposals = record.ok() ? ParseProposals(*record) : record.status();
    if (!proposals.ok()) {
      ++audited.unusable_count;
      if (audited.unusable.size() < RecordFile::kMostListed) {
        audited.unusable.push_back(
            {absl::StrCat(file.string(), ":", number), std::string(proposals.status().message())});
      }
      continue;
    }
    record->other_fields.clear();
    audited.records.push_back(*std::move(record));
    audited.lines.push_back(number);
    audited.proposals.push_back(*std::move(proposals));
  }
  if (stream.bad()) return absl::DataLossError(absl::StrCat(file.string(), ": reading failed"));
  return audited;
}

}  // namespace privet
