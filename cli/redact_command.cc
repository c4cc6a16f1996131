#include <iostream>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/json_output.h"
#include "cli/policy_flags.h"
#include "core/taxonomy.h"

namespace privet {
namespace {

struct RedactFlags {
  PolicyFlags policy;
  std::vector<std::string> files;
  bool lines = false, jsonl = false, report = false;
  std::string text_field = "text";
  std::vector<std::string> treatments;
  std::string default_treatment;
  std::string hash_key_file;
};

// "mask", "mask:3,4" (characters kept at either end), "replace", "hash", "remove" or "keep".
absl::StatusOr<Redaction> ParseRedaction(const std::string& word) {
  const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits(':', 1));
  Redaction redaction;
  bool known = false;
  for (const Treatment treatment :
       {Treatment::Keep, Treatment::Mask, Treatment::Replace, Treatment::Hash, Treatment::Remove}) {
    if (NameOf(treatment) != parts[0]) continue;
    redaction.treatment = treatment;
    known = true;
  }
  if (!known)
    return absl::InvalidArgumentError(
        absl::StrCat("'", parts[0], "' is not mask, replace, hash, remove or keep"));
  if (parts.size() == 1) return redaction;
  if (redaction.treatment != Treatment::Mask)
    return absl::InvalidArgumentError(
        absl::StrCat("nothing comes after ", parts[0], ": only mask takes ':'"));
  const std::vector<std::string> kept = absl::StrSplit(parts[1], ',');
  uint32_t first = 0, last = 0;
  if (kept.size() != 2 || !absl::SimpleAtoi(kept[0], &first) || !absl::SimpleAtoi(kept[1], &last)) {
    return absl::InvalidArgumentError(
        "after ':' comes FIRST,LAST, the characters that a mask keeps: mask:3,4");
  }
  redaction.keep_first = first;
  redaction.keep_last = last;
  return redaction;
}

absl::StatusOr<RedactionPlan> PlanOf(const RedactFlags& flags) {
  RedactionPlan plan;
  for (const std::string& item : flags.treatments) {
    const std::vector<std::string> parts = absl::StrSplit(item, absl::MaxSplits('=', 1));
    if (parts.size() != 2) return absl::InvalidArgumentError("--treatment: must be TYPE=TREATMENT");
    const std::optional<EntityType> type = FindEntityType(parts[0]);
    if (!type.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--treatment: '", parts[0], "' is not an entity type", EntityTypeHint(parts[0])));
    }
    const absl::StatusOr<Redaction> redaction = ParseRedaction(parts[1]);
    if (!redaction.ok())
      return absl::InvalidArgumentError(absl::StrCat("--treatment: ", redaction.status().message()));
    plan.by_type[*type] = *redaction;
  }
  if (!flags.default_treatment.empty()) {
    const absl::StatusOr<Redaction> redaction = ParseRedaction(flags.default_treatment);
    if (!redaction.ok())
      return absl::InvalidArgumentError(absl::StrCat("--default-treatment: ", redaction.status().message()));
    plan.fallback = *redaction;
  }
  if (!flags.hash_key_file.empty()) {
    if (flags.policy.remote()) return absl::InvalidArgumentError("--hash-key-file: a server has its own key");
    absl::StatusOr<std::string> key = ReadHashKey(flags.hash_key_file);
    if (!key.ok()) return key.status();
    plan.hash_key = *std::move(key);
  }
  if (!flags.policy.remote()) {
    if (absl::Status status = ValidateRedactionPlan(plan); !status.ok()) return status;
  }
  return plan;
}

int RunRedact(const RedactFlags& flags) {
  const absl::StatusOr<RedactionPlan> plan = PlanOf(flags);
  if (!plan.ok()) return Fail(plan.status());
  const absl::StatusOr<std::unique_ptr<Backend>> backend = flags.policy.NewBackend();
  if (!backend.ok()) return Fail(backend.status());
  const InputShape shape = flags.jsonl   ? InputShape::JsonLines
                           : flags.lines ? InputShape::Lines
                                         : InputShape::WholeFiles;
  int code = kNothingFound;
  const absl::Status read = ReadInputs(flags.files, shape, flags.text_field, [&](const InputText& input) {
    const absl::StatusOr<RedactedText> redacted = input.status.ok()
                                                      ? (*backend)->Redact(input.text, *plan)
                                                      : absl::StatusOr<RedactedText>(input.status);
    if (!redacted.ok()) {
      // A text that could not be redacted is not written, so nothing slips through.
      code = kFailed;
      const std::string line = input.line == 0 ? "" : absl::StrCat(":", input.line);
      std::cerr << "privet: " << input.name << line << ": " << redacted.status().message() << "\n";
    }
    if (flags.jsonl) {
      // Where the text is not found its place is unknown, so nothing of the record passes.
      VerbatimObject record = input.status.ok() ? input.record : VerbatimObject();
      if (redacted.ok()) {
        record.Set(flags.text_field, Write(redacted->text));
        if (flags.report) record.Set("replacements", Write(ToJson(input.text, *redacted)));
      } else {
        record.Erase(flags.text_field);
        record.Set("error", Write(std::string(redacted.status().message())));
      }
      std::cout << record.Write() << "\n";
    } else if (flags.report) {
      nlohmann::ordered_json report = nlohmann::ordered_json::object();
      if (redacted.ok()) {
        report["text"] = redacted->text;
        report["replacements"] = ToJson(input.text, *redacted);
      } else {
        report["error"] = std::string(redacted.status().message());
      }
      std::cout << report.dump() << "\n";
    } else if (redacted.ok()) {
      std::cout << redacted->text << (flags.lines ? input.line_end : "");
    } else if (flags.lines) {
      std::cout << input.line_end;  // keeps the lines in step
    }
    std::cout.flush();
  });
  if (!read.ok()) return Fail(read);
  return code;
}

}  // namespace

Command AddRedact(CLI::App* app) {
  auto flags = std::make_shared<RedactFlags>();
  CLI::App* command = app->add_subcommand("redact", "rewrite texts so that personal data is not readable");
  command->add_option("files", flags->files, "files to read; - or none for stdin");
  CLI::Option* lines = command->add_flag("--lines", flags->lines, "each line is a text of its own");
  command
      ->add_flag("--jsonl", flags->jsonl,
                 "each line is a JSON object with a text; writes the object with it redacted")
      ->excludes(lines);
  command->add_option("--text-field", flags->text_field, "field of the text in --jsonl")
      ->capture_default_str();
  command->add_flag("--report", flags->report, "write JSON with the replacements and where they lie");
  command
      ->add_option("--treatment", flags->treatments,
                   "TYPE=TREATMENT; mask, mask:FIRST,LAST, replace, hash, remove or keep; may repeat")
      ->allow_extra_args(false);
  command->add_option("--default-treatment", flags->default_treatment,
                      "for the types without one, instead of their default");
  command->add_option("--hash-key-file", flags->hash_key_file, "file whose bytes are the key of `hash`");
  flags->policy.AddTo(command);
  return [flags] { return RunRedact(*flags); };
}

}  // namespace privet
