#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/display.h"
#include "cli/inputs.h"
#include "cli/json_output.h"
#include "cli/policy_flags.h"

namespace privet {
namespace {

struct DetectFlags {
  PolicyFlags policy;
  std::vector<std::string> files;
  bool lines = false, jsonl = false, json = false, quote = false;
  std::string text_field = "text";
  ColorMode color = ColorMode::Auto;
};

std::string NameOf(const InputText& input) {
  const std::string name = input.name == "-" ? "stdin" : input.name;
  return input.line == 0 ? name : absl::StrCat(name, ":", input.line);
}

void PrintJson(const InputText& input, const std::string& text, const absl::StatusOr<Detection>& result,
               const DetectFlags& flags) {
  VerbatimObject json = input.record;
  if (!flags.jsonl && flags.files.size() > 1) {
    json.Set("file", Write(input.name));
    if (input.line > 0) json.Set("line", Write(input.line));
  }
  const nlohmann::ordered_json found =
      result.ok() ? ToJson(text, *result, flags.quote)
                  : nlohmann::ordered_json{{"error", std::string(result.status().message())}};
  for (const auto& [name, value] : found.items()) json.Set(name, Write(value));
  std::cout << json.Write() << "\n";
}

void PrintText(const InputText& input, const std::string& text, const absl::StatusOr<Detection>& result,
               bool color, bool many) {
  if (many) std::cout << "── " << NameOf(input) << "\n";
  if (!result.ok()) return;
  std::cout << Highlighted(text, result->findings, color);
  if (text.empty() || text.back() != '\n') std::cout << "\n";
  if (!result->findings.empty()) std::cout << "\n" << Table(FindingRows(text, result->findings), color);
  if (result->truncated) std::cout << "(there are more: split the text, or raise --max-findings)\n";
}

int RunDetect(const DetectFlags& flags) {
  const absl::StatusOr<std::unique_ptr<Backend>> backend = flags.policy.NewBackend();
  if (!backend.ok()) return Fail(backend.status());
  const InputShape shape = flags.jsonl   ? InputShape::JsonLines
                           : flags.lines ? InputShape::Lines
                                         : InputShape::WholeFiles;
  const bool json = flags.json || flags.jsonl;
  const bool color = UseColor(flags.color);
  const bool many = flags.files.size() > 1 && !flags.lines;
  int code = kNothingFound;
  // Called in the order of the inputs, never twice at once, and not after Finish.
  const auto print = [&](const InputText& input, const std::string& text,
                         const absl::StatusOr<Detection>& result) {
    if (!result.ok()) {
      code = kFailed;
      std::cerr << "privet: " << NameOf(input) << ": " << result.status().message() << "\n";
    }
    if (json) {
      PrintJson(input, text, result, flags);
    } else {
      PrintText(input, text, result, color, many);
    }
    std::cout.flush();
  };
  const absl::Status read = ReadInputs(flags.files, shape, flags.text_field, [&](InputText input) {
    if (!input.status.ok()) {
      (*backend)->InTurn([&print, input = std::move(input)] { print(input, "", input.status); });
      return;
    }
    std::string text = std::exchange(input.text, {});
    (*backend)->Detect(std::move(text),
                       [&print, input = std::move(input)](const auto&... done) { print(input, done...); });
  });
  (*backend)->Finish();
  if (!read.ok()) return Fail(read);
  return code;
}

}  // namespace

int Fail(const absl::Status& status) {
  std::cerr << "privet: " << status.message() << "\n";
  return kFailed;
}

Command AddDetect(CLI::App* app) {
  auto flags = std::make_shared<DetectFlags>();
  CLI::App* command = app->add_subcommand("detect", "find personal data in texts");
  command->add_option("files", flags->files, "files to read; - or none for stdin");
  CLI::Option* lines = command->add_flag("--lines", flags->lines, "each line is a text of its own");
  command
      ->add_flag("--jsonl", flags->jsonl,
                 "each line is a JSON object with a text; writes the object with its findings")
      ->excludes(lines);
  command->add_option("--text-field", flags->text_field, "field of the text in --jsonl")
      ->capture_default_str();
  command->add_flag("--json", flags->json,
                    "write one JSON object a text, which names its file where there are several");
  command->add_flag("--quote", flags->quote, "write each finding's text into the JSON");
  command->add_option("--color", flags->color, "auto, always or never")
      ->transform(CLI::CheckedTransformer(std::map<std::string, ColorMode>{
          {"auto", ColorMode::Auto}, {"always", ColorMode::Always}, {"never", ColorMode::Never}}));
  flags->policy.AddTo(command);
  return [flags] { return RunDetect(*flags); };
}

}  // namespace privet
