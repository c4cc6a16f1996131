// Turns files into pieces of text to look at: plain text in blocks of lines, CSV by cell, JSON Lines by
// field.
#ifndef PRIVET_CLI_SCAN_FILES_H_
#define PRIVET_CLI_SCAN_FILES_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/span.h"

namespace privet {

// A piece of a file. A cell or field stands behind its column's name ("phone: 138…"), because the name is
// context. A long value is several pieces, of which neighbours share some text, so that each thing in it
// stands whole in one. What begins in `counted` belongs to this piece: before it stands context, and after it
// what the next piece counts.
struct FilePiece {
  std::string text;
  Span counted;
  size_t line = 0;     // 1-based line on which `counted` begins
  std::string column;  // of CSV and JSON Lines
};

enum class FileKind { Text, Csv, JsonLines, Binary };

// By the extension, else by the first bytes: a NUL byte means binary, unless the mark of UTF-16 stands there.
FileKind KindOf(const std::filesystem::path& file);

// Hands the pieces of a file, which is UTF-8 or by its mark UTF-16, on in order. Whatever the file holds,
// pieces and memory are bounded: values over 64 KiB are cut, and what begins before a cut stands whole if it
// has at most 4 KiB (kSureMatchBytes); a line of JSON Lines that is over 16 MiB or nests too deep
// (core/json_depth.h) is taken as text; of a column's name at most 256 bytes are kept. `read_so_far` is the
// count of bytes read.
absl::Status ReadPieces(const std::filesystem::path& file, FileKind kind,
                        const std::function<void(FilePiece, uint64_t read_so_far)>& take);

}  // namespace privet

#endif  // PRIVET_CLI_SCAN_FILES_H_
