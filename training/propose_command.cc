// propose
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tagging/span_marginals.h"
#include "training/commands.h"
#include "training/config.h"
#include "training/count_range.h"
#include "training/data/output_file.h"
#include "training/learn/fold_runs.h"
#include "training/learn/second_stage.h"
#include "training/run_console.h"

namespace privet {
namespace {

struct ProposeFlags {
  std::string config_file;
  std::vector<std::string> overrides;
  FoldOptions options;
  int64_t steps = 0;
  bool restart = false;
};

absl::StatusOr<TrainingConfig> ConfigOf(const ProposeFlags& flags) {
  TrainingConfig config;
  absl::Status status = ReadTrainingConfig(flags.config_file, flags.overrides, &config);
  if (status.ok() && flags.steps != 0)
    status = OverrideTrainingConfig(absl::StrCat("steps=", flags.steps), &config);
  if (status.ok() && !(flags.options.tau >= SpanMarginals::kLowestTau && flags.options.tau <= 0.5)) {
    status = absl::InvalidArgumentError(
        absl::StrCat("--tau: must lie between ", SpanMarginals::kLowestTau, " and 0.5"));
  }
  if (status.ok()) status = CheckStage(config, 1);
  if (!status.ok()) return status;
  return config;
}

int RunPropose(const ProposeFlags& flags) {
  const auto config = ConfigOf(flags);
  if (!config.ok()) return TrainerFail(config.status());
  std::error_code ignored;  // where there is no folder, no file can be written
  std::filesystem::create_directories(std::filesystem::path(flags.options.out).parent_path(), ignored);
  if (absl::Status status = CheckFiles({flags.config_file}, {flags.options.out}); !status.ok())
    return TrainerFail(status);
  RunConsole console;
  FoldOptions options = flags.options;
  options.train = console.Options(flags.restart);
  const absl::StatusOr<FoldResult> result = ProposeInFolds(*config, options);
  console.Close();
  if (!result.ok()) return TrainerFail(result.status());
  if (result->interrupted) {
    std::cerr << (flags.restart ? "stopped; the same command without --restart goes on from there\n"
                                : "stopped; the same command goes on from there\n");
    return kTrainerInterrupted;
  }
  std::cout << absl::StrFormat("%d records, %d proposals; %d of %d entities are among them\n",
                               result->records, result->proposals, result->proposed_entities,
                               result->entities);
  std::cout << "for stage 2's configuration:\n";
  for (const bool dev : {false, true}) {
    bool first = true;
    for (const ProposedFile& file : result->files) {
      if (file.dev != dev) continue;
      if (std::exchange(first, false)) std::cout << (dev ? "  dev:\n" : "  train:\n");
      std::cout << "    - {path: " << file.path;
      if (!dev) std::cout << absl::StrFormat(", weight: %g", file.source.weight);
      std::cout << "}\n";
    }
  }
  std::cout << std::flush;
  return kTrainerDone;
}

}  // namespace

TrainerCommand AddPropose(CLI::App* app) {
  const auto flags = std::make_shared<ProposeFlags>();
  CLI::App* const command = app->add_subcommand(
      "propose", "what stage 1 proposes in its own training texts, by models that have not seen them");
  command->add_option("--config", flags->config_file, "YAML file of stage 1's run")->required();
  command->add_option("--folds", flags->options.folds, "models, each of which learns from the others' texts")
      ->capture_default_str();
  command->add_option("--out", flags->options.out, "file for the records with their proposals")->required();
  command->add_option("--tau", flags->options.tau, "least probability of a proposal")->capture_default_str();
  command
      ->add_option("--steps", flags->steps, "optimiser steps of a fold; without it as the configuration says")
      ->check(CountRange());
  command->add_option("--set", flags->overrides, "overrides a key, as in training; may be repeated");
  command->add_flag("--restart", flags->restart, "begins anew where the output folder holds folds");
  return [flags] { return RunPropose(*flags); };
}

}  // namespace privet
