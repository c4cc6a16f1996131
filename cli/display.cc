#include "cli/display.h"

#include <unicode/uchar.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/utf8.h"
#include "pipeline/selection.h"

namespace privet {
namespace {

constexpr std::string_view kMarked = "\033[1;30;43m";
constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kPlain = "\033[0m";

size_t WidthOf(uint32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  const int category = u_charType(code_point);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR ||
      category == U_CONTROL_CHAR) {
    return 0;
  }
  const int width = u_getIntPropertyValue(code_point, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

// One line, without control characters, cut where it would fill the terminal.
std::string Shown(std::string_view text) {
  constexpr size_t kMostColumns = 48;
  std::string shown;
  size_t columns = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeUtf8(text, i);
    const size_t width = WidthOf(point.value);
    if (columns + width > kMostColumns) return shown + "…";
    if (point.value < 0x20) {
      shown += ' ';
      ++columns;
    } else {
      shown.append(text.substr(i, point.length));
      columns += width;
    }
    i += point.length;
  }
  return shown;
}

}  // namespace

bool UseColor(ColorMode mode) {
  if (mode != ColorMode::Auto) return mode == ColorMode::Always;
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && isatty(STDOUT_FILENO) == 1;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeUtf8(text, i);
    width += WidthOf(point.value);
    i += point.length;
  }
  return width;
}

std::string Highlighted(std::string_view text, const std::vector<Finding>& findings, bool color) {
  std::string marked;
  size_t copied = 0;
  for (const Finding& finding : findings) {
    const std::string_view value = text.substr(finding.span.begin, finding.span.size());
    marked.append(text.substr(copied, finding.span.begin - copied));
    marked.append(color ? kMarked : "【").append(value).append(color ? kPlain : "】");
    copied = finding.span.end;
  }
  return marked.append(text.substr(copied));
}

std::string Table(const std::vector<std::vector<std::string>>& rows, bool color) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  std::string table;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (color && r == 0) table += kBold;
    for (size_t i = 0; i < rows[r].size(); ++i) {
      table += rows[r][i];
      if (i + 1 < rows[r].size()) table.append(widths[i] - DisplayWidth(rows[r][i]) + 2, ' ');
    }
    if (color && r == 0) table += kPlain;
    table += '\n';
  }
  return table;
}

std::string WhyOf(const Finding& finding) {
  if (finding.evidence.empty()) return {};
  // Models have nothing to say but a number; it is short, so all of them show theirs.
  std::vector<std::string> models;
  const Evidence* rule = nullptr;
  size_t more_rules = 0;
  for (const Evidence& evidence : finding.evidence) {
    if (std::string_view(evidence.source).starts_with(kModelSourcePrefix)) {
      models.push_back(absl::StrFormat("%s %.2f", evidence.source, evidence.score));
    } else if (rule == nullptr) {
      rule = &evidence;
    } else {
      ++more_rules;
    }
  }
  std::string said = absl::StrJoin(models, ", ");
  if (rule == nullptr) return said;
  const Evidence& evidence = *rule;
  std::string why = evidence.source;
  if (!evidence.validator_result.empty()) absl::StrAppend(&why, ": ", evidence.validator_result);
  for (const ContextHit& hit : evidence.context) {
    absl::StrAppend(&why, "; ", hit.word, absl::StrFormat(" %+.1f", hit.shift));
  }
  if (more_rules > 0) absl::StrAppend(&why, " (and ", more_rules, " more)");
  if (!said.empty()) absl::StrAppend(&why, "; ", said);
  return why;
}

std::vector<std::vector<std::string>> FindingRows(std::string_view text,
                                                  const std::vector<Finding>& findings) {
  std::vector<std::vector<std::string>> rows = {{"type", "text", "score", "why"}};
  for (const Finding& finding : findings) {
    rows.push_back({std::string(IdOf(finding.type)),
                    Shown(text.substr(finding.span.begin, finding.span.size())),
                    absl::StrFormat("%.2f", finding.score), WhyOf(finding)});
  }
  return rows;
}

}  // namespace privet
