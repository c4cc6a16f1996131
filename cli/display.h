// What a person sees on a terminal: highlighted text, aligned tables.
#ifndef PRIVET_CLI_DISPLAY_H_
#define PRIVET_CLI_DISPLAY_H_

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/detector.h"

namespace privet {

enum class ColorMode { Auto, Always, Never };

// Whether to write colours to stdout: in Auto on a terminal, unless NO_COLOR is set (https://no-color.org).
bool UseColor(ColorMode mode);

// Columns that a text takes on a terminal: two for East Asian wide characters and emoji, none for combining
// marks.
size_t DisplayWidth(std::string_view text);

// The text with every finding marked: by colour, or between 【 and 】 without.
std::string Highlighted(std::string_view text, const std::vector<Finding>& findings, bool color);

// Rows in aligned columns, the first row a header; "  " between columns.
std::string Table(const std::vector<std::vector<std::string>>& rows, bool color);

// The rows of `privet detect`: type, text, score, why.
std::vector<std::vector<std::string>> FindingRows(std::string_view text,
                                                  const std::vector<Finding>& findings);

// One finding's strongest evidence in words.
std::string WhyOf(const Finding& finding);

}  // namespace privet

#endif  // PRIVET_CLI_DISPLAY_H_
