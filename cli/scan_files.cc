#include "cli/scan_files.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/csv_cursor.h"
#include "cli/line_reader.h"
#include "cli/utf16_buffer.h"
#include "core/json_depth.h"
#include "core/utf8.h"
#include "rules/pattern_search.h"

namespace privet {
namespace {

constexpr size_t kBlockBytes = 64 << 10;
// A line that is read as JSON; as values it takes dozens of times the memory.
constexpr size_t kLongestJsonBytes = 16 << 20;

// What stands before a value says what it is.
constexpr size_t kContextBytes = 512;

// Where the code point that holds `at` begins.
size_t CutBefore(const std::string& text, size_t at) {
  constexpr size_t kMostContinuations = 3;  // of UTF-8; anything may stand in a file
  const size_t least = at - std::min(at, kMostContinuations);
  while (at > least && IsUtf8Continuation(text[at])) --at;
  return at;
}

using Take = std::function<void(FilePiece, uint64_t)>;

// Hands values on in pieces of at most kBlockBytes. A longer one's neighbours share kSureMatchBytes, which
// what begins before the cut may take, and kContextBytes, which stand before what begins behind it.
class Cutter {
 public:
  explicit Cutter(const Take& take) : take_(take) {}

  // So much of the file was read.
  void CountRead(size_t bytes) { read_ += bytes; }

  // The value to come stands on `line`, in `column` if not empty; its pieces begin with `label` if not empty.
  void Begin(size_t line, const std::string& column = "", const std::string& label = "") {
    next_ = FilePiece();
    next_.line = line;
    next_.column = column;
    if (!label.empty()) next_.text = absl::StrCat(label, ": ");
    context_bytes_ = 0;
  }

  void Add(std::string_view bytes) {
    while (value_.size() + bytes.size() > kBlockBytes) {
      // With the byte after a block it shows whether a code point begins there.
      const size_t fitting = kBlockBytes + 1 - value_.size();
      value_.append(bytes, 0, fitting);
      bytes.remove_prefix(fitting);
      const size_t cut = CutBefore(value_, kBlockBytes - kSureMatchBytes);
      HandOn(CutBefore(value_, kBlockBytes), cut);
      const size_t context = CutBefore(value_, cut - kContextBytes);
      context_bytes_ = cut - context;
      value_.erase(0, context);
    }
    value_.append(bytes);
  }

  // The value ends here, or before `without`.
  void End(std::string_view without = "") {
    if (value_.ends_with(without)) value_.resize(value_.size() - without.size());
    if (!value_.empty()) HandOn(value_.size(), value_.size());
    value_.clear();
  }

 private:
  // The value up to `end`; from `cut` on the next piece counts.
  void HandOn(size_t end, size_t cut) {
    FilePiece piece = next_;
    const size_t label_bytes = piece.text.size();
    piece.text.append(value_, 0, end);
    piece.counted = {label_bytes + context_bytes_, label_bytes + cut};
    const auto at = [this](size_t offset) { return value_.begin() + static_cast<ptrdiff_t>(offset); };
    next_.line += static_cast<size_t>(std::count(at(context_bytes_), at(cut), '\n'));
    take_(std::move(piece), read_);
  }

