// JSON Lines that others wrote.
#ifndef PRIVET_TRAINING_DATA_JSON_LINE_H_
#define PRIVET_TRAINING_DATA_JSON_LINE_H_

#include <cstddef>
#include <istream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace privet {

inline constexpr size_t kMostLineBytes = 64 << 20;

// The next line without its line feed and carriage return; false at the end, and where reading fails, with
// in->bad(). Of a line that is longer than kMostLineBytes one byte more is kept, so that it shows, and the
// rest is skipped.
bool ReadLine(std::istream* in, std::string* line);

// INVALID_ARGUMENT where the line is no JSON, longer than kMostLineBytes or deeper than kDeepestJson
// (core/json_depth.h): why, and at which byte, but never what stands there. A member of an object that holds
// a number too large for a double is null. Never throws.
absl::StatusOr<nlohmann::json> ParseJsonLine(std::string_view line);

// Why a parser gave up, and at which byte, from 1, of what it read behind `skipped` bytes; it stood at the
// end or not. Without the piece of text that what() quotes.
std::string JsonFault(const nlohmann::json::exception& error, bool at_end, size_t skipped = 0);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_JSON_LINE_H_
