// Lines of a stream, none held longer than it may be.
#ifndef PRIVET_CLI_LINE_READER_H_
#define PRIVET_CLI_LINE_READER_H_

#include <cstddef>
#include <istream>
#include <string>

namespace privet {

// Reads the next line without its '\n', like std::getline; false at the end. Of a line of more than
// `most_bytes` the `line` holds over `most_bytes`, but not many more, and the stream the rest.
bool ReadLine(std::istream& in, size_t most_bytes, std::string* line);

}  // namespace privet

#endif  // PRIVET_CLI_LINE_READER_H_
