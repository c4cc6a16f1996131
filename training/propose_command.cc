// propose
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pipeline/bundle_folder.h"
#include "stage1_recall/recall_stage.h"
#include "tagging/span_marginals.h"
#include "training/commands.h"
#include "training/config_keys.h"
#include "training/count_range.h"
#include "training/data/output_file.h"
#include "training/data/record_reader.h"
#include "training/data/unfinished_proposals.h"
#include "training/learn/examples.h"
#include "training/learn/fold_runs.h"
#include "training/learn/propose.h"
#include "training/learn/second_stage.h"
#include "training/run_console.h"

namespace privet {
namespace {

// Texts whose proposals are kept at a time: what a signal may cost.
constexpr size_t kTextsAtOnce = 512;

struct ProposeFlags {
  std::string config_file;
  std::string bundle, data;  // in place of a configuration
  std::vector<std::string> overrides;
  FoldOptions options;
  int64_t steps = 0;
  bool restart = false;
};

absl::Status CheckTau(double tau) {
  if (tau >= SpanMarginals::kLowestTau && tau <= 0.5) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--tau: must lie between ", SpanMarginals::kLowestTau, " and 0.5"));
}

absl::StatusOr<TrainingConfig> ConfigOf(const ProposeFlags& flags) {
  TrainingConfig config;
  absl::Status status = ReadRunConfig(flags.config_file, flags.overrides, RunKind::Stage, &config);
  if (status.ok() && flags.steps != 0)
    status = OverrideTrainingConfig(absl::StrCat("steps=", flags.steps), &config);
  if (status.ok()) status = CheckTau(flags.options.tau);
  if (status.ok()) status = CheckStage(config, 1);
  if (!status.ok()) return status;
  return config;
}

void PrintCounts(const ProposalCounts& counts) {
  std::cout << absl::StrFormat("%d records, %d proposals; %d of %d entities are among them\n", counts.records,
                               counts.proposals, counts.proposed_entities, counts.entities);
}

// What a bundle's proposals depend on, beside the records; of the model's bytes, when they were put there.
std::string MadeBy(const BundleManifest& bundle, double tau) {
  std::error_code ignored;
  // Of an adapter's base, too; weights may be written anew in a folder that stays.
  int64_t time = 0;
  for (const std::filesystem::path& folder : {bundle.stage1.folder, bundle.stage1.base}) {
    if (folder.empty()) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder, ignored))
      time = std::max<int64_t>(time, file.last_write_time(ignored).time_since_epoch().count());
  }
  return nlohmann::ordered_json{{"bundle", bundle.name},
                                {"version", bundle.version},
                                {"stage1", std::filesystem::absolute(bundle.stage1.folder).string()},
                                {"time", time},
                                {"max_tokens", bundle.windows.max_tokens},
                                {"overlap_tokens", bundle.windows.overlap_tokens},
                                {"tau", tau}}
      .dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

// Says what becomes of the work where it is stopped.
absl::Status ProposeInAll(const RecallStage& stage, ProposeOptions options, const TrainOptions& said,
                          const std::string& out_file, std::vector<LabeledRecord>* records,
                          UnfinishedProposals* unfinished) {
  if (said.progress) {
    options.progress = [&](size_t done) {
      said.progress(
          absl::StrFormat("proposed in %d of %d texts", unfinished->done() + done, records->size()));
    };
  }
  while (unfinished->done() < records->size()) {
    const size_t count = std::min(kTextsAtOnce, records->size() - unfinished->done());
    const std::span<LabeledRecord> next = std::span(*records).subspan(unfinished->done(), count);
    std::vector<LabeledRecord*> pointers;
    for (LabeledRecord& record : next) pointers.push_back(&record);
    absl::Status status = Propose(stage, options, pointers);
    if (absl::IsCancelled(status)) {
      said.say(unfinished->path().empty()
                   ? absl::StrCat("stopped; not written: ", out_file)
                   : absl::StrFormat("stopped after %d of %d texts; the same command goes on from there",
                                     unfinished->done(), records->size()));
    }
    if (status.ok()) status = unfinished->Append(next);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// What a bundle's stage 1 proposes in records that it has not learned from, which only the user can know.
absl::Status ProposeByBundle(const ProposeFlags& flags, RunConsole* console) {
  if (absl::Status status = CheckTau(flags.options.tau); !status.ok()) return status;
  const std::string& out_file = flags.options.out;
  if (absl::Status status = CheckFiles({flags.data}, {out_file, out_file + ".unfinished"}); !status.ok())
    return status;
  const auto bundle = ReadBundleFolder(flags.bundle);
  if (!bundle.ok()) return bundle.status();
  const TrainOptions said = console->Options(/*restart=*/false);
  int64_t unusable = 0;
  DataSource source;
  source.path = flags.data;
  auto records = ReadSource(
      source, &unusable, [&](const std::string& line) { said.say("data: " + line); }, OtherFields::Keep);
  if (!records.ok()) return records.status();
  auto unfinished = UnfinishedProposals::Open(out_file, MadeBy(*bundle, flags.options.tau), &*records);
  if (!unfinished.ok()) return unfinished.status();
  if (unfinished->done() > 0)
    said.say(absl::StrFormat("going on after %d of %d texts", unfinished->done(), records->size()));
  const auto stage = LoadRecallStage({bundle->stage1.folder, bundle->stage1.base}, {});
  if (!stage.ok()) return stage.status();
  ProposeOptions options;
  options.windows = bundle->windows;
  options.tau = flags.options.tau;
  options.stop = said.stop;
  if (absl::Status status = ProposeInAll(*stage, options, said, out_file, &*records, &*unfinished);
      !status.ok())
    return status;
  absl::Status written = WriteWholeFile(out_file, [&](std::ostream& out) {
    for (const LabeledRecord& record : *records) out << WriteRecord(record) << "\n";
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  unfinished->Remove();
  console->Close();
  PrintCounts(CountProposals(*records));
  return absl::OkStatus();
}

int RunPropose(const ProposeFlags& flags) {
  if (flags.config_file.empty() == flags.bundle.empty()) {
    return TrainerFail(
        absl::InvalidArgumentError("propose: needs --config to train models without each text, or --bundle "
                                   "for texts that it has not seen"));
  }
  if (const auto folder = std::filesystem::path(flags.options.out).parent_path(); !folder.empty()) {
    if (absl::Status status = MakeFolder(folder); !status.ok()) return TrainerFail(status);
  }
  if (!flags.bundle.empty()) {
    RunConsole console;
    const absl::Status status = ProposeByBundle(flags, &console);
    console.Close();
    if (absl::IsCancelled(status)) return kTrainerInterrupted;
    return status.ok() ? kTrainerDone : TrainerFail(status);
  }
  const auto config = ConfigOf(flags);
  if (!config.ok()) return TrainerFail(config.status());
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
  PrintCounts(result->counts);
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
      "propose", "what stage 1 proposes in training texts, by models that have not seen them");
  CLI::Option* const config =
      command->add_option("--config", flags->config_file, "YAML file of stage 1's run");
  CLI::Option* const bundle =
      command->add_option("--bundle", flags->bundle, "in its place a bundle, whose stage 1 reads --data");
  CLI::Option* const data =
      command->add_option("--data", flags->data, "file of records that the bundle has not learned from");
  CLI::Option* const folds =
      command
          ->add_option("--folds", flags->options.folds, "models, each of which learns from the others' texts")
          ->capture_default_str();
  command->add_option("--out", flags->options.out, "file for the records with their proposals")->required();
  command->add_option("--tau", flags->options.tau, "least probability of a proposal")->capture_default_str();
  CLI::Option* const steps =
      command
          ->add_option("--steps", flags->steps,
                       "optimiser steps of a fold; without it as the configuration says")
          ->check(CountRange());
  CLI::Option* const set =
      command->add_option("--set", flags->overrides, "overrides a key, as in training; may be repeated");
  CLI::Option* const restart =
      command->add_flag("--restart", flags->restart, "begins anew where the output folder holds folds");
  bundle->needs(data);
  data->needs(bundle);
  for (CLI::Option* const of_folds : {config, folds, steps, set, restart}) bundle->excludes(of_folds);
  return [flags] { return RunPropose(*flags); };
}

}  // namespace privet
