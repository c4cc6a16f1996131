#include <filesystem>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/display.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "rules/pack.h"
#include "rules/rule_examples.h"
#include "rules/rule_set.h"
#include "rules/validators.h"

namespace privet {
namespace {

absl::StatusOr<std::shared_ptr<const RuleSet>> LoadRules(const std::string& packs_dir) {
  const auto sources =
      packs_dir.empty() ? absl::StatusOr<std::vector<PackSource>>(BuiltInPacks()) : ReadPackFolder(packs_dir);
  if (!sources.ok()) return sources.status();
  return RuleSet::Load(*sources);
}

int RunTest(const std::string& packs_dir) {
  const auto rules = LoadRules(packs_dir);
  if (!rules.ok()) return Fail(rules.status());
  size_t examples = 0;
  for (const RuleSpec& rule : (*rules)->specs())
    examples += rule.match_examples.size() + rule.no_match_examples.size();
  const std::vector<std::string> failures = FailingExamples(**rules);
  for (const std::string& failure : failures) std::cout << failure << "\n";
  std::cout << (*rules)->specs().size() << " rules, " << examples << " examples, " << failures.size()
            << " failed\n";
  return failures.empty() ? kNothingFound : kFailed;
}

int RunList(const std::string& packs_dir) {
  const auto rules = LoadRules(packs_dir);
  if (!rules.ok()) return Fail(rules.status());
  std::vector<std::vector<std::string>> rows = {{"rule", "type", "score", "validator", "examples"}};
  for (const RuleSpec& rule : (*rules)->specs()) {
    rows.push_back({rule.id, std::string(IdOf(rule.type)), absl::StrFormat("%.2f", rule.score),
                    rule.validator,
                    absl::StrCat(rule.match_examples.size() + rule.no_match_examples.size())});
  }
  std::cout << Table(rows, UseColor(ColorMode::Auto));
  return kNothingFound;
}

int RunExplain(const std::string& packs_dir, const std::string& text, bool all) {
  const size_t bad = FindInvalidUtf8(text);
  if (bad != std::string_view::npos)
    return Fail(absl::InvalidArgumentError(absl::StrCat("text: is not UTF-8 at byte ", bad)));
  const auto rules = LoadRules(packs_dir);
  if (!rules.ok()) return Fail(rules.status());
  size_t closed = 0;
  for (const RuleTrace& trace : (*rules)->Explain(text)) {
    const bool open = trace.gate == "open";
    if (!open && !all) {
      ++closed;
      continue;
    }
    std::cout << trace.rule_id << " (" << IdOf(trace.type) << "): ";
    if (!open) {
      std::cout << "gate " << trace.gate << "\n";
      continue;
    }
    if (trace.matches.empty()) std::cout << "no match\n";
    for (size_t i = 0; i < trace.matches.size(); ++i) {
      const MatchTrace& match = trace.matches[i];
      std::cout << (i == 0 ? "" : "  ") << "bytes [" << match.span.begin << ", " << match.span.end << ") '"
                << text.substr(match.span.begin, match.span.size()) << "' " << match.outcome;
      if (!match.evidence.validator_result.empty())
        std::cout << "; " << match.evidence.validator << ": " << match.evidence.validator_result;
      for (const ContextHit& hit : match.evidence.context)
        std::cout << "; '" << hit.word << "' " << absl::StrFormat("%+.1f", hit.shift);
      std::cout << "\n";
    }
  }
  if (closed > 0)
    std::cout << "(" << closed
              << " more rules did not run, because nothing they need is there; --all lists them)\n";
  return kNothingFound;
}

int RunValidate(const std::vector<std::string>& files) {
  // Macros of the shared pack are there, as they would be in a folder with it.
  std::vector<PackSource> sources;
  for (const PackSource& source : BuiltInPacks()) {
    if (std::filesystem::path(source.file_name).filename() == "common.yaml") sources.push_back(source);
  }
  for (const std::string& file : files) {
    absl::StatusOr<std::string> content = ReadFile(file);
    if (!content.ok()) return Fail(content.status());
    if (std::filesystem::path(file).filename() == "common.yaml") sources.clear();
    sources.push_back({file, *std::move(content)});
  }
  const auto rules = RuleSet::Load(sources);
  if (!rules.ok()) return Fail(rules.status());
  std::cout << (*rules)->specs().size() << " rules: ok\n";
  return kNothingFound;
}

int RunValidators(bool markdown) {
  if (markdown) std::cout << "| validator | what it checks |\n| --- | --- |\n";
  std::vector<std::vector<std::string>> rows = {{"validator", "what it checks"}};
  for (const ValidatorEntry& entry : Validators()) {
    if (markdown) std::cout << "| `" << entry.name << "` | " << entry.description << " |\n";
    rows.push_back({std::string(entry.name), std::string(entry.description)});
  }
  if (!markdown) std::cout << Table(rows, UseColor(ColorMode::Auto));
  return kNothingFound;
}

}  // namespace

Command AddRules(CLI::App* app) {
  struct RulesFlags {
    std::string packs_dir, text;
    std::vector<std::string> files;
    bool all = false, markdown = false;
  };
  auto flags = std::make_shared<RulesFlags>();
  CLI::App* command = app->add_subcommand("rules", "test, list and explain rules");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    CLI::App* added = command->add_subcommand(name, what);
    added->add_option("--packs", flags->packs_dir, "folder of rule packs in place of those built in");
    return added;
  };
  CLI::App* test = add("test", "run every example of every rule");
  CLI::App* list = add("list", "list all rules");
  CLI::App* explain = add("explain", "say for each rule why it fired on a text or not");
  explain->add_option("text", flags->text, "the text")->required();
  explain->add_flag("--all", flags->all, "list the rules that did not run, too");
  CLI::App* validate = command->add_subcommand("validate", "check pack files without using them");
  validate->add_option("files", flags->files, "pack files")->required();
  CLI::App* validators = command->add_subcommand("validators", "list the validators that rules can name");
  validators->add_flag("--markdown", flags->markdown, "write a table for the documentation");
  return [=] {
    if (test->parsed()) return RunTest(flags->packs_dir);
    if (list->parsed()) return RunList(flags->packs_dir);
    if (explain->parsed()) return RunExplain(flags->packs_dir, flags->text, flags->all);
    if (validate->parsed()) return RunValidate(flags->files);
    return RunValidators(flags->markdown);
  };
}

}  // namespace privet