  const Take& take_;
  FilePiece next_;  // without its part of the value
  std::string value_;
  size_t context_bytes_ = 0;  // of the value, which the last piece counted
  uint64_t read_ = 0;
};

// A name that came from the file, bounded because it stands before every value of its column.
std::string Shortened(std::string name) {
  constexpr size_t kLongestNameBytes = 256;
  if (name.size() > kLongestNameBytes) name.resize(CutBefore(name, kLongestNameBytes));
  return name;
}

std::string ReadBlock(std::istream& in) {
  std::string block(kBlockBytes, '\0');
  in.read(block.data(), static_cast<std::streamsize>(block.size()));
  block.resize(static_cast<size_t>(in.gcount()));
  return block;
}

void ReadText(std::istream& in, const Take& take) {
  Cutter cutter(take);
  cutter.Begin(1);
  for (std::string block = ReadBlock(in); !block.empty(); block = ReadBlock(in)) {
    cutter.CountRead(block.size());
    cutter.Add(block);
  }
  cutter.End();
}

// How a CSV file begins.
struct CsvHead {
  char separator = ',';
  std::vector<std::string> names;  // of the columns
  size_t bytes = 0;                // that the names take, up to the first record of data
};

// The separator that the first record holds most of, outside quotes.
char SeparatorOf(std::string_view text) {
  CsvCursor cursor(",\t;");
  std::string seen;
  for (const char c : text) {
    const CsvCursor::Step step = cursor.Take(c);
    if (step == CsvCursor::Step::RecordEnd) break;
    if (step == CsvCursor::Step::CellEnd) seen += c;
  }
  char separator = ',';
  for (const char candidate : {'\t', ';'}) {
    if (std::count(seen.begin(), seen.end(), candidate) > std::count(seen.begin(), seen.end(), separator))
      separator = candidate;
  }
  return separator;
}

// `block` is the first of the file. A first record with digits, or one that does not end in the block, is
// data, not names.
CsvHead HeadOf(std::string_view block) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  CsvHead head;
  if (block.substr(0, kByteOrderMark.size()) == kByteOrderMark) head.bytes = kByteOrderMark.size();
  head.separator = SeparatorOf(block.substr(head.bytes));
  CsvCursor cursor({&head.separator, 1});
  std::vector<std::string> cells(1);
  for (size_t i = head.bytes; i < block.size(); ++i) {
    const CsvCursor::Step step = cursor.Take(block[i]);
    if (step == CsvCursor::Step::Byte) cells.back() += block[i];
    if (step == CsvCursor::Step::CellEnd) cells.emplace_back();
    if (step != CsvCursor::Step::RecordEnd) continue;
    if (!cells.back().empty() && cells.back().back() == '\r') cells.back().pop_back();
    const bool named = std::none_of(cells.begin(), cells.end(), [](const std::string& cell) {
      return std::count_if(cell.begin(), cell.end(), [](unsigned char c) { return absl::ascii_isdigit(c); }) >
             3;
    });
    if (named) {
      for (std::string& cell : cells) head.names.push_back(Shortened(std::move(cell)));
      head.bytes = i + 1;
    }
    break;
  }
  return head;
}

void ReadCsv(std::istream& in, const Take& take) {
  Cutter cutter(take);
  std::string block = ReadBlock(in);
  cutter.CountRead(block.size());
  const CsvHead head = HeadOf(block);
  const auto data = block.begin() + static_cast<ptrdiff_t>(head.bytes);
  size_t line = 1 + static_cast<size_t>(std::count(block.begin(), data, '\n'));
  block.erase(block.begin(), data);

  CsvCursor cursor({&head.separator, 1});
  size_t column = 0;
  const auto begin_cell = [&](size_t at) {
    column = at;
    const std::string name = column < head.names.size() ? head.names[column] : "";
    cutter.Begin(line, name.empty() ? absl::StrCat(column + 1) : name, name);
  };
  begin_cell(0);
  do {
    for (const char& c : block) {
      const CsvCursor::Step step = cursor.Take(c);
      if (c == '\n') ++line;
      switch (step) {
        case CsvCursor::Step::Byte:
          cutter.Add({&c, 1});
          break;
        case CsvCursor::Step::Nothing:
          break;
        case CsvCursor::Step::CellEnd:
          cutter.End();
          begin_cell(column + 1);
          break;
        case CsvCursor::Step::RecordEnd:
          cutter.End("\r");
          begin_cell(0);
          break;
      }
    }
    block = ReadBlock(in);
    cutter.CountRead(block.size());
  } while (!block.empty());
  cutter.End();
}

// Every string and number of a JSON value, named by its path.
void TakeFields(const nlohmann::json& value, const std::string& path, size_t line, Cutter* cutter) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items())
      TakeFields(child, Shortened(path.empty() ? key : absl::StrCat(path, ".", key)), line, cutter);
  } else if (value.is_array()) {
    for (const auto& child : value) TakeFields(child, path, line, cutter);
  } else if (value.is_string() || value.is_number()) {
    cutter->Begin(line, path, path);
    cutter->Add(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
    cutter->End();
  }
}

void ReadJsonLines(std::istream& in, const Take& take) {
  Cutter cutter(take);
  size_t number = 0;
  std::string line;
  for (LineRead got; (got = ReadLine(in, kLongestJsonBytes, &line)) != LineRead::None;) {
    ++number;
    cutter.CountRead(line.size() + 1);
    const nlohmann::json record = line.size() > kLongestJsonBytes || NestsTooDeep(line)
                                      ? nlohmann::json(nlohmann::json::value_t::discarded)
                                      : nlohmann::json::parse(line, nullptr, false);
    if (!record.is_discarded()) {
      TakeFields(record, "", number, &cutter);
      continue;
    }
    // No JSON, or none that may be held and walked: looked at as it is.
    cutter.Begin(number);
    cutter.Add(line);
    while (got == LineRead::Part && (got = ReadLine(in, kLongestJsonBytes, &line)) != LineRead::None) {
      cutter.CountRead(line.size() + 1);
      cutter.Add(line);
    }
    cutter.End();
  }
}

void ReadAs(FileKind kind, std::istream& in, const Take& take) {
  switch (kind) {
    case FileKind::Csv:
      return ReadCsv(in, take);
    case FileKind::JsonLines:
      return ReadJsonLines(in, take);
    case FileKind::Text:
      return ReadText(in, take);
    case FileKind::Binary:
      return;
  }
}

// At most so many.
std::string FirstBytes(std::istream& in, size_t most_bytes) {
  std::string head(most_bytes, '\0');
  in.read(head.data(), static_cast<std::streamsize>(most_bytes));
  head.resize(static_cast<size_t>(in.gcount()));
  return head;
}

}  // namespace

FileKind KindOf(const std::filesystem::path& file) {
  constexpr size_t kSniffed = 4096;
  std::ifstream in(file, std::ios::binary);
  const std::string head = FirstBytes(in, kSniffed);
  if (head.find('\0') != std::string::npos && !Utf16OrderOf(head).has_value()) return FileKind::Binary;
  const std::string extension = absl::AsciiStrToLower(file.extension().string());
  if (extension == ".csv" || extension == ".tsv") return FileKind::Csv;
  if (extension == ".jsonl" || extension == ".ndjson") return FileKind::JsonLines;
  return FileKind::Text;
}

absl::Status ReadPieces(const std::filesystem::path& file, FileKind kind,
                        const std::function<void(FilePiece, uint64_t)>& take) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError("cannot open the file");
  constexpr size_t kLongestMark = 4;
  const std::optional<ByteOrder> order = Utf16OrderOf(FirstBytes(in, kLongestMark));
  in.clear();  // a shorter file has ended
  in.seekg(order.has_value() ? kUtf16MarkBytes : 0);
  if (order.has_value()) {
    Utf16Buffer buffer(&in, *order);
    std::istream text(&buffer);
    ReadAs(kind, text, take);
  } else {
    ReadAs(kind, in, take);
  }
  return in.bad() ? absl::DataLossError("reading failed") : absl::OkStatus();
}

}  // namespace privet
