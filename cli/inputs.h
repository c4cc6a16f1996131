// Where texts come from: files or stdin, whole, a line each, or a JSON object a line.
#ifndef PRIVET_CLI_INPUTS_H_
#define PRIVET_CLI_INPUTS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/verbatim_json.h"

namespace privet {

enum class InputShape { WholeFiles, Lines, JsonLines };

// One text and where it came from. A record of JSON Lines keeps its other fields.
struct InputText {
  std::string name;  // file name, "-" for stdin
  size_t line = 0;   // 1-based; 0 for whole files
  std::string text;
  std::string line_end = "\n";  // what stood behind a line: "\r\n" in files from Windows
  VerbatimObject record;        // of JSON Lines
  absl::Status status;          // why there is no text, where there is none
};

// Reads all inputs ("-" or none: stdin) and hands them on one by one in order. Memory stays bounded however
// long the input is: a file, line or record over 64 MiB is not held but handed on with a status, like a
// record that cannot be read. Returns an error only when a file cannot be read at all.
absl::Status ReadInputs(const std::vector<std::string>& files, InputShape shape,
                        const std::string& text_field, const std::function<void(InputText)>& take);

}  // namespace privet

#endif  // PRIVET_CLI_INPUTS_H_
