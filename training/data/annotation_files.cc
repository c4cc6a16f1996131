#include "training/data/annotation_files.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/json_depth.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "training/data/json_line.h"

namespace privet {
namespace {

// ---- columns

// Between tokens of scripts that write words apart stands a space; Han, kana and what follows punctuation
// stand together.
bool IsWide(std::string_view token, bool last) {
  if (token.empty()) return false;
  const size_t at = last ? PreviousCodePoint(token, token.size()) : 0;
  return DecodeUtf8(token, at).value >= 0x2E80;
}

RawRecord ReadColumns(const std::vector<std::pair<std::string, std::string>>& rows) {
  RawRecord record;
  record.shape = AnnotationShape::Columns;
  RawEntity open;
  const auto close = [&] {
    if (!open.label.empty()) record.entities.push_back(open);
    open = {};
  };
  for (const auto& [token, tag] : rows) {
    if (FindInvalidUtf8(token) != std::string_view::npos) {  // before anything decodes it
      record.fault = "its text is not UTF-8";
      return record;
    }
    if (!record.text.empty() && !IsWide(record.text, true) && !IsWide(token, false)) record.text += ' ';
    const auto begin = static_cast<int64_t>(record.text.size());
    record.text += token;
    const auto end = static_cast<int64_t>(record.text.size());
    const char kind = tag.empty() ? 'O' : tag[0];
    const std::string label = tag.size() > 2 && (tag[1] == '-' || tag[1] == '_') ? tag.substr(2) : "";
    const bool continues =
        (kind == 'I' || kind == 'M' || kind == 'E') && label == open.label && !label.empty();
    if (!continues) close();
    if (label.empty()) continue;
    if (!continues) {
      open = {begin, end, label, ""};
    } else {
      open.end = end;
    }
    if (kind == 'E' || kind == 'S') close();
  }
  close();
  return record;
}

void ReadColumnFile(std::istream* in, int64_t number, const std::string& file,
                    const std::function<void(RawRecord)>& take) {
  std::vector<std::pair<std::string, std::string>> rows;
  int64_t first_line = number;
  size_t bytes = 0;
  const auto flush = [&] {
    if (rows.empty()) return;
    RawRecord record;
    if (bytes <= kMostLineBytes) {
      record = ReadColumns(rows);
    } else {
      record.fault = absl::StrCat("is longer than ", kMostLineBytes, " bytes without a blank line");
    }
    record.origin = absl::StrCat(file, ":", first_line);
    rows.clear();
    bytes = 0;
    take(std::move(record));
  };
  std::string line;
  for (; ReadLine(in, &line); ++number) {
    if (line.find_first_not_of(" \t") == std::string::npos || line.starts_with("-DOCSTART-")) {
      flush();
      continue;
    }
    if (rows.empty()) first_line = number;
    bytes += line.size();
    if (bytes > kMostLineBytes) continue;
    const size_t before_tag = line.find_last_of(" \t");
    const size_t after_token = line.find_first_of(" \t");
    if (before_tag == std::string::npos) {
      rows.emplace_back(line, "O");
    } else {
      rows.emplace_back(line.substr(0, after_token), line.substr(before_tag + 1));
    }
  }
  flush();
}

// ---- JSON

// What an object, or the reason why there is none, makes of a record.
RawRecord RecordOf(absl::StatusOr<nlohmann::json> json, std::optional<AnnotationShape> shape,
                   std::string origin) {
  RawRecord record;
  if (json.ok()) {
    record = ReadAnnotation(*std::move(json), shape);
  } else {
    record.fault = std::string(json.status().message());
  }
  record.origin = std::move(origin);
  return record;
}

absl::Status ReadArray(std::istream* in, size_t skipped, std::optional<AnnotationShape> shape,
                       const std::string& file, const std::function<void(RawRecord)>& take) {
  using Json = nlohmann::json;
  int64_t index = 0;
  bool is_too_deep = false;
  // Takes each element of the array when it is complete, and has the parser forget it.
  const auto on_event = [&](int level, Json::parse_event_t event, Json& parsed) {
    if (level > kDeepestJson) {
      is_too_deep = true;
      return false;
    }
    const bool is_element =
        level == 1 && (event == Json::parse_event_t::object_end || event == Json::parse_event_t::array_end ||
                       event == Json::parse_event_t::value);
    if (!is_element) return true;
    absl::StatusOr<Json> element = std::move(parsed);
    if (is_too_deep)
      element = absl::InvalidArgumentError(absl::StrCat("nests more than ", kDeepestJson, " levels"));
    is_too_deep = false;
    take(RecordOf(std::move(element), shape, absl::StrCat(file, "[", index++, "]")));
    return false;
  };
  try {
    [[maybe_unused]] const Json emptied = Json::parse(*in, on_event);
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": begins like a JSON array, but ", JsonFault(error, in->eof(), skipped),
        index == 0 ? "; if it is no array, --from says what it is, such as --from columns" : ""));
  }
  return absl::OkStatus();
}

// Where the content of a file begins.
struct Beginning {
  int64_t line = 1;
  size_t bytes = 0;  // before it
};

// Skips a byte order mark and blank lines.
Beginning SkipToContent(std::istream* in) {
  Beginning beginning;
  if (in->peek() == 0xEF) {
    in->get();
    if (in->peek() != 0xBB) {
      in->unget();  // a full-width character
    } else {
      in->ignore(2);
      beginning.bytes = 3;
    }
  }
  for (int c = in->peek(); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = in->peek()) {
    beginning.line += c == '\n' ? 1 : 0;
    ++beginning.bytes;
    in->get();
  }
  return beginning;
}

}  // namespace

absl::Status ForEachAnnotation(const std::string& file, std::optional<AnnotationShape> shape,
                               const std::function<void(RawRecord)>& take) {
  auto in = OpenFile(file);
  if (!in.ok()) return in.status();
  const Beginning beginning = SkipToContent(&*in);
  const int first = in->peek();
  const bool has_columns =
      shape.has_value() ? shape == AnnotationShape::Columns : first != '[' && first != '{';
  if (!has_columns && first == '[') return ReadArray(&*in, beginning.bytes, shape, file, take);
  if (has_columns) {
    ReadColumnFile(&*in, beginning.line, file, take);
  } else {
    std::string line;
    for (int64_t number = beginning.line; ReadLine(&*in, &line); ++number) {
      if (line.find_first_not_of(" \t") == std::string::npos) continue;
      take(RecordOf(ParseJsonLine(line), shape, absl::StrCat(file, ":", number)));
    }
  }
  if (in->bad()) return absl::DataLossError(absl::StrCat(file, ": reading failed"));
  return absl::OkStatus();
}

}  // namespace privet
