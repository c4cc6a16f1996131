#include "cli/line_reader.h"

#include <array>

namespace privet {

LineRead ReadLine(std::istream& in, size_t most_bytes, std::string* line) {
  line->clear();
  std::array<char, 4096> part;
  while (line->size() <= most_bytes) {
    in.getline(part.data(), part.size());
    const size_t got = static_cast<size_t>(in.gcount());
    if (in.eof() || in.bad() || got == 0) {
      line->append(part.data(), got);
      return line->empty() ? LineRead::None : LineRead::Whole;
    }
    if (!in.fail()) {
      line->append(part.data(), got - 1);  // the '\n' was read too
      return LineRead::Whole;
    }
    in.clear();  // fails when the part is full
    line->append(part.data(), got);
  }
  return LineRead::Part;
}

}  // namespace privet
