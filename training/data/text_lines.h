// Texts without marks: lines of plain files, or the "text" of JSON Lines.
#ifndef PRIVET_TRAINING_DATA_TEXT_LINES_H_
#define PRIVET_TRAINING_DATA_TEXT_LINES_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"

namespace privet {

// Gives each text of the files to `take`, in order; a file whose name ends in .jsonl has objects with "text".
// Lines that hold no text in UTF-8 are counted. NOT_FOUND names a file that cannot be read.
absl::Status ForEachText(std::span<const std::string> files, int64_t* unusable,
                         const std::function<void(const std::string&)>& take);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_TEXT_LINES_H_
