// trainer: makes Privet's models.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>
#include <typeinfo>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "training/commands.h"
#include "training/data/output_file.h"

// A step takes and frees the same hundreds of large buffers again and again. The C library keeps those in
// sorted lists that it walks (a tenth of a small model's step) and clears anew what it has given back to the
// kernel (a fifth), so the trainer has jemalloc, told here to keep what was freed.
extern "C" {
#ifdef PRIVET_JEMALLOC
extern const char* malloc_conf;
const char* malloc_conf = "dirty_decay_ms:-1,muzzy_decay_ms:-1,oversize_threshold:0";
#endif
}

namespace {

// Waiting threads of OpenMP spin for milliseconds unless told otherwise (qwen3/token_model.cc says what that
// costs), and it was told when this program was loaded: so the program is started again.
void LetWaitingThreadsSleep(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0);
  execv("/proc/self/exe", argv);  // where that fails, the work is slower and as right
}

// What a library throws is caught at its edge; what was forgotten there still ends in one line. Words that
// are not the system's are not shown: they may hold a piece of a text.
int RunCommand(const privet::TrainerCommand& command) try {
  return command();
} catch (const std::system_error& error) {
  return privet::TrainerFail(absl::UnavailableError(error.what()));
} catch (const std::bad_alloc&) {
  return privet::TrainerFail(absl::ResourceExhaustedError("memory does not suffice"));
} catch (const std::exception& error) {
  return privet::TrainerFail(absl::InternalError(
      absl::StrCat("a fault of this program, ", typeid(error).name(), "; please report it")));
}

int Run(int argc, char** argv) {
  CLI::App app("Trains and judges Privet's models.");
  app.set_version_flag("--version", PRIVET_VERSION);
  app.require_subcommand(0, 1);
  app.footer(
      "Exit codes: 0 done, 2 error, 3 a signal stopped a training run, adapt or propose (what was done is "
      "kept, and the same command goes on). Other commands end by the signal and leave no half of a file.");
  const privet::TrainerCommand train = privet::AddTrain(&app);
  const std::vector<std::pair<std::string, privet::TrainerCommand>> commands = {
      {"config", privet::AddConfig(&app)},          //
      {"adapt", privet::AddAdapt(&app)},            //
      {"data", privet::AddData(&app)},              //
      {"vocabulary", privet::AddVocabulary(&app)},  //
      {"label", privet::AddLabel(&app)},            //
      {"propose", privet::AddPropose(&app)},        //
      {"evaluate", privet::AddEvaluate(&app)},      //
      {"calibrate", privet::AddCalibrate(&app)},    //
      {"export", privet::AddExport(&app)},
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? privet::kTrainerDone : privet::kTrainerFailed;
  }
  privet::TidyUpOnSignals();  // what trains has another way to end (run_console.h)
  for (const auto& [name, run] : commands) {
    if (app.got_subcommand(name)) return RunCommand(run);
  }
  return RunCommand(train);
}

}  // namespace

int main(int argc, char** argv) {
  LetWaitingThreadsSleep(argv);
  std::ios::sync_with_stdio(false);
  const int code = Run(argc, argv);
  std::cout.flush();
  if (std::cout.good()) return code;
  const int failed =
      privet::TrainerFail(absl::DataLossError("stdout: cannot be written; what was written is not whole"));
  return code == privet::kTrainerDone ? failed : code;
}
