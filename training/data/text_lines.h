// Raw texts, one a line: plain, or the "text" of a .jsonl file's objects.
#ifndef PRIVET_TRAINING_DATA_TEXT_LINES_H_
#define PRIVET_TRAINING_DATA_TEXT_LINES_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace privet {

struct TextLines {
  int64_t texts = 0;
  int64_t unusable = 0;        // not UTF-8, without a "text" in a .jsonl file, or above 64 MiB
  int64_t first_unusable = 0;  // its line, from 1; 0: none
};

// Calls take(line, text) for each line that is not empty, in order; the text is valid UTF-8. An error where
// the file cannot be read.
absl::StatusOr<TextLines> ForEachText(const std::filesystem::path& file,
                                      const std::function<void(int64_t, const std::string&)>& take);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_TEXT_LINES_H_
