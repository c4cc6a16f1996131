#include "pipeline/table_cells.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"

namespace privet {
namespace {

constexpr size_t kReach = 256;        // bytes of the line before and behind a mention
constexpr size_t kTightOfATable = 3;  // commas without a space that make a line one of a table

bool IsDelimiter(char c) { return c == ',' || c == ';'; }
bool IsQuote(char c) { return c == '"' || c == '\''; }

// The delimiters between two cells of which the earlier one ends at `i`, with their quotes; 0 where none
// does.
size_t BytesOfBorder(std::string_view text, size_t i) {
  if (text[i] == '|' || text[i] == '\t') return 1;
  if (IsDelimiter(text[i]) && i + 1 < text.size() && text[i + 1] == text[i]) {
    size_t end = i + 2;
    while (end < text.size() && text[end] == text[i]) ++end;
    return end - i;
  }
  if (!IsQuote(text[i])) return 0;
  const char quote = text[i];
  size_t end = i + 1;
  bool delimited = false;
  for (; end < text.size() && text[end] != quote; ++end) {
    if (IsDelimiter(text[end]) || text[end] == '\t') {
      delimited = true;
    } else if (text[end] != ' ') {
      return 0;
    }
  }
  return delimited && end < text.size() ? end + 1 - i : 0;
}

// A delimiter with no space behind it, and not one of a number.
bool IsTight(std::string_view text, size_t i) {
  if (!IsDelimiter(text[i]) || i == 0 || i + 1 >= text.size()) return false;
  const auto before = static_cast<unsigned char>(text[i - 1]),
             behind = static_cast<unsigned char>(text[i + 1]);
  return !absl::ascii_isspace(before) && !absl::ascii_isspace(behind) &&
         !(absl::ascii_isdigit(before) && absl::ascii_isdigit(behind) && text[i] == ',');
}

// Whether tight delimiters end cells in the line of a mention that holds one.
bool IsLineOfTable(std::string_view text, Span mention) {
  size_t begin = mention.begin - std::min(mention.begin, kReach);
  size_t end = std::min(text.size(), mention.end + kReach);
  if (const size_t before = text.substr(begin, mention.begin - begin).rfind('\n'); before != text.npos)
    begin += before + 1;
  if (const size_t behind = text.substr(mention.end, end - mention.end).find('\n'); behind != text.npos)
    end = mention.end + behind;
  size_t tight = 0;
  for (size_t i = begin; i < end && tight < kTightOfATable; ++i) tight += IsTight(text, i) ? 1 : 0;
  return tight == kTightOfATable;
}

Span WithoutEnds(std::string_view text, Span span) {
  const auto is_end = [&](size_t i) {
    return absl::ascii_isspace(static_cast<unsigned char>(text[i])) || IsQuote(text[i]);
  };
  while (!span.empty() && is_end(span.begin)) ++span.begin;
  while (!span.empty() && is_end(span.end - 1)) --span.end;
  return span;
}

}  // namespace

std::vector<Span> CellsOf(std::string_view text, Span mention) {
  const std::string_view until_its_end = text.substr(0, mention.end);
  std::vector<Span> cells;
  size_t begin = mention.begin;
  const auto end_cell = [&](size_t end) {
    const Span cell = WithoutEnds(text, {begin, end});
    if (!cell.empty()) cells.push_back(cell);
  };
  std::optional<bool> tight_ends;
  for (size_t i = mention.begin; i < mention.end; ++i) {
    size_t border = BytesOfBorder(until_its_end, i);
    if (border == 0 && IsTight(until_its_end, i)) {
      if (!tight_ends.has_value()) tight_ends = IsLineOfTable(text, mention);
      if (*tight_ends) border = 1;
    }
    if (border == 0) continue;
    end_cell(i);
    begin = i + border;
    i = begin - 1;
  }
  if (begin == mention.begin) return {mention};
  end_cell(mention.end);
  return cells;
}

}  // namespace privet
