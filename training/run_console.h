// How a command that trains speaks with who started it: its lines, and the signals that end it.
#ifndef PRIVET_TRAINING_RUN_CONSOLE_H_
#define PRIVET_TRAINING_RUN_CONSOLE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "training/config.h"
#include "training/learn/train.h"

namespace privet {

// From its making on, SIGINT, SIGTERM and SIGHUP, where they are not ignored, ask the run to save and end; a
// second one but SIGHUP ends the program at once. Lines go to stderr, with how far the run is: a line that is
// written over where that is a terminal, elsewhere one of the first step and then one every 30 s. One at a
// time.
class RunConsole {
 public:
  RunConsole();
  ~RunConsole() { Close(); }
  RunConsole(const RunConsole&) = delete;
  RunConsole& operator=(const RunConsole&) = delete;

  // For a run that does not outlive this console.
  TrainOptions Options(bool restart);
  // Ends the line that is shown.
  void Close();

 private:
  bool line_open_ = false;
};

// Says what came of a run, unless another process leads it, and gives the exit code. `restart` is whether it
// was told to begin anew. `best` words the best evaluation, where there was one.
int EndRun(const absl::StatusOr<TrainResult>& result, const TrainingConfig& config, bool restart,
           absl::FunctionRef<std::string(const TrainResult&)> best);

}  // namespace privet

#endif  // PRIVET_TRAINING_RUN_CONSOLE_H_
