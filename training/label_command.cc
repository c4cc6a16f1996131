// label: what a bundle is sure of becomes the marks of texts that nobody has read.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "training/commands.h"
#include "training/count_range.h"
#include "training/data/output_file.h"
#include "training/data/record_reader.h"
#include "training/data/text_lines.h"
#include "training/judge/marked_files.h"
#include "training/type_names.h"

namespace privet {
namespace {

// Texts that share forwards.
constexpr size_t kTextsAtOnce = 256;

struct LabelFlags {
  std::string bundle, out;
  std::vector<std::string> texts, types;
  double sure = 0.8, doubt = 0.2;
  int64_t most = 0;
  ModelOptions models;
};

// Reads texts a few hundred at a time and writes those that no doubt is about.
class Labeler {
 public:
  Labeler(const LabelFlags& flags, const Detector& detector, std::shared_ptr<const CompiledPolicy> policy,
          const TypeSet& types)
      : flags_(flags), detector_(detector), policy_(std::move(policy)), types_(types) {}

  // Nothing more where `out` can no longer be written.
  void Add(const std::string& text, std::ostream& out) {
    if (!out || done() || text.find_first_not_of(" \t\r") == std::string::npos) return;
    waiting_.push_back(text);
    if (waiting_.size() == kTextsAtOnce) Flush(out);
  }

  void Flush(std::ostream& out) {
    const std::vector<std::string_view> texts(waiting_.begin(), waiting_.end());
    const auto detections = detector_.DetectEach(texts, *policy_);
    for (size_t i = 0; i < texts.size() && !done(); ++i) {
      ++texts_;
      if (!detections[i].ok()) {
        ++failed_;
        continue;
      }
      const std::vector<Finding>& findings = detections[i]->findings;
      if (std::any_of(findings.begin(), findings.end(),
                      [&](const Finding& finding) { return finding.score < flags_.sure; })) {
        ++doubtful_;
        continue;
      }
      LabeledRecord record;
      record.text = waiting_[i];
      record.covers = types_;
      for (const Finding& finding : findings) {
        record.spans.push_back({finding.span, finding.type});
        ++entities_[std::string(IdOf(finding.type))];
      }
      out << WriteRecord(record) << "\n";
      ++written_;
      if (!findings.empty()) ++with_entities_;
    }
    waiting_.clear();
    if (isatty(STDERR_FILENO) != 0) {
      std::cerr << absl::StrFormat("\r\033[K%d texts, %.0f texts/s", texts_,
                                   static_cast<double>(texts_) / absl::ToDoubleSeconds(absl::Now() - begin_))
                << std::flush;
    }
  }

  void Report() const {
    if (isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K";
    std::cout << absl::StrFormat(
        "%d texts: %d records (%d with entities), %d doubtful, %d could not be read\n", texts_, written_,
        with_entities_, doubtful_, failed_);
    for (const auto& [type, count] : entities_) std::cout << absl::StrFormat("  %-22s %d\n", type, count);
  }

 private:
  bool done() const { return flags_.most > 0 && written_ >= flags_.most; }

  const LabelFlags& flags_;
  const Detector& detector_;
  const std::shared_ptr<const CompiledPolicy> policy_;
  const TypeSet types_;
  const absl::Time begin_ = absl::Now();
  std::vector<std::string> waiting_;
  int64_t texts_ = 0, written_ = 0, with_entities_ = 0, doubtful_ = 0, failed_ = 0;
  std::map<std::string, int64_t> entities_;
};

int RunLabel(const LabelFlags& flags) {
  if (flags.doubt > flags.sure)
    return TrainerFail(
        absl::InvalidArgumentError("--doubt: is above --sure; between both a text is left out"));
  if (absl::Status status = CheckFiles(flags.texts, {flags.out}); !status.ok()) return TrainerFail(status);
  const absl::StatusOr<PipelineContents> contents = ReadContents({{}, flags.bundle});
  if (!contents.ok()) return TrainerFail(contents.status());
  const absl::StatusOr<TypeSet> named = ParseTypes(flags.types, "--types");
  if (!named.ok()) return TrainerFail(named.status());
  TypeSet types = *named;
  Policy policy;
  policy.types = flags.types;
  policy.min_score = flags.doubt;
  if (types.none()) {
    if (!contents->bundle.has_value())
      return TrainerFail(absl::InvalidArgumentError("--bundle: names no bundle with models"));
    types = contents->bundle->offer.model_types;
    for (const EntityTypeSpec& spec : Taxonomy())
      if (types.test(IndexOf(spec.type))) policy.types.emplace_back(spec.id);
  }
  const Limits limits;
  const auto compiled = CompilePolicy(policy, limits, contents->offer());
  if (!compiled.ok()) return TrainerFail(compiled.status());
  const auto detector = LoadDetector(*contents, flags.models, limits);
  if (!detector.ok()) return TrainerFail(detector.status());

  Labeler labeler(flags, **detector, *compiled, types);
  int64_t unusable = 0;
  const absl::Status written = WriteWholeFile(flags.out, [&](std::ostream& out) -> absl::Status {
    for (const std::string& file : flags.texts) {
      const auto lines = ForEachText(file, [&](int64_t, const std::string& text) { labeler.Add(text, out); });
      if (!lines.ok()) return lines.status();
      unusable += lines->unusable;
    }
    labeler.Flush(out);
    return absl::OkStatus();
  });
  if (!written.ok()) return TrainerFail(written);
  labeler.Report();
  if (unusable > 0) std::cerr << "trainer: " << unusable << " lines without text in UTF-8 were left out\n";
  return kTrainerDone;
}

}  // namespace

TrainerCommand AddLabel(CLI::App* app) {
  auto flags = std::make_shared<LabelFlags>();
  CLI::App* const command = app->add_subcommand(
      "label", "marks texts with what a bundle is sure of, to train on beside real marks");
  command->add_option("--bundle", flags->bundle, "folder of the model bundle")->required();
  command->add_option("--texts", flags->texts, "a text a line, or .jsonl with \"text\"")->required();
  command->add_option("--out", flags->out, "file of records to write")->required();
  command
      ->add_option("--types", flags->types,
                   "types to mark (PERSON,...); all that the models find when not given")
      ->delimiter(',');
  command->add_option("--sure", flags->sure, "least score of a mark")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--doubt", flags->doubt,
                   "a text with a finding between this score and --sure is left out, whatever else is in it")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--most", flags->most, "records to write at most; 0: all")
      ->check(CountRange())
      ->capture_default_str();
  command->add_option("--device", flags->models.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->add_option("--precision", flags->models.precision, "auto, fp32, bf16 or int8")
      ->capture_default_str();
  return [flags] { return RunLabel(*flags); };
}

}  // namespace privet
