#include "training/data/json_line.h"

namespace privet {
namespace {

bool IsTooDeep(std::string_view json) {
  int level = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++level > kMostJsonLevels) return true;
    } else if (c == '}' || c == ']') {
      --level;
    }
  }
  return false;
}

}  // namespace

bool ReadLine(std::istream* in, std::string* line) {
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
}

nlohmann::json ParseJsonLine(std::string_view line) {
  if (IsTooDeep(line)) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
}

}  // namespace privet
