// data split: parts of a corpus that do not leak into one another.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/absl_view.h"
#include "core/verbatim_json.h"
#include "training/commands.h"
#include "training/count_range.h"
#include "training/data/output_file.h"
#include "training/data/split.h"
#include "training/data_files.h"

namespace privet {
namespace {

struct SplitFlags {
  std::vector<std::string> files;
  std::string out;
  std::vector<std::string> parts = {"train=0.8", "dev=0.1", "calibration=0.1"};
  std::string group;
  uint64_t seed = 1;
  bool allow_unusable = false;
};

absl::StatusOr<std::vector<SplitPart>> PartsOf(const std::vector<std::string>& entries) {
  std::vector<SplitPart> parts;
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    double share = 0;
    if (equals == std::string::npos || equals == 0 || !absl::SimpleAtod(entry.substr(equals + 1), &share) ||
        !(share > 0))
      return absl::InvalidArgumentError("--parts: must be NAME=SHARE, such as train=0.8,dev=0.2");
    const std::string name = entry.substr(0, equals);
    if (name.find('/') != std::string::npos)
      return absl::InvalidArgumentError(
          absl::StrCat("--parts: '", name, "' names a file in --out, and so must hold no '/'"));
    if (std::any_of(parts.begin(), parts.end(), [&](const SplitPart& part) { return part.name == name; }))
      return absl::InvalidArgumentError(absl::StrCat("--parts: '", name, "' stands there twice"));
    parts.push_back({name, share});
  }
  return parts;
}

// The field's value in each record, the same for all ways to write it; empty where a record has none.
std::vector<std::string> ValuesOfField(const std::vector<LabeledRecord>& records, const std::string& field) {
  std::vector<std::string> values;
  for (const LabeledRecord& record : records) {
    const auto others = VerbatimObject::Parse(record.other_fields);
    const std::string* const value = others.has_value() ? others->Find(field) : nullptr;
    if (value == nullptr || *value == "null") {
      values.emplace_back();
      continue;
    }
    const auto parsed = nlohmann::json::parse(*value, nullptr, /*allow_exceptions=*/false);
    values.push_back(parsed.is_discarded() || parsed.is_number() ? *value : parsed.dump());
  }
  return values;
}

absl::Status WritePart(const std::vector<LabeledRecord>& records, const Split& split, size_t part,
                       const std::string& file) {
  int64_t count = 0;
  int64_t with_entities = 0;
  std::map<EntityType, int64_t> types;
  absl::Status written = WriteWholeFile(file, [&](std::ostream& out) {
    for (size_t i = 0; i < records.size(); ++i) {
      if (split.part_of[i] != part) continue;
      out << WriteRecord(records[i]) << "\n";
      ++count;
      with_entities += records[i].spans.empty() ? 0 : 1;
      for (const LabeledSpan& span : records[i].spans) ++types[span.type];
    }
    return absl::OkStatus();
  });
  if (!written.ok()) return written;
  std::cout << absl::StrFormat("%s: %d records (%.1f %%), %d with entities", file, count,
                               100 * static_cast<double>(count) / static_cast<double>(records.size()),
                               with_entities);
  const char* separator = "; ";
  for (const auto& [type, entities] : types) {
    std::cout << separator << IdOf(type) << " " << entities;
    separator = ", ";
  }
  std::cout << "\n";
  if (count == 0)
    std::cerr << "trainer: " << file << ": is empty; there are too few groups of texts for its share\n";
  return absl::OkStatus();
}

// Files of records in the folder that this split does not write: parts of an earlier one may share texts with
// these.
std::vector<std::string> OtherRecordFiles(const std::string& folder,
                                          const std::vector<std::string>& outputs) {
  std::vector<std::string> others;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string file = (std::filesystem::path(folder) / entry.path().filename()).string();
    if (entry.path().extension() == ".jsonl" &&
        std::find(outputs.begin(), outputs.end(), file) == outputs.end())
      others.push_back(entry.path().filename().string());
  }
  std::sort(others.begin(), others.end());
  return others;
}

absl::StatusOr<int> RunSplit(const SplitFlags& flags) {
  const auto parts = PartsOf(flags.parts);
  if (!parts.ok()) return parts.status();
  if (absl::Status status = MakeFolder(flags.out); !status.ok()) return status;
  std::vector<std::string> outputs;
  for (const SplitPart& part : *parts)
    outputs.push_back((std::filesystem::path(flags.out) / (part.name + ".jsonl")).string());
  if (absl::Status status = CheckFiles(flags.files, outputs); !status.ok()) return status;
  int64_t unusable = 0;
  const auto records = ReadRecordFiles(flags.files, OtherFields::Keep, &unusable);
  if (!records.ok()) return records.status();
  if (records->empty()) return absl::InvalidArgumentError("there are no records to split");
  std::vector<std::string> groups;
  if (!flags.group.empty()) {
    groups = ValuesOfField(*records, flags.group);
    const auto without = std::count(groups.begin(), groups.end(), "");
    if (without == static_cast<int64_t>(groups.size()))
      return absl::InvalidArgumentError(absl::StrCat("--group: no record has a field '", flags.group, "'"));
    if (without > 0)
      std::cout << "- " << without << " records have no field '" << flags.group
                << "' and stand for themselves\n";
  }
  const Split split = SplitRecords(*records, *parts, flags.seed, groups);
  const std::vector<std::string> stale = OtherRecordFiles(flags.out, outputs);
  for (size_t p = 0; p < parts->size(); ++p) {
    if (absl::Status written = WritePart(*records, split, p, outputs[p]); !written.ok()) return written;
  }
  if (split.large_groups > 0) {
    std::cout << absl::StrFormat(
        "- %d groups of %s are too large for a smaller part: their %d records are all in %s\n",
        split.large_groups, flags.group.empty() ? "similar texts" : "similar texts or of one " + flags.group,
        split.large_records, (*parts)[split.largest_part].name);
  }
  if (!stale.empty()) {
    std::cout << "- also in " << flags.out << ", and not of this split: " << absl::StrJoin(stale, ", ")
              << "; parts of an earlier split may share texts with these\n";
  }
  if (unusable == 0 || flags.allow_unusable) return kTrainerDone;
  std::cerr << "trainer: " << unusable << " lines are in no part; --allow-unusable accepts that\n";
  return kTrainerFailed;
}

}  // namespace

TrainerCommand AddDataSplit(CLI::App* data) {
  auto flags = std::make_shared<SplitFlags>();
  CLI::App* const command = data->add_subcommand(
      "split",
      "parts records at random: similar texts together, and in each part the same share of each type");
  command->add_option("files", flags->files, "the files")->required();
  command->add_option("--out", flags->out, "folder to write to")->required();
  command->add_option("--parts", flags->parts, "names and shares, which are scaled to one")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--group", flags->group,
                      "a field of the records, such as the sender: those with the same value stay together");
  command->add_option("--seed", flags->seed, "of the split")->check(CountRange())->capture_default_str();
  command->add_flag("--allow-unusable", flags->allow_unusable,
                    "exits with 0 though some lines could not be used");
  return [flags] {
    const absl::StatusOr<int> done = RunSplit(*flags);
    return done.ok() ? *done : TrainerFail(done.status());
  };
}

}  // namespace privet
