// Tables in text, as CSV files, pasted spreadsheets and Markdown have them: a header line whose cells name
// what stands below.
#ifndef PRIVET_RULES_TABLE_COLUMNS_H_
#define PRIVET_RULES_TABLE_COLUMNS_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/span.h"

namespace privet {

// The line around `offset` without its break. Empty when it is longer than any row of a table that is read
// here.
Span TableLineAt(std::string_view text, size_t offset);

// The sign that divides a header line into cells, the first of tab, '|', ';' and ',' that it holds; 0 when
// there is none, or the line is prose or JSON.
char CellDelimiterOf(std::string_view line);

// The cells of a line, without spaces and quotes around; delimiters between double quotes do not count. Spans
// are of `text`; empty when there are more cells than a table has here.
std::vector<Span> CellsOf(std::string_view text, Span line, char delimiter);

// Calls take(row) with the cells of each line below `header` that has `columns` of them, up to the first line
// that has not; a cell between double quotes may hold line breaks, and lines of dashes such as +----+-----+
// are passed over where '|' divides cells. Returns where that line begins.
size_t ForEachRowBelow(std::string_view text, Span header, char delimiter, size_t columns,
                       absl::FunctionRef<void(const std::vector<Span>& row)> take);

}  // namespace privet

#endif  // PRIVET_RULES_TABLE_COLUMNS_H_
