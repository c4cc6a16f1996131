// data convert|inspect|split|synthesize
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/commands.h"
#include "training/data/convert.h"
#include "training/data/corpus_facts.h"
#include "training/data/record_reader.h"
#include "training/data/split.h"

namespace privet {
namespace {

struct DataFlags {
  std::vector<std::string> files;
  std::vector<std::string> against;
  std::string out;
  std::string labels;
  std::string unit = "auto";
  std::vector<std::string> covers;
  std::vector<std::string> parts = {"train=0.8", "dev=0.1", "calibration=0.1"};
  uint64_t seed = 1;
  bool allow_unusable = false;
};

std::string CountsLine(const std::map<std::string, int64_t>& counts) {
  std::string line;
  for (const auto& [name, count] : counts) absl::StrAppend(&line, line.empty() ? "" : ", ", name, " ", count);
  return line;
}

int RunConvert(const DataFlags& flags) {
  ConvertOptions options;
  if (!flags.labels.empty()) {
    auto labels = LabelMap::Read(flags.labels);
    if (!labels.ok()) return TrainerFail(labels.status());
    options.labels = *std::move(labels);
  }
  options.unit = static_cast<OffsetUnit>(
      std::find(kOffsetUnitNames.begin(), kOffsetUnitNames.end(), flags.unit) - kOffsetUnitNames.begin());
  if (!flags.covers.empty()) {
    options.covers.emplace();
    for (const std::string& name : flags.covers) {
      const auto type = FindEntityType(name);
      if (!type.has_value())
        return TrainerFail(
            absl::InvalidArgumentError(absl::StrCat("--covers: '", name, "' is not an entity type")));
      options.covers->set(IndexOf(*type));
    }
  }
  std::ofstream out(flags.out, std::ios::binary | std::ios::trunc);
  std::ofstream listing;
  int64_t unusable = 0;
  for (const std::string& file : flags.files) {
    const auto report =
        ConvertFile(file, options, [&](const LabeledRecord& record) { out << WriteRecord(record) << "\n"; });
    if (!report.ok()) return TrainerFail(report.status());
    std::cout << absl::StrFormat("%s: %d records (%d with entities) as %s; offsets in %s%s\n", file,
                                 report->records, report->with_entities, CountsLine(report->shapes),
                                 kOffsetUnitNames[static_cast<size_t>(report->unit)],
                                 report->unit_matters ? "" : " (it makes no difference here)");
    for (const auto& [type, count] : report->entities)
      std::cout << absl::StrFormat("  %-22s %d\n", IdOf(type), count);
    if (report->nested > 0)
      std::cout << "  left out: " << report->nested << " entities that lie in others or cross them\n";
    if (!report->ignored_labels.empty())
      std::cout << "  ignored, as the map says: " << CountsLine(report->ignored_labels) << "\n";
    if (!report->unknown_labels.empty()) {
      std::cout << "  unknown labels: " << CountsLine(report->unknown_labels)
                << "; give each a type, or ignore, in a file for --labels:\n    labels:\n";
      for (const auto& [label, count] : report->unknown_labels)
        std::cout << "      " << label << ": ignore\n";
    }
    if (report->unaligned > 0)
      std::cout << "  " << report->unaligned << " values do not occur in their texts\n";
    unusable += report->unusable_count;
    if (report->unusable_count > 0) {
      if (!listing.is_open()) listing.open(flags.out + ".unusable", std::ios::trunc);
      for (const UnusableLine& line : report->unusable) listing << line.origin << ": " << line.reason << "\n";
      std::cout << "  unusable: " << report->unusable_count << ", listed in " << flags.out << ".unusable\n";
    }
  }
  out.flush();
  if (!out)
    return TrainerFail(
        absl::UnavailableError(absl::StrCat(flags.out, ": cannot be written; is the disk full?")));
  return unusable > 0 && !flags.allow_unusable ? kTrainerFailed : kTrainerDone;
}

absl::StatusOr<std::vector<LabeledRecord>> ReadAll(const std::vector<std::string>& files) {
  std::vector<LabeledRecord> records;
  for (const std::string& path : files) {
    auto file = ReadRecordFile(path);
    if (!file.ok()) return file.status();
    if (file->unusable_count > 0) {
      std::cerr << "trainer: " << path << ": " << file->unusable_count
                << " lines cannot be used; the first is " << file->unusable[0].origin << ": "
                << file->unusable[0].reason << "\n";
    }
    std::move(file->records.begin(), file->records.end(), std::back_inserter(records));
  }
  return records;
}

int RunInspect(const DataFlags& flags) {
  const auto records = ReadAll(flags.files);
  if (!records.ok()) return TrainerFail(records.status());
  const auto against = ReadAll(flags.against);
  if (!against.ok()) return TrainerFail(against.status());
  std::cout << DescribeCorpus(FactsOf(*records, *against));
  return kTrainerDone;
}

int RunSplit(const DataFlags& flags) {
  const auto records = ReadAll(flags.files);
  if (!records.ok()) return TrainerFail(records.status());
  std::vector<SplitPart> parts;
  for (const std::string& entry : flags.parts) {
    const size_t equals = entry.find('=');
    double share = 0;
    if (equals == std::string::npos || equals == 0 || !absl::SimpleAtod(entry.substr(equals + 1), &share) ||
        !(share > 0)) {
      return TrainerFail(
          absl::InvalidArgumentError("--parts: must be NAME=SHARE, such as train=0.8,dev=0.2"));
    }
    parts.push_back({entry.substr(0, equals), share});
  }
  const std::vector<size_t> part_of = SplitRecords(*records, parts, flags.seed);
  std::error_code error;
  std::filesystem::create_directories(flags.out, error);
  for (size_t p = 0; p < parts.size(); ++p) {
    const std::string file = (std::filesystem::path(flags.out) / (parts[p].name + ".jsonl")).string();
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    int64_t count = 0;
    std::map<std::string, int64_t> types;
    for (size_t i = 0; i < records->size(); ++i) {
      if (part_of[i] != p) continue;
      out << WriteRecord((*records)[i]) << "\n";
      ++count;
      for (const LabeledSpan& span : (*records)[i].spans) ++types[std::string(IdOf(span.type))];
    }
    out.flush();
    if (!out)
      return TrainerFail(
          absl::UnavailableError(absl::StrCat(file, ": cannot be written; is the disk full?")));
    std::cout << file << ": " << count << " records; " << CountsLine(types) << "\n";
  }
  return kTrainerDone;
}

}  // namespace

TrainerCommand AddData(CLI::App* app) {
  const auto flags = std::make_shared<DataFlags>();
  CLI::App* const data = app->add_subcommand("data", "works on annotated text");
  data->require_subcommand(1);
  const auto files = [&](CLI::App* command) {
    command->add_option("files", flags->files, "the files")->required();
  };
  CLI::App* const convert = data->add_subcommand(
      "convert", "reads JSON Lines, columns, Label Studio, doccano or chat records and writes records");
  files(convert);
  convert->add_option("--out", flags->out, "file to write")->required();
  convert->add_option("--labels", flags->labels,
                      "YAML file `labels: {PER: PERSON, job: ignore}` for labels that are not known");
  convert->add_option("--unit", flags->unit, "what offsets count: auto, bytes, codepoints or utf16")
      ->check(CLI::IsMember({"auto", "bytes", "codepoints", "utf16"}))
      ->capture_default_str();
  convert->add_option("--covers", flags->covers, "types that the source always marks; all when not given")
      ->delimiter(',');
  convert->add_flag("--allow-unusable", flags->allow_unusable,
                    "exits with 0 though some records could not be used");

  CLI::App* const inspect =
      data->add_subcommand("inspect", "tells what a corpus is like, and what may go wrong with it");
  files(inspect);
  inspect->add_option("--against", flags->against, "another part, to find texts that are in both");

  CLI::App* const split = data->add_subcommand("split", "parts records at random, similar texts together");
  files(split);
  split->add_option("--out", flags->out, "folder to write to")->required();
  split->add_option("--parts", flags->parts, "names and shares")->delimiter(',')->capture_default_str();
  split->add_option("--seed", flags->seed, "of the split")->capture_default_str();
  const TrainerCommand synthesize = AddDataSynthesize(data);
  return [flags, data, convert, inspect, synthesize] {
    if (data->got_subcommand("synthesize")) return synthesize();
    if (convert->parsed()) return RunConvert(*flags);
    return inspect->parsed() ? RunInspect(*flags) : RunSplit(*flags);
  };
}

}  // namespace privet
