#include "training/data/json_line.h"

#include "core/json_depth.h"

namespace privet {
// Reads past the stream, which would look at itself before each character, and so catches what the stream
// would.
bool ReadLine(std::istream* in, std::string* line) try {
  line->clear();
  std::streambuf* const buffer = in->rdbuf();
  if (!in->good()) return false;
  for (int c = buffer->sbumpc(); c != '\n'; c = buffer->sbumpc()) {
    if (c == std::char_traits<char>::eof()) {
      in->setstate(std::ios::eofbit);
      if (line->empty()) return false;
      break;
    }
    if (line->size() <= kMostLineBytes) line->push_back(static_cast<char>(c));
  }
  if (!line->empty() && line->back() == '\r') line->pop_back();
  return true;
} catch (const std::ios_base::failure&) {
  in->setstate(std::ios::badbit);
  return false;
}

nlohmann::json ParseJsonLine(std::string_view line) {
  if (NestsTooDeep(line)) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
}

}  // namespace privet
