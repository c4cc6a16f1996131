// data audit: labels that may be at fault, for a reviewer; and what the reviewer decided.
#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/commands.h"
#include "training/count_range.h"
#include "training/data/audit/proposals.h"
#include "training/data/audit/review.h"
#include "training/data/audit/suspects.h"
#include "training/data/output_file.h"

namespace privet {
namespace {

constexpr size_t kMostShown = 20;

struct AuditFlags {
  std::string file, out, reviewed;
  uint64_t top = 0;
};

void ShowUnusable(const std::vector<UnusableLine>& lines) {
  for (size_t i = 0; i < std::min(lines.size(), kMostShown); ++i)
    std::cerr << "trainer: " << lines[i].origin << ": " << lines[i].reason << "\n";
}

// Counts by type and kind; holds no text.
std::string DescribeSuspects(const std::vector<Suspect>& suspects) {
  std::map<EntityType, std::array<int64_t, kFaultKindNames.size()>> counts;
  for (const Suspect& suspect : suspects) ++counts[suspect.type()][static_cast<size_t>(suspect.kind)];
  std::string out = absl::StrFormat("  %-20s", "type");
  for (const std::string_view kind : kFaultKindNames) absl::StrAppendFormat(&out, " %12s", AbslView(kind));
  absl::StrAppend(&out, "\n");
  for (const auto& [type, by_kind] : counts) {
    absl::StrAppendFormat(&out, "  %-20s", AbslView(IdOf(type)));
    for (const int64_t count : by_kind) absl::StrAppendFormat(&out, " %12d", count);
    absl::StrAppend(&out, "\n");
  }
  return out;
}

absl::Status Audit(const AuditFlags& flags, std::ostream& out) {
  const absl::StatusOr<AuditedFile> file = ReadAuditedFile(flags.file);
  if (!file.ok()) return file.status();
  if (file->records.empty() && file->unusable_count > 0) {
    return absl::InvalidArgumentError(absl::StrCat(flags.file, ": none of its ", file->unusable_count,
                                                   " lines is a record; the first, ",
                                                   file->unusable[0].origin, ", ", file->unusable[0].reason,
                                                   ". `trainer data convert` reads other shapes"));
  }
  ShowUnusable(file->unusable);
  if (file->unusable_count > 0) std::cerr << "trainer: " << file->unusable_count << " lines cannot be used\n";
  std::vector<Suspect> suspects = FindSuspects(*file);
  const size_t all = suspects.size();
  if (flags.top > 0 && suspects.size() > flags.top) suspects.resize(flags.top);
  for (const Suspect& suspect : suspects)
    out << WriteSuspect(suspect, file->records[suspect.record], file->lines[suspect.record]) << "\n";
  const auto read = std::count_if(file->proposals.begin(), file->proposals.end(),
                                  [](const Proposals& proposals) { return proposals.has_value(); });
  size_t marks = 0;
  for (const LabeledRecord& record : file->records) marks += record.spans.size();
  const auto likely = std::count_if(suspects.begin(), suspects.end(),
                                    [](const Suspect& suspect) { return suspect.score() >= 0.5; });
  std::cout << absl::StrFormat("%d records, %d of them with proposals; %d marks\n", file->records.size(),
                               read, marks);
  std::cout << absl::StrFormat("%d suspects%s, %d of them likelier at fault than not\n", suspects.size(),
                               all > suspects.size() ? absl::StrFormat(" (the first of %d)", all) : "",
                               likely)
            << DescribeSuspects(suspects);
  if (read == 0)
    std::cout << "- without proposals only inconsistent values and borders are looked at; "
                 "`trainer propose` writes them\n";
  return absl::OkStatus();
}

absl::Status Apply(const AuditFlags& flags, std::ostream& out) {
  const absl::StatusOr<ReviewReport> report = ApplyReview(flags.file, flags.reviewed, out);
  if (!report.ok()) return report.status();
  ShowUnusable(report->listed);
  std::cout << absl::StrFormat(
      "%d records, %d changed; %d suggestions applied, %d declined, %d not decided\n", report->records,
      report->changed, report->applied, report->declined, report->undecided);
  if (report->stale + report->crossing + report->unusable > 0) {
    std::cout << absl::StrFormat(
        "- not applied: %d that do not fit their record, %d that overlap another mark; %d lines cannot be "
        "used\n",
        report->stale, report->crossing, report->unusable);
  }
  return absl::OkStatus();
}

absl::Status Run(const AuditFlags& flags) {
  std::vector<std::string> inputs = {flags.file};
  if (!flags.reviewed.empty()) inputs.push_back(flags.reviewed);
  if (absl::Status status = CheckFiles(inputs, {flags.out}); !status.ok()) return status;
  return WriteWholeFile(flags.out, [&](std::ostream& out) {
    return flags.reviewed.empty() ? Audit(flags, out) : Apply(flags, out);
  });
}

}  // namespace

TrainerCommand AddDataAudit(CLI::App* data) {
  auto flags = std::make_shared<AuditFlags>();
  CLI::App* const command = data->add_subcommand(
      "audit", "lists labels that are probably at fault, or applies what a reviewer decided about them");
  command->add_option("file", flags->file, "records, best with the proposals that `trainer propose` writes")
      ->required();
  command
      ->add_option("--out", flags->out,
                   "file to write: suspects, the most likely first; or corrected records")
      ->required();
  command->add_option("--top", flags->top, "suspects to write; 0: all")
      ->check(CountRange())
      ->capture_default_str();
  command->add_option("--apply", flags->reviewed,
                      "suspects with \"accept\": true where the suggestion is to be taken");
  return [flags] {
    const absl::Status done = Run(*flags);
    return done.ok() ? kTrainerDone : TrainerFail(done);
  };
}

}  // namespace privet
