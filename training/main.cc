// trainer: from raw records to a bundle.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <utility>
#include <vector>

#include "training/commands.h"

namespace privet {

int TrainerFail(const absl::Status& status) {
  std::cerr << "trainer: " << status.message() << "\n";
  return kTrainerFailed;
}

}  // namespace privet

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);
  CLI::App app("Makes models for Privet out of labelled text.");
  app.set_version_flag("--version", PRIVET_VERSION);
  app.require_subcommand(1);
  const std::vector<std::pair<std::string, privet::TrainerCommand>> commands = {
      {"data", privet::AddData(&app)}};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? privet::kTrainerDone : privet::kTrainerFailed;
  }
  for (const auto& [name, run] : commands) {
    if (app.got_subcommand(name)) return run();
  }
  return privet::kTrainerFailed;
}
