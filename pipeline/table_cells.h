// Where cells of a table end.
#ifndef PRIVET_PIPELINE_TABLE_CELLS_H_
#define PRIVET_PIPELINE_TABLE_CELLS_H_

#include <string_view>
#include <vector>

#include "core/span.h"

namespace privet {

// The pieces of a mention that lie in one cell each: a mention that runs on into the next cell, as an address
// does into the column of its city, would take the delimiter with it when it is redacted, and all cells
// behind would stand one column too far left. Cells are parted by | and tabs, by a delimiter between two
// quotes
// (`","`), by empty cells (`,,`), and in a line with several of them by commas and semicolons that no space
// follows. Without white space and quotes at the ends of pieces; those that are nothing else are left out.
// The mention itself, where no cell ends in it. `mention` lies in `text`; of its line 256 bytes either way
// are read.
std::vector<Span> CellsOf(std::string_view text, Span mention);

}  // namespace privet

#endif  // PRIVET_PIPELINE_TABLE_CELLS_H_
