#include "cli/scan_files.h"

#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/csv_cursor.h"
#include "core/json_depth.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr size_t kBlockBytes = 64 << 10;

// Cuts before the code point that holds `at`.
size_t CutBefore(const std::string& text, size_t at) {
  while (at > 0 && IsUtf8Continuation(text[at])) --at;
  return at;
}

absl::Status ReadText(std::istream& in, const std::function<void(FilePiece, uint64_t)>& take) {
  std::string pending;
  size_t line = 1;
  uint64_t read = 0;
  std::string block(kBlockBytes, '\0');
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    const size_t got = static_cast<size_t>(in.gcount());
    read += got;
    pending.append(block, 0, got);
    while (!pending.empty()) {
      const bool last = in.eof();
      size_t cut = last && pending.size() <= kBlockBytes ? pending.size() : std::string::npos;
      if (cut == std::string::npos) {
        if (pending.size() < kBlockBytes && !last) break;
        const size_t line_end = pending.rfind('\n', kBlockBytes);
        cut = line_end != std::string::npos ? line_end + 1
                                            : CutBefore(pending, std::min(kBlockBytes, pending.size() - 1));
        if (cut == 0) cut = pending.size();
      }
      FilePiece piece;
      piece.text = pending.substr(0, cut);
      piece.line = line;
      line += static_cast<size_t>(std::count(piece.text.begin(), piece.text.end(), '\n'));
      pending.erase(0, cut);
      take(std::move(piece), read);
    }
  }
  return in.bad() ? absl::DataLossError("reading failed") : absl::OkStatus();
}

FilePiece Labelled(const std::string& column, const std::string& value, size_t line) {
  FilePiece piece;
  piece.column = column;
  piece.line = line;
  if (!column.empty()) piece.text = absl::StrCat(column, ": ");
  piece.label_bytes = piece.text.size();
  piece.text += value;
  return piece;
}

std::string ReadBlock(std::istream& in) {
  std::string block(kBlockBytes, '\0');
  in.read(block.data(), static_cast<std::streamsize>(block.size()));
  block.resize(static_cast<size_t>(in.gcount()));
  return block;
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
      head.names = std::move(cells);
      head.bytes = i + 1;
    }
    break;
  }
  return head;
}

absl::Status ReadCsv(std::istream& in, const std::function<void(FilePiece, uint64_t)>& take) {
  std::string block = ReadBlock(in);
  uint64_t read = block.size();
  const CsvHead head = HeadOf(block);
  const auto data = block.begin() + static_cast<ptrdiff_t>(head.bytes);
  size_t line = 1 + static_cast<size_t>(std::count(block.begin(), data, '\n'));
  block.erase(block.begin(), data);

  CsvCursor cursor({&head.separator, 1});
  std::string cell;
  size_t cell_line = line;
  size_t column = 0;
  const auto end_cell = [&] {
    if (!cell.empty()) {
      FilePiece piece = Labelled(column < head.names.size() ? head.names[column] : "", cell, cell_line);
      if (piece.column.empty()) piece.column = absl::StrCat(column + 1);
      take(std::move(piece), read);
    }
    cell.clear();
    cell_line = line;
  };
  do {
    for (const char c : block) {
      const CsvCursor::Step step = cursor.Take(c);
      if (c == '\n') ++line;
      switch (step) {
        case CsvCursor::Step::Byte:
          cell += c;
          break;
        case CsvCursor::Step::Nothing:
          break;
        case CsvCursor::Step::CellEnd:
          end_cell();
          ++column;
          break;
        case CsvCursor::Step::RecordEnd:
          if (!cell.empty() && cell.back() == '\r') cell.pop_back();
          end_cell();
          column = 0;
          break;
      }
    }
    block = ReadBlock(in);
    read += block.size();
  } while (!block.empty());
  end_cell();
  return in.bad() ? absl::DataLossError("reading failed") : absl::OkStatus();
}

// Every string and number of a JSON value, named by its path.
void TakeFields(const nlohmann::json& value, const std::string& path, size_t line, uint64_t read,
                const std::function<void(FilePiece, uint64_t)>& take) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items())
      TakeFields(child, path.empty() ? key : absl::StrCat(path, ".", key), line, read, take);
  } else if (value.is_array()) {
    for (const auto& child : value) TakeFields(child, path, line, read, take);
  } else if (value.is_string() || value.is_number()) {
    take(Labelled(path, value.is_string() ? value.get<std::string>() : value.dump(), line), read);
  }
}

absl::Status ReadJsonLines(std::istream& in, const std::function<void(FilePiece, uint64_t)>& take) {
  uint64_t read = 0;
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    read += line.size() + 1;
    const nlohmann::json record = NestsTooDeep(line) ? nlohmann::json(nlohmann::json::value_t::discarded)
                                                     : nlohmann::json::parse(line, nullptr, false);
    if (record.is_discarded()) {
      // No JSON, or none that may be walked: looked at as it is.
      if (!line.empty()) take(Labelled("", line, number), read);
    } else {
      TakeFields(record, "", number, read, take);
    }
  }
  return in.bad() ? absl::DataLossError("reading failed") : absl::OkStatus();
}

bool MatchesAny(const std::string& name, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
}

}  // namespace

FileKind KindOf(const std::filesystem::path& file) {
  constexpr size_t kSniffed = 4096;
  std::string head(kSniffed, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(head.data(), kSniffed);
  head.resize(static_cast<size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (head.find('\0') != std::string::npos) return FileKind::Binary;
  const std::string extension = absl::AsciiStrToLower(file.extension().string());
  if (extension == ".csv" || extension == ".tsv") return FileKind::Csv;
  if (extension == ".jsonl" || extension == ".ndjson") return FileKind::JsonLines;
  return FileKind::Text;
}

absl::Status ReadPieces(const std::filesystem::path& file, FileKind kind,
                        const std::function<void(FilePiece, uint64_t)>& take) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError("cannot open the file");
  switch (kind) {
    case FileKind::Csv:
      return ReadCsv(in, take);
    case FileKind::JsonLines:
      return ReadJsonLines(in, take);
    case FileKind::Text:
      return ReadText(in, take);
    case FileKind::Binary:
      break;
  }
  return absl::OkStatus();
}

absl::Status FindFiles(const std::vector<std::string>& paths, const std::vector<std::string>& include,
                       const std::vector<std::string>& exclude, std::vector<FoundFile>* files) {
  namespace fs = std::filesystem;
  std::set<fs::path> seen;
  const auto add = [&](const fs::path& path) {
    const std::string name = path.filename().string();
    if ((!include.empty() && !MatchesAny(name, include)) || MatchesAny(name, exclude)) return;
    std::error_code error;
    const fs::path canonical = fs::canonical(path, error);
    if (error || !seen.insert(canonical).second) return;
    files->push_back({path, fs::file_size(path, error)});
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_regular_file(path, error)) {
      add(path);
      continue;
    }
    if (!fs::is_directory(path, error))
      return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
    fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      std::error_code entry_error;
      if (it->is_directory(entry_error) && MatchesAny(it->path().filename().string(), exclude)) {
        it.disable_recursion_pending();
      } else if (it->is_regular_file(entry_error)) {
        add(it->path());
      }
    }
    if (error) return absl::NotFoundError(absl::StrCat(path, ": cannot read the folder: ", error.message()));
  }
  std::sort(files->begin(), files->end(),
            [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
  return absl::OkStatus();
}

}  // namespace privet
