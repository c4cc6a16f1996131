#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "training/commands.h"
#include "training/config_keys.h"
#include "training/learn/masked_task.h"
#include "training/learn/train.h"
#include "training/run_console.h"

namespace privet {
namespace {

struct AdaptFlags {
  std::string config_file;
  std::vector<std::string> overrides;
  bool restart = false;
};

int RunAdapt(const AdaptFlags& flags) {
  TrainingConfig config = MaskedDefaults();
  if (absl::Status status = ReadRunConfig(flags.config_file, flags.overrides, RunKind::Adapt, &config);
      !status.ok())
    return TrainerFail(status);
  RunConsole console;
  const absl::StatusOr<TrainResult> result = Adapt(config, console.Options(flags.restart));
  console.Close();
  return EndRun(result, config, flags.restart, [](const TrainResult& run) {
    return absl::StrFormat("best on held-out text %.4f at step %d", -std::log(run.best_metric),
                           run.best_step);
  });
}

}  // namespace

TrainerCommand AddAdapt(CLI::App* app) {
  const auto flags = std::make_shared<AdaptFlags>();
  CLI::App* const command =
      app->add_subcommand("adapt", "learns a domain's language from raw text, before stage 1: a base model");
  command
      ->add_option("--config", flags->config_file,
                   "YAML file of the run; data.train names files of a text a line, or .jsonl with \"text\"")
      ->required();
  command->add_option("--set", flags->overrides,
                      "overrides a key: optimizer.learning_rate=1e-4; may be repeated");
  command->add_flag(
      "--restart", flags->restart,
      "begins anew: removes the models, checkpoints and log that an earlier run left in the output folder");
  return [flags] { return RunAdapt(*flags); };
}

}  // namespace privet
