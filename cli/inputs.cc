#include "cli/inputs.h"

#include <fstream>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/line_reader.h"
#include "core/json_depth.h"
#include "core/read_file.h"

namespace privet {
namespace {

// No server takes as much by default.
constexpr size_t kMostBytes = 64 << 20;

void ParseRecord(const std::string& line, const std::string& text_field, InputText* input) {
  if (NestsTooDeep(line)) {
    input->status =
        absl::InvalidArgumentError(absl::StrCat("JSON nests deeper than ", kDeepestJson, " levels"));
    return;
  }
  std::optional<VerbatimObject> record = VerbatimObject::Parse(line);
  if (!record.has_value()) {
    input->status = absl::InvalidArgumentError("not a JSON object");
    return;
  }
  input->record = *std::move(record);
  const std::string* const field = input->record.Find(text_field);
  if (field == nullptr || !field->starts_with('"')) {
    input->status = absl::InvalidArgumentError(
        absl::StrCat("no string field '", text_field, "'; name another with --text-field"));
    return;
  }
  input->text = nlohmann::json::parse(*field).get<std::string>();
}

// At most kMostBytes and a little more.
std::string ReadWhole(std::istream& in) {
  std::string text;
  std::string block(64 << 10, '\0');
  while (in && text.size() <= kMostBytes) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block, 0, static_cast<size_t>(in.gcount()));
  }
  return text;
}

absl::Status TooLong() {
  return absl::InvalidArgumentError(absl::StrCat("has more than ", kMostBytes >> 20, " MiB; split it"));
}

void ReadStream(std::istream& in, const std::string& name, InputShape shape, const std::string& text_field,
                const std::function<void(InputText)>& take) {
  if (shape == InputShape::WholeFiles) {
    InputText input;
    input.name = name;
    input.text = ReadWhole(in);
    if (input.text.size() > kMostBytes) input.status = TooLong();
    take(std::move(input));
    return;
  }
  size_t number = 0;
  std::string line;
  for (LineRead got; (got = ReadLine(in, kMostBytes, &line)) != LineRead::None;) {
    InputText input;
    input.name = name;
    input.line = ++number;
    if (line.size() > kMostBytes) {
      if (got == LineRead::Part) in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
      input.status = TooLong();
      take(std::move(input));
      continue;
    }
    if (line.ends_with('\r')) {
      line.pop_back();
      input.line_end = "\r\n";
    }
    if (shape == InputShape::JsonLines) {
      if (line.empty()) continue;
      ParseRecord(line, text_field, &input);
    } else {
      input.text = std::move(line);
    }
    take(std::move(input));
  }
}

}  // namespace

absl::Status ReadInputs(const std::vector<std::string>& files, InputShape shape,
                        const std::string& text_field, const std::function<void(InputText)>& take) {
  const std::vector<std::string> names = files.empty() ? std::vector<std::string>{"-"} : files;
  for (const std::string& name : names) {
    if (name == "-") {
      ReadStream(std::cin, name, shape, text_field, take);
      if (std::cin.bad()) return absl::NotFoundError("stdin: cannot be read");
      continue;
    }
    absl::StatusOr<std::ifstream> in = OpenFile(name);
    if (absl::IsInvalidArgument(in.status()))  // a folder
      return absl::InvalidArgumentError(absl::StrCat(in.status().message(), "; `privet scan` reads folders"));
    if (!in.ok()) return in.status();
    ReadStream(*in, name, shape, text_field, take);
    if (in->bad()) return absl::NotFoundError(absl::StrCat(name, ": reading it failed"));
  }
  return absl::OkStatus();
}

}  // namespace privet
