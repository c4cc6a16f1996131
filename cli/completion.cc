#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"

namespace privet {
namespace {

// Every command path of the program ("", "detect", "rules test") with the words that may follow it.
void Collect(const CLI::App* app, const std::string& path,
             std::vector<std::pair<std::string, std::string>>* words) {
  std::vector<std::string> following;
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; }))
    following.push_back(sub->get_name());
  for (const CLI::Option* option : app->get_options()) {
    for (const std::string& name : option->get_lnames()) following.push_back("--" + name);
  }
  words->emplace_back(path, absl::StrJoin(following, " "));
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; })) {
    Collect(sub, path.empty() ? sub->get_name() : absl::StrCat(path, " ", sub->get_name()), words);
  }
}

void PrintBash(const CLI::App* root) {
  std::vector<std::pair<std::string, std::string>> words;
  Collect(root, "", &words);
  std::cout << "# bash completion of privet: privet completion bash > /etc/bash_completion.d/privet\n"
               "_privet() {\n"
               "  local current=${COMP_WORDS[COMP_CWORD]} path=\"\" word\n"
               "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
               "    case \"$path${path:+ }$word\" in\n";
  for (const auto& [path, following] : words) {
    if (!path.empty()) std::cout << "      '" << path << "') path='" << path << "' ;;\n";
  }
  std::cout << "    esac\n  done\n  case \"$path\" in\n";
  for (const auto& [path, following] : words) {
    std::cout << "    '" << path << "') mapfile -t COMPREPLY < <(compgen -W '" << following
              << "' -- \"$current\") ;;\n";
  }
  std::cout << "  esac\n}\ncomplete -o default -F _privet privet\n";
}

void PrintZsh(const CLI::App* root) {
  std::cout << "#compdef privet\n# zsh completion of privet: privet completion zsh > a file named _privet in "
               "$fpath\n"
               "autoload -U +X bashcompinit && bashcompinit\n";
  PrintBash(root);
}

void PrintFish(const CLI::App* root) {
  std::vector<std::pair<std::string, std::string>> words;
  Collect(root, "", &words);
  std::cout
      << "# fish completion of privet: privet completion fish > ~/.config/fish/completions/privet.fish\n";
  for (const auto& [path, following] : words) {
    const std::string condition =
        path.empty() ? "__fish_use_subcommand"
                     : absl::StrCat("__fish_seen_subcommand_from ", path.substr(path.rfind(' ') + 1));
    std::cout << "complete -c privet -n '" << condition << "' -a '" << following << "'\n";
  }
}

}  // namespace

Command AddCompletion(CLI::App* app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand("completion", "write a completion script for a shell");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return [app, shell] {
    if (*shell == "bash") PrintBash(app);
    if (*shell == "zsh") PrintZsh(app);
    if (*shell == "fish") PrintFish(app);
    return static_cast<int>(kNothingFound);
  };
}

}  // namespace privet
