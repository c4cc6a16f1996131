// Findings as the JSON that --json and --jsonl write.
#ifndef PRIVET_CLI_JSON_OUTPUT_H_
#define PRIVET_CLI_JSON_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "pipeline/detector.h"
#include "pipeline/redactor.h"

namespace privet {

// {"findings":[{"type","score","span":{"bytes":[b,e],"codepoints":[b,e],"utf16":[b,e]},"evidence":[...]}],
// "truncated":false}; with `quote` each finding has its text too.
nlohmann::ordered_json ToJson(std::string_view text, const Detection& detection, bool quote);

// On one line; what is not UTF-8, as in the name of a file, gives U+FFFD.
std::string Write(const nlohmann::ordered_json& json);

// [{"type","treatment","score","input":{...},"output":{...}}]
nlohmann::ordered_json ToJson(std::string_view text, const RedactedText& redacted);

}  // namespace privet

#endif  // PRIVET_CLI_JSON_OUTPUT_H_
