#include "training/run_console.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>

#include "absl/strings/str_format.h"
#include "training/commands.h"

namespace privet {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> stop_requested = false;
constexpr std::chrono::seconds kBetweenLines(30);

// What was ignored stays so: nohup and a script's background jobs want that.
void Handle(int number, void (*handler)(int)) {
  if (std::signal(number, handler) == SIG_IGN) std::signal(number, SIG_IGN);
}

extern "C" void RequestStop(int /*number*/) {
  stop_requested = true;
  // Not SIGHUP: a terminal that goes sends it, and so does its shell.
  for (const int number : {SIGINT, SIGTERM}) Handle(number, SIG_DFL);
}

}  // namespace

RunConsole::RunConsole() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) Handle(number, RequestStop);
  // A write to a process that was lost, or to a reader of the log that is gone, fails; the run goes on or
  // says why it cannot.
  std::signal(SIGPIPE, SIG_IGN);
}

TrainOptions RunConsole::Options(bool restart) {
  TrainOptions options;
  options.restart = restart;
  options.stop = &stop_requested;
  options.say = [this](const std::string& line) {
    if (line_open_) std::cerr << "\r\033[K";
    line_open_ = false;
    std::cerr << line << "\n";
  };
  if (isatty(STDERR_FILENO) != 0) {
    options.progress = [this](const std::string& line) {
      std::cerr << "\r\033[K" << line << std::flush;
      line_open_ = true;
    };
  } else {
    options.progress = [next = Clock::time_point()](const std::string& line) mutable {
      if (Clock::now() < next) return;
      next = Clock::now() + kBetweenLines;
      std::cerr << line << "\n";
    };
  }
  return options;
}

void RunConsole::Close() {
  if (line_open_) std::cerr << "\n";
  line_open_ = false;
}

int EndRun(const absl::StatusOr<TrainResult>& result, const TrainingConfig& config, bool restart,
           absl::FunctionRef<std::string(const TrainResult&)> best) {
  if (absl::IsCancelled(result.status())) {
    std::cerr << "stopped while it read its data; the same command begins with that again\n";
    return kTrainerInterrupted;
  }
  if (!result.ok()) return TrainerFail(result.status());
  if (result->interrupted) {
    if (result->leads) {
      std::cerr << "stopped after step " << result->steps << " of " << config.steps
                << (restart ? "; the same command without --restart goes on from there\n"
                            : "; the same command goes on from there\n");
    }
    return kTrainerInterrupted;
  }
  if (!result->leads) return kTrainerDone;
  if (result->tokens_per_second > 0) {
    std::cout << absl::StrFormat("%d steps, loss %.4f, %.0f tokens/s", result->steps, result->last_loss,
                                 result->tokens_per_second);
  } else {
    std::cout << result->steps << " steps, all of them done before";
  }
  if (result->best_metric >= 0) std::cout << ", " << best(*result);
  std::cout << "; the model is in " << config.output << "/best\n";
  return kTrainerDone;
}

}  // namespace privet
