// The verbs of `trainer`. Each adds itself to the program; the returned function runs it and gives the exit
// code.
#ifndef PRIVET_TRAINING_COMMANDS_H_
#define PRIVET_TRAINING_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"

namespace privet {

enum TrainerExitCode : int {
  kTrainerDone = 0,
  kTrainerFailed = 2,       // an error, or a record that could not be used where all must be
  kTrainerInterrupted = 3,  // stopped by a signal; what was done is saved
};

using TrainerCommand = std::function<int()>;

TrainerCommand AddData(CLI::App* app);  // data inspect|convert|split|synthesize
TrainerCommand AddDataSynthesize(CLI::App* data);

// Writes "trainer: REASON" to stderr; returns kTrainerFailed.
int TrainerFail(const absl::Status& status);

}  // namespace privet

#endif  // PRIVET_TRAINING_COMMANDS_H_
