#include "training/data/annotation_files.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
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

bool IsNarrow(std::string_view token) {
  return !token.empty() && (!IsWide(token, /*last=*/false) || !IsWide(token, /*last=*/true));
}

// What a tag says of its token.
struct Tag {
  char place = 'O';  // of the token in its entity, as in BIOES; O: in none
  std::string label;
};

// A tag of BIO, BIOES, BMES or BILOU, or a label alone (IO) where a map knows it: a last column that is
// anything else may be a piece of text.
std::optional<Tag> ParseTag(std::string_view tag, const LabelMap& labels) {
  constexpr std::string_view kWritten = "BIEMSLU";
  constexpr std::string_view kMeant = "BIEISES";
  if (tag == "O") return Tag{};
  if (const size_t place = tag.empty() ? kWritten.npos : kWritten.find(tag[0]);
      place != kWritten.npos && tag.size() > 2 && (tag[1] == '-' || tag[1] == '_'))
    return Tag{kMeant[place], std::string(tag.substr(2))};
  if (labels.Find(tag).has_value()) return Tag{'I', std::string(tag)};
  return std::nullopt;
}

constexpr std::string_view kNoTag =
    "ends in no tag: O, or B-, I-, E-, S-, M-, L- or U- and a label, or a label that is known or in --labels";

struct Row {
  std::string token;  // empty: a blank
  Tag tag;
};

// Nothing where the line ends in no tag.
std::optional<Row> ParseRow(std::string_view line, const LabelMap& labels) {
  constexpr std::string_view kBlanks = " \t";
  line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
  const size_t before_tag = line.find_last_of(kBlanks);
  if (before_tag == std::string_view::npos) return std::nullopt;
  std::optional<Tag> tag = ParseTag(line.substr(before_tag + 1), labels);
  if (!tag.has_value()) return std::nullopt;
  return Row{std::string(line.substr(0, line.find_first_of(kBlanks))), *std::move(tag)};
}

// Texts with a character a line, as Chinese ones are mostly written, have a number or a Latin word in several
// lines, between which is nothing. Other texts have none of which all narrow tokens are one character and two
// follow each other. Nothing where no two do: then it makes no difference.
std::optional<TokenJoin> JoinOf(const std::vector<Row>& rows) {
  bool follow = false;
  bool characters = true;
  bool narrow_before = false;
  for (const Row& row : rows) {
    const bool narrow = IsNarrow(row.token);
    if (narrow && DecodeUtf8(row.token, 0).length < row.token.size()) characters = false;
    follow = follow || (narrow && narrow_before);
    narrow_before = narrow;
  }
  if (!follow) return std::nullopt;
  return characters ? TokenJoin::Characters : TokenJoin::Words;
}

RawRecord ReadColumns(const std::vector<Row>& rows) {
  RawRecord record;
  record.shape = AnnotationShape::Columns;
  RawRange open;
  std::string open_label;  // empty: no entity goes on
  const auto close = [&] {
    if (!open_label.empty()) record.entities.push_back({open, open_label, ""});
    open_label.clear();
  };
  for (const auto& [token, tag] : rows) {
    if (FindInvalidUtf8(token) != std::string_view::npos ||  // before anything decodes it
        FindInvalidUtf8(tag.label) != std::string_view::npos) {
      record.fault = "its text is not UTF-8";
      return record;
    }
  }
  record.join = JoinOf(rows);
  bool after_token = false;  // not at the beginning, nor after a blank
  for (const auto& [token, tag] : rows) {
    if (record.join == TokenJoin::Words && after_token && !token.empty() && !IsWide(record.text, true) &&
        !IsWide(token, false))
      record.text += ' ';
    after_token = !token.empty();
    const auto begin = static_cast<int64_t>(record.text.size());
    record.text += token.empty() ? " " : token;
    const auto end = static_cast<int64_t>(record.text.size());
    const bool continues = (tag.place == 'I' || tag.place == 'E') && tag.label == open_label;
    if (!continues) close();
    if (tag.place == 'O') continue;
    if (!continues) {
      open.begin = begin;
      open_label = tag.label;
    }
    open.end = end;
    if (tag.place == 'E' || tag.place == 'S') close();
  }
  close();
  return record;
}

// Where the content of a file begins.
struct Beginning {
  int64_t line = 1;
  size_t bytes = 0;   // before it
  size_t blanks = 0;  // of these in its own line
};

// A file that was only guessed to have columns has none where one line has no tag.
absl::Status ReadColumnFile(std::istream* in, const Beginning& beginning, bool guessed,
                            const LabelMap& labels, const std::string& file,
                            const std::function<void(RawRecord)>& take) {
  std::vector<Row> rows;
  int64_t number = beginning.line;
  int64_t first_line = number;
  int64_t untagged_line = 0;  // the first; 0: none
  size_t bytes = 0;
  const auto flush = [&] {
    if (bytes == 0) return;
    RawRecord record;
    if (bytes > kMostLineBytes) {
      record.fault = absl::StrCat("is longer than ", kMostLineBytes, " bytes without a blank line");
    } else if (untagged_line > 0) {
      record.fault = absl::StrCat("line ", untagged_line, " ", AbslView(kNoTag));
    } else {
      record = ReadColumns(rows);
    }
    record.origin = absl::StrCat(file, ":", first_line);
    rows.clear();
    untagged_line = 0;
    bytes = 0;
    take(std::move(record));
  };
  std::string line;
  for (; ReadLine(in, &line); ++number) {
    if (number == beginning.line) line.insert(0, beginning.blanks, ' ');  // its token may be one
    if (line.find_first_not_of(" \t") == std::string::npos || line.starts_with("-DOCSTART-")) {
      flush();
      continue;
    }
    if (bytes == 0) first_line = number;
    bytes += line.size();
    if (bytes > kMostLineBytes || untagged_line > 0) continue;
    if (std::optional<Row> row = ParseRow(line, labels)) {
      rows.push_back(*std::move(row));
    } else if (guessed) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ":", number, ": ", AbslView(kNoTag),
          "; so these are no columns, nor does the file begin like JSON: --from says what it is"));
    } else {
      untagged_line = number;
    }
  }
  flush();
  return absl::OkStatus();
}

