#include <algorithm>

#include "absl/strings/str_cat.h"
#include "training/judge/report.h"
#include "training/judge/report_sections.h"

namespace privet {

std::string AlignedTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string table;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      absl::StrAppend(&line, i == 0 ? row[i] : "", i == 0 ? "" : "  ", gap, i == 0 ? "" : row[i]);
    }
    absl::StrAppend(&table, line.substr(0, line.find_last_not_of(' ') + 1), "\n");
  }
  return table;
}

std::string TextReport(const Evaluation& evaluation, const Evaluation* against) {
  std::string out;
  for (const ReportSection& section : SectionsOf(evaluation, against)) {
    absl::StrAppend(&out, out.empty() ? "" : "\n", section.title, "\n\n", AlignedTable(section.rows),
                    section.notes.empty() || section.rows.empty() ? "" : "\n");
    for (const std::string& note : section.notes) absl::StrAppend(&out, "- ", note, "\n");
  }
  return out;
}

}  // namespace privet
