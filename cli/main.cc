// privet: finds and redacts personal data from the command line.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <vector>

#include "cli/commands.h"

namespace {

int Run(int argc, char** argv) {
  CLI::App app("Finds and redacts personal data in Chinese and English text.");
  app.set_version_flag("--version", PRIVET_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done (scan --fail-on: none found), 1 found (scan --fail-on only), 2 error.");
  const std::vector<std::pair<std::string, privet::Command>> commands = {
      {"detect", privet::AddDetect(&app)}, {"redact", privet::AddRedact(&app)},
      {"scan", privet::AddScan(&app)},     {"rules", privet::AddRules(&app)},
      {"info", privet::AddInfo(&app)},     {"completion", privet::AddCompletion(&app)}};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : privet::kFailed;
  }
  for (const auto& [name, run] : commands) {
    if (app.got_subcommand(name)) return run();
  }
  return privet::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that closes the pipe early, such as `head`, ends the program quietly.
  std::signal(SIGPIPE, SIG_DFL);
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);  // results are written while another thread reads; whoever writes one flushes it
  const int code = Run(argc, argv);
  std::cout.flush();
  if (std::cout.good()) return code;
  return privet::Fail(absl::DataLossError("stdout: cannot be written; what was written is not whole"));
}