// ---- JSON

// Why an element of an array is no JSON; empty where it is. It stands behind so many bytes of its file, and
// perhaps at the end.
std::string SyntaxFault(const std::string& element, size_t before, bool at_end) {
  if (nlohmann::json::accept(element)) return "";
  try {
    [[maybe_unused]] const auto ignored = nlohmann::json::parse(element);
  } catch (const nlohmann::json::parse_error& error) {
    return JsonFault(error, at_end && error.byte > element.size(), before);
  } catch (const nlohmann::json::exception&) {
    return "";  // a number that is too large
  }
  return "";
}

// Reads an element of an array, which begins with `c`, up to what ends it: a comma, the array's bracket or
// the file's end, which it returns. Of one that is too long for a record a byte too much is kept, so that it
// shows.
template <typename Next>
int ReadElement(int c, const Next& next, std::string* element) {
  element->clear();
  int64_t depth = 0;
  bool in_string = false, escaped = false;
  for (; c != std::char_traits<char>::eof() && (in_string || depth > 0 || (c != ',' && c != ']'));
       c = next()) {
    if (element->size() <= kMostLineBytes) element->push_back(static_cast<char>(c));
    if (in_string) {
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return c;
}

// Reads the elements of an array one by one. What is wrong with one is its record's fault, but where it is no
// JSON nobody knows where it ends.
absl::Status ReadArray(std::istream* in, size_t skipped, std::optional<AnnotationShape> shape,
                       const std::string& file, const std::function<void(RawRecord)>& take) {
  constexpr int kEnd = std::char_traits<char>::eof();
  size_t bytes = skipped;  // read
  const auto next = [&] {
    const int c = in->get();
    bytes += c == kEnd ? 0 : 1;
    return c;
  };
  const auto next_that_is_no_blank = [&] {
    int c = next();
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') c = next();
    return c;
  };
  int64_t index = 0;
  const auto fault = [&](const std::string& reason) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": begins like a JSON array, but ", reason,
        index == 0 ? "; if it is no array, --from says what it is, such as --from columns" : ""));
  };
  std::string element;
  next();  // the bracket
  for (int c = next_that_is_no_blank(); c != ']' || index > 0; c = next_that_is_no_blank()) {
    const size_t before = bytes - (c == kEnd ? 0 : 1);
    c = ReadElement(c, next, &element);
    const bool fits = element.size() <= kMostLineBytes && !NestsTooDeep(element);
    if (const std::string reason = fits ? SyntaxFault(element, before, c == kEnd) : ""; !reason.empty())
      return fault(reason);
    if (c == kEnd) return fault(absl::StrCat("ends at byte ", bytes, ", before its JSON does"));
    RawRecord record = ReadAnnotation(element, shape);
    record.origin = absl::StrCat(file, "[", index++, "]");
    take(std::move(record));
    if (c == ']') break;
  }
  if (next_that_is_no_blank() != kEnd)
    return fault(absl::StrCat("has more behind its JSON, at byte ", bytes));
  return absl::OkStatus();
}

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
    beginning.blanks = c == '\n' ? 0 : beginning.blanks + 1;
    ++beginning.bytes;
    in->get();
  }
  return beginning;
}

}  // namespace

absl::Status ForEachAnnotation(const std::string& file, std::optional<AnnotationShape> shape,
                               const LabelMap& labels, const std::function<void(RawRecord)>& take) {
  auto in = OpenFile(file);
  if (!in.ok()) return in.status();
  const Beginning beginning = SkipToContent(&*in);
  const int first = in->peek();
  const bool has_columns =
      shape.has_value() ? shape == AnnotationShape::Columns : first != '[' && first != '{';
  if (!has_columns && first == '[') return ReadArray(&*in, beginning.bytes, shape, file, take);
  if (has_columns) {
    const absl::Status read =
        ReadColumnFile(&*in, beginning, /*guessed=*/!shape.has_value(), labels, file, take);
    if (!read.ok()) return read;
  } else {
    std::string line;
    for (int64_t number = beginning.line; ReadLine(&*in, &line); ++number) {
      if (line.find_first_not_of(" \t") == std::string::npos) continue;
      RawRecord record = ReadAnnotation(line, shape);
      record.origin = absl::StrCat(file, ":", number);
      take(std::move(record));
    }
  }
  if (in->bad()) return absl::DataLossError(absl::StrCat(file, ": reading failed"));
  return absl::OkStatus();
}

}  // namespace privet
