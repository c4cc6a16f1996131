// The commands of `privet`. Each adds itself to the program and runs when it was named.
#ifndef PRIVET_CLI_COMMANDS_H_
#define PRIVET_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace privet {

// What a command ended with.
enum ExitCode : int {
  kNothingFound = 0,  // or: done
  kFound = 1,         // `scan --fail-on` only
  kFailed = 2,        // an error, or a record that could not be read
};

// Adds a command; the returned function runs it and gives the exit code.
using Command = std::function<int()>;

Command AddDetect(CLI::App* app);
Command AddRedact(CLI::App* app);
Command AddScan(CLI::App* app);
Command AddRules(CLI::App* app);
Command AddInfo(CLI::App* app);
Command AddCompletion(CLI::App* app);

// Writes "privet: REASON" to stderr; returns kFailed.
int Fail(const absl::Status& status);

}  // namespace privet

#endif  // PRIVET_CLI_COMMANDS_H_
