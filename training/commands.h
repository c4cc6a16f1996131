// The verbs of `trainer`. Each adds itself to the program; the returned function runs it and gives the exit
// code.
#ifndef PRIVET_TRAINING_COMMANDS_H_
#define PRIVET_TRAINING_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace privet {

enum TrainerExitCode : int {
  kTrainerDone = 0,
  kTrainerFailed = 2,       // an error, or a record that could not be used where all must be
  kTrainerInterrupted = 3,  // a training run was stopped by a signal; what was done is saved
};

// Lines that cannot be used which a command names on a terminal; the rest it counts.
inline constexpr size_t kMostFaultsListed = 20;

using TrainerCommand = std::function<int()>;

TrainerCommand AddTrain(CLI::App* app);  // --stage N --config FILE, without a verb
TrainerCommand AddAdapt(CLI::App* app);
TrainerCommand AddConfig(CLI::App* app);
TrainerCommand AddData(CLI::App* app);
TrainerCommand AddDataAudit(CLI::App* data);
TrainerCommand AddDataConvert(CLI::App* data);
TrainerCommand AddDataInspect(CLI::App* data);
TrainerCommand AddDataSplit(CLI::App* data);
TrainerCommand AddDataSynthesize(CLI::App* data);
TrainerCommand AddVocabulary(CLI::App* app);
TrainerCommand AddPropose(CLI::App* app);
TrainerCommand AddExport(CLI::App* app);
TrainerCommand AddLabel(CLI::App* app);
TrainerCommand AddEvaluate(CLI::App* app);
TrainerCommand AddCalibrate(CLI::App* app);

// Writes "trainer: REASON" to stderr; returns kTrainerFailed.
int TrainerFail(const absl::Status& status);

}  // namespace privet

#endif  // PRIVET_TRAINING_COMMANDS_H_
