#include "rules/pattern.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace privet {

absl::StatusOr<std::unique_ptr<RE2>> CompilePattern(const std::string& pattern, PatternLines lines,
                                                    size_t max_memory_bytes) {
  const bool one_line = lines == PatternLines::One;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<int64_t>(max_memory_bytes));
  options.set_never_nl(one_line);
  auto compiled = std::make_unique<RE2>(one_line ? absl::StrCat("(?m)", pattern) : pattern, options);
  if (compiled->error_code() == RE2::ErrorPatternTooLarge) {
    return absl::ResourceExhaustedError(
        absl::StrCat("needs more than ", max_memory_bytes >> 10, " KiB of memory; make it smaller"));
  }
  if (!compiled->ok()) {
    const size_t offset = pattern.find(compiled->error_arg());
    return absl::InvalidArgumentError(
        absl::StrCat("not RE2 syntax", offset == std::string::npos ? "" : absl::StrCat(" at offset ", offset),
                     ": ", compiled->error().substr(0, compiled->error().find(": "))));
  }
  if (RE2::FullMatch("", *compiled)) {
    return absl::InvalidArgumentError("matches the empty text; every match must have at least one character");
  }
  return compiled;
}

}  // namespace privet
