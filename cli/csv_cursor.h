// Where the cells and records of CSV end (RFC 4180), told byte by byte, so that none has to be held whole.
#ifndef PRIVET_CLI_CSV_CURSOR_H_
#define PRIVET_CLI_CSV_CURSOR_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace privet {

// A quote opens at the beginning of a cell only; elsewhere it is a character like others: 5" pipe. One that
// never closes ends with the line in which its cell grows over 1 MiB. Where more than one separator is
// given, each ends a cell. The '\r' of a line end belongs to the cell before it.
class CsvCursor {
 public:
  enum class Step {
    Byte,     // belongs to the cell
    Nothing,  // is a quote around the cell, or the first of two that stand for one
    CellEnd,
    RecordEnd,  // ends the cell too
  };

  explicit CsvCursor(std::string_view separators) : separators_(separators) {}

  // What the next byte of the file is.
  Step Take(char c);

 private:
  enum class State { CellBegin, Plain, Quoted, QuoteInQuotes };

  std::string separators_;
  State state_ = State::CellBegin;
  size_t quoted_bytes_ = 0;
};

}  // namespace privet

#endif  // PRIVET_CLI_CSV_CURSOR_H_
