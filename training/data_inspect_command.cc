// data inspect: what a corpus is like.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "training/commands.h"
#include "training/data/corpus_report.h"
#include "training/data_files.h"

namespace privet {
namespace {

constexpr size_t kMostValues = 20;  // of each list

struct InspectFlags {
  std::vector<std::string> files, against;
  bool json = false;
  bool values = false;
};

absl::Status Inspect(const InspectFlags& flags) {
  int64_t unusable = 0;
  const auto records = ReadRecordFiles(flags.files, OtherFields::Drop, &unusable);
  if (!records.ok()) return records.status();
  const auto against = ReadRecordFiles(flags.against);
  if (!against.ok()) return against.status();
  CorpusFacts facts = FactsOf(*records, *against, flags.values ? kMostValues : 0);
  facts.unusable = unusable;
  std::cout << (flags.json ? CorpusJson(facts) + "\n" : DescribeCorpus(facts));
  return absl::OkStatus();
}

}  // namespace

TrainerCommand AddDataInspect(CLI::App* data) {
  auto flags = std::make_shared<InspectFlags>();
  CLI::App* const command =
      data->add_subcommand("inspect", "tells what a corpus is like, and what may go wrong with it");
  command->add_option("files", flags->files, "the files")->required();
  command->add_option("--against", flags->against, "other parts, to find texts that are in both");
  command->add_flag("--json", flags->json, "writes one JSON object for machines");
  command->add_flag(
      "--values", flags->values,
      "shows the most frequent values, and those that are marked here and unmarked there; without it "
      "no text is shown");
  return [flags] {
    const absl::Status done = Inspect(*flags);
    return done.ok() ? kTrainerDone : TrainerFail(done);
  };
}

}  // namespace privet
