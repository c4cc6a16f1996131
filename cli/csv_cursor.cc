#include "cli/csv_cursor.h"

namespace privet {

CsvCursor::Step CsvCursor::Take(char c) {
  constexpr size_t kLongestQuotedBytes = 1 << 20;
  if (state_ == State::Quoted) {
    ++quoted_bytes_;
    if (c == '"') {
      state_ = State::QuoteInQuotes;
      return Step::Nothing;
    }
    if (c != '\n' || quoted_bytes_ < kLongestQuotedBytes) return Step::Byte;
  } else if (c == '"' && state_ == State::QuoteInQuotes) {
    state_ = State::Quoted;
    return Step::Byte;
  } else if (c == '"' && state_ == State::CellBegin) {
    state_ = State::Quoted;
    quoted_bytes_ = 0;
    return Step::Nothing;
  }
  const bool ends_cell = c == '\n' || separators_.find(c) != std::string::npos;
  state_ = ends_cell ? State::CellBegin : State::Plain;
  if (!ends_cell) return Step::Byte;
  return c == '\n' ? Step::RecordEnd : Step::CellEnd;
}

}  // namespace privet
