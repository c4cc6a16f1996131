// JSON Lines that others wrote.
#ifndef PRIVET_TRAINING_DATA_JSON_LINE_H_
#define PRIVET_TRAINING_DATA_JSON_LINE_H_

#include <cstddef>
#include <istream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace privet {

inline constexpr size_t kMostLineBytes = 64 << 20;

// The next line without its line feed and carriage return; false at the end, and where reading fails, with
// in->bad(). Of a line that is longer than kMostLineBytes one byte more is kept, so that it shows, and the
// rest is skipped.
bool ReadLine(std::istream* in, std::string* line);

// is_discarded() where the line is no JSON, or deeper than kDeepestJson (core/json_depth.h). Never throws.
nlohmann::json ParseJsonLine(std::string_view line);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_JSON_LINE_H_
