// data convert: from the shapes in which people keep annotated text to records.
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/commands.h"
#include "training/data/convert.h"
#include "training/data/output_file.h"
#include "training/type_names.h"

namespace privet {
namespace {

struct ConvertFlags {
  std::vector<std::string> files;
  std::string out, labels, shape;
  std::string unit = "auto";
  std::vector<std::string> covers;
  bool allow_unusable = false;
};

template <size_t n>
std::vector<std::string> StringsOf(const std::array<std::string_view, n>& names) {
  return {names.begin(), names.end()};
}

template <size_t n>
size_t IndexIn(const std::array<std::string_view, n>& names, std::string_view name) {
  return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string CountsLine(const std::map<std::string, int64_t>& counts) {
  std::string line;
  for (const auto& [name, count] : counts) absl::StrAppend(&line, line.empty() ? "" : ", ", name, " ", count);
  return line;
}

absl::StatusOr<ConvertOptions> OptionsOf(const ConvertFlags& flags) {
  ConvertOptions options;
  if (!flags.labels.empty()) {
    auto labels = LabelMap::Read(flags.labels);
    if (!labels.ok()) return labels.status();
    options.labels = *std::move(labels);
  }
  options.unit = static_cast<OffsetUnit>(IndexIn(kOffsetUnitNames, flags.unit));
  if (!flags.shape.empty())
    options.shape = static_cast<AnnotationShape>(IndexIn(kAnnotationShapeNames, flags.shape));
  const absl::StatusOr<TypeSet> covers = ParseTypes(flags.covers, "--covers");
  if (!covers.ok()) return covers.status();
  if (!flags.covers.empty()) options.covers = *covers;
  return options;
}

int64_t Sum(const std::map<EntityType, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [type, count] : counts) sum += count;
  return sum;
}

void PrintReport(const std::string& file, const ConvertReport& report, bool unit_is_given,
                 bool covers_is_given, const std::string& listing) {
  std::cout << absl::StrFormat(
      "%s: %d records (%d with entities) as %s; offsets in %s%s\n", file, report.records,
      report.with_entities, report.shapes.empty() ? "nothing" : CountsLine(report.shapes),
      AbslView(kOffsetUnitNames[static_cast<size_t>(report.unit)]),
      unit_is_given ? " (as told)" : (report.unit_matters ? "" : " (it makes no difference here)"));
  if (!report.unit_doubt.empty()) {
    std::cout << "  offsets might count something else; records that each unit puts out of place: "
              << report.unit_doubt << "; look at some of the result, or say --unit\n";
  }
  for (const auto& [type, count] : report.entities)
    std::cout << absl::StrFormat("  %-22s %d\n", AbslView(IdOf(type)), count);
  if (report.joined_characters + report.joined_words > 0) {
    std::cout << "  tokens of letters and digits that follow each other were joined without a space in "
              << report.joined_characters << " texts, where each is one character, and with one in "
              << report.joined_words << "\n";
  }
  if (!report.guessed_labels.empty()) {
    std::cout << "  labels read as types, by what they mean elsewhere (--labels says otherwise): "
              << CountsLine(report.guessed_labels) << "\n";
  }
  if (!covers_is_given && !report.entities.empty() && report.with_covers < report.records) {
    std::string marked;
    for (const auto& [type, count] : report.entities)
      absl::StrAppend(&marked, marked.empty() ? "" : ",", AbslView(IdOf(type)));
    std::cout << "  what is not marked will count as none of all " << kEntityTypeCount
              << " types; if only some were marked, say which: --covers " << marked << "\n";
  }
  if (report.nested > 0)
    std::cout << "  left out: " << report.nested << " entities that lie in others or cross them\n";
  if (report.contradicting > 0) {
    std::cout
        << "  left out: " << report.contradicting
        << " labels of values that have another label in the same text; of each value the first counts\n";
  }
  if (report.left_out_annotations > 0) {
    std::cout << "  left out: " << report.left_out_annotations
              << " annotations of texts that have several; of each text the first counts\n";
  }
  if (!report.ignored_labels.empty())
    std::cout << "  ignored, as the map says: " << CountsLine(report.ignored_labels) << "\n";
  if (!report.unsure_labels.empty())
    std::cout << "  unsure, as the map says, so that their records cover fewer types: "
              << CountsLine(report.unsure_labels) << "\n";
  if (!report.unknown_labels.empty()) {
    std::cout
        << "  unknown labels: " << CountsLine(report.unknown_labels)
        << "; give each a type, or ignore where it is none of them, in a file for --labels:\n    labels:\n";
    for (const auto& [label, count] : report.unknown_labels) std::cout << "      " << label << ": unsure\n";
  }
  if (report.hidden_labels > 0) {
    std::cout
        << "  " << report.hidden_labels
        << " more unknown labels are not shown, as they may be pieces of text: they are long, have digits or "
           "blanks, stand in their texts, or are too many\n";
  }
  if (constexpr int64_t kMany = 20;
      report.inside_words > 2 && report.inside_words * kMany > Sum(report.entities)) {
    std::cout << "  " << report.inside_words
              << " marks begin or end inside a word: do all offsets count from the text's beginning?\n";
  }
  if (report.mismatched > 0)
    std::cout << "  " << report.mismatched << " values are not what stands at their offsets\n";
  if (report.unaligned > 0) std::cout << "  " << report.unaligned << " values do not occur in their texts\n";
  if (report.unusable_count > 0)
    std::cout << "  unusable: " << report.unusable_count << ", listed in " << listing << "\n";
}

absl::StatusOr<int> Convert(const ConvertFlags& flags) {
  const std::string listing_file = flags.out + ".unusable";
  std::vector<std::string> inputs = flags.files;
  if (!flags.labels.empty()) inputs.push_back(flags.labels);
  if (absl::Status status = CheckFiles(inputs, {flags.out, listing_file}); !status.ok()) return status;
  const absl::StatusOr<ConvertOptions> options = OptionsOf(flags);
  if (!options.ok()) return options.status();
  int64_t unusable = 0;
  std::string listing;
  std::set<std::string> given_labels;
  absl::Status written = WriteWholeFile(flags.out, [&](std::ostream& out) {
    for (const std::string& file : flags.files) {
      const auto report = ConvertFile(
          file, *options, [&](const LabeledRecord& record) { out << WriteRecord(record) << "\n"; });
      if (!report.ok()) return report.status();
      PrintReport(file, *report, options->unit != OffsetUnit::Auto, options->covers.has_value(),
                  listing_file);
      unusable += report->unusable_count;
      given_labels.insert(report->given_labels.begin(), report->given_labels.end());
      for (const UnusableLine& line : report->unusable)
        absl::StrAppend(&listing, line.origin, ": ", line.reason, "\n");
    }
    return absl::OkStatus();
  });
  if (std::error_code ignored; !listing.empty()) {
    written.Update(WriteWholeFile(listing_file, listing));
  } else if (written.ok()) {
    std::filesystem::remove(listing_file, ignored);  // an earlier run's
  }
  if (!written.ok()) return written;
  for (const std::string& label : options->labels.GivenLabels()) {
    if (!given_labels.contains(label)) {
      std::cerr << "trainer: " << flags.labels << ": label '" << label
                << "' is no entity's in these files; small and capital letters differ\n";
    }
  }
  return unusable > 0 && !flags.allow_unusable ? kTrainerFailed : kTrainerDone;
}

}  // namespace

TrainerCommand AddDataConvert(CLI::App* data) {
  auto flags = std::make_shared<ConvertFlags>();
  CLI::App* const command = data->add_subcommand(
      "convert", "reads JSON Lines, columns, Label Studio, doccano or chat records and writes records");
  command->add_option("files", flags->files, "the files")->required();
  command->add_option("--out", flags->out, "file to write")->required();
  command
      ->add_option("--from", flags->shape,
                   "the shape of all records; found for each by its keys when not given")
      ->check(CLI::IsMember(StringsOf(kAnnotationShapeNames)));
  command->add_option(
      "--labels", flags->labels,
      "YAML file `labels: {PER: PERSON, job: ignore, GPE: [LOCATION, ORGANIZATION]}` for labels "
      "that are not known");
  command->add_option("--unit", flags->unit, "what offsets count")
      ->check(CLI::IsMember(StringsOf(kOffsetUnitNames)))
      ->capture_default_str();
  command
      ->add_option("--covers", flags->covers,
                   "types that the source always marks, comma separated; all when not given")
      ->delimiter(',')
      ->allow_extra_args(false);  // what stands behind is a file
  command->add_flag("--allow-unusable", flags->allow_unusable,
                    "exits with 0 though some records could not be used");
  return [flags] {
    const absl::StatusOr<int> done = Convert(*flags);
    return done.ok() ? *done : TrainerFail(done.status());
  };
}

}  // namespace privet
