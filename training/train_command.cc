#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "training/commands.h"
#include "training/config_keys.h"
#include "training/learn/second_stage.h"
#include "training/learn/train.h"
#include "training/run_console.h"

namespace privet {
namespace {

struct TrainFlags {
  int stage = 0;
  std::string config_file;
  std::vector<std::string> overrides;
  bool restart = false;
};

int RunTraining(const TrainFlags& flags) {
  if (flags.config_file.empty())
    return TrainerFail(
        absl::InvalidArgumentError("--config FILE is needed; `trainer config` lists its keys"));
  TrainingConfig config;
  if (absl::Status status = ReadRunConfig(flags.config_file, flags.overrides, RunKind::Stage, &config);
      !status.ok())
    return TrainerFail(status);
  if (absl::Status status = CheckStage(config, flags.stage); !status.ok()) return TrainerFail(status);
  RunConsole console;
  const absl::StatusOr<TrainResult> result = Train(config, console.Options(flags.restart));
  console.Close();
  return EndRun(result, config, flags.restart, [&](const TrainResult& run) {
    return absl::StrFormat("best %s %.4f at step %d", config.metric, run.best_metric, run.best_step);
  });
}

}  // namespace

int TrainerFail(const absl::Status& status) {
  std::cerr << "trainer: " << std::string(status.message()) << "\n";
  return kTrainerFailed;
}

TrainerCommand AddTrain(CLI::App* app) {
  const auto flags = std::make_shared<TrainFlags>();
  app->add_option("--stage", flags->stage, "1: the recall stage; 2: the filter")->check(CLI::Range(1, 2));
  app->add_option("--config", flags->config_file, "YAML file of the run");
  app->add_option("--set", flags->overrides,
                  "overrides a key: optimizer.learning_rate=1e-4; may be repeated");
  app->add_flag(
      "--restart", flags->restart,
      "begins anew: removes the models, checkpoints and log that an earlier run left in the output folder");
  return [flags, app] {
    if (flags->stage == 0 && !flags->config_file.empty())
      return static_cast<int>(TrainerFail(absl::InvalidArgumentError("--stage: must be there, 1 or 2")));
    if (flags->stage == 0) {
      std::cerr << app->help();
      return static_cast<int>(kTrainerFailed);
    }
    return RunTraining(*flags);
  };
}

TrainerCommand AddConfig(CLI::App* app) {
  app->add_subcommand("config", "prints all keys of a run's configuration, as a Markdown table");
  return [] {
    std::cout << DescribeTrainingConfig();
    return static_cast<int>(kTrainerDone);
  };
}

}  // namespace privet
