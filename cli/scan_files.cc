#include "cli/scan_files.h"

#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/json_depth.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr size_t kBlockBytes = 64 << 10;
constexpr size_t kLongestRecordBytes = 1 << 20;

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

bool HasOpenQuote(const std::string& record) {
  return std::count(record.begin(), record.end(), '"') % 2 == 1;
}

absl::Status ReadCsv(std::istream& in, const std::function<void(FilePiece, uint64_t)>& take) {
  std::vector<std::string> header;
  char separator = ',';
  uint64_t read = 0;
  size_t line_number = 0;
  for (std::string record; std::getline(in, record);) {
    const size_t first_line = ++line_number;
    read += record.size() + 1;
    for (std::string more;
         HasOpenQuote(record) && record.size() < kLongestRecordBytes && std::getline(in, more);) {
      ++line_number;
      read += more.size() + 1;
      absl::StrAppend(&record, "\n", more);
    }
    if (!record.empty() && record.back() == '\r') record.pop_back();
    if (first_line == 1) {
      for (const char candidate : {'\t', ';'}) {
        if (std::count(record.begin(), record.end(), candidate) >
            std::count(record.begin(), record.end(), separator))
          separator = candidate;
      }
      header = SplitCsv(record, separator);
      // A first row with digits is data, not names.
      const bool named = std::none_of(header.begin(), header.end(), [](const std::string& cell) {
        return std::count_if(cell.begin(), cell.end(),
                             [](unsigned char c) { return absl::ascii_isdigit(c); }) > 3;
      });
      if (named) continue;
      header.clear();
    }
    const std::vector<std::string> cells = SplitCsv(record, separator);
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      FilePiece piece = Labelled(i < header.size() ? header[i] : "", cells[i], first_line);
      if (piece.column.empty()) piece.column = absl::StrCat(i + 1);
      take(std::move(piece), read);
    }
  }
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

std::vector<std::string> SplitCsv(const std::string& record, char separator) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (quoted) {
      if (c != '"') {
        cells.back() += c;
      } else if (i + 1 < record.size() && record[i + 1] == '"') {
        cells.back() += record[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && cells.back().empty()) {
      quoted = true;
    } else if (c == separator) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
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
