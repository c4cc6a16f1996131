// Lines of a stream, none held longer than it may be.
#ifndef PRIVET_CLI_LINE_READER_H_
#define PRIVET_CLI_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

namespace privet {

enum class LineRead : uint8_t {
  None,   // the stream is at its end
  Whole,  // up to its '\n', which is read and not in `line`, or the stream's end
  Part,   // the next read goes on with the rest
};

// Reads the next line. Of one of more than `most_bytes` the `line` holds over `most_bytes`, but not many
// more.
LineRead ReadLine(std::istream& in, size_t most_bytes, std::string* line);

}  // namespace privet

#endif  // PRIVET_CLI_LINE_READER_H_
