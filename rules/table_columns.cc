#include "rules/table_columns.h"

#include <algorithm>
#include <cstddef>

namespace privet {
namespace {

constexpr size_t kLongestLine = 4096;
constexpr size_t kMostCells = 128;

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }
bool IsPadding(char c) { return c == ' ' || c == '\t' || c == '"' || c == '\''; }

// The line that begins at `begin`; nothing when it is too long.
Span LineFrom(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && !IsLineBreak(text[end])) {
    if (++end - begin > kLongestLine) return {begin, begin};
  }
  return {begin, end};
}

size_t NextLine(std::string_view text, size_t line_end) {
  if (line_end < text.size() && text[line_end] == '\r') ++line_end;
  if (line_end < text.size() && text[line_end] == '\n') ++line_end;
  return line_end;
}

bool LeavesQuoteOpen(std::string_view text, Span line) {
  return std::count(text.begin() + static_cast<ptrdiff_t>(line.begin),
                    text.begin() + static_cast<ptrdiff_t>(line.end), '"') %
             2 !=
         0;
}

// The row that begins with `line`, over the lines that a quoted cell of it takes; `line` itself when no quote
// is open at its end, or none closes in the bytes of a row.
Span WholeRow(std::string_view text, Span line) {
  if (!LeavesQuoteOpen(text, line)) return line;
  for (size_t i = line.end; i < text.size() && i - line.begin <= kLongestLine; ++i) {
    if (text[i] != '"') continue;
    const Span rest = LineFrom(text, i);
    if (rest.empty() || rest.end - line.begin > kLongestLine) break;
    if (LeavesQuoteOpen(text, rest)) return {line.begin, rest.end};
    i = rest.end;
  }
  return line;
}

// A line that rules a table of '|' off, as databases print them: +----+-----+ and ----+-----.
bool IsRuledLine(std::string_view line, char delimiter) {
  return delimiter == '|' && line.find_first_not_of("+-=:| \t") == std::string_view::npos &&
         line.find_first_of("-=") != std::string_view::npos;
}

}  // namespace

Span TableLineAt(std::string_view text, size_t offset) {
  size_t begin = offset;
  while (begin > 0 && !IsLineBreak(text[begin - 1])) {
    if (offset - --begin > kLongestLine) return {offset, offset};
  }
  return LineFrom(text, begin);
}

char CellDelimiterOf(std::string_view line) {
  // Prose and JSON, at once: names of columns are common words.
  if (line.starts_with('{') || line.starts_with('[') || line.find("。") != std::string_view::npos) return 0;
  for (const char delimiter : {'\t', '|', ';', ','}) {
    if (line.find(delimiter) != std::string_view::npos) return delimiter;
  }
  return 0;
}

std::vector<Span> CellsOf(std::string_view text, Span line, char delimiter) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(line.begin, line.size()).starts_with(kByteOrderMark)) line.begin += kByteOrderMark.size();
  std::vector<Span> cells;
  size_t begin = line.begin;
  bool quoted = false;
  for (size_t i = line.begin; i <= line.end; ++i) {
    if (i < line.end && text[i] == '"') quoted = !quoted;
    if (i < line.end && (quoted || text[i] != delimiter)) continue;
    Span cell{begin, i};
    while (cell.begin < cell.end && IsPadding(text[cell.begin])) ++cell.begin;
    while (cell.begin < cell.end && IsPadding(text[cell.end - 1])) --cell.end;
    cells.push_back(cell);
    if (cells.size() > kMostCells) return {};
    begin = i + 1;
  }
  return cells;
}

size_t ForEachRowBelow(std::string_view text, Span header, char delimiter, size_t columns,
                       absl::FunctionRef<void(const std::vector<Span>& row)> take) {
  size_t begin = NextLine(text, header.end);
  while (begin < text.size()) {
    const Span line = LineFrom(text, begin);
    if (line.empty()) break;
    if (IsRuledLine(text.substr(line.begin, line.size()), delimiter)) {
      begin = NextLine(text, line.end);
      continue;
    }
    Span whole = WholeRow(text, line);
    std::vector<Span> row = CellsOf(text, whole, delimiter);
    if (row.size() != columns && whole.end != line.end) {
      whole = line;  // the quote was a sign for inches, or the like
      row = CellsOf(text, whole, delimiter);
    }
    if (row.size() != columns) break;
    take(row);
    begin = NextLine(text, whole.end);
  }
  return begin;
}

}  // namespace privet
