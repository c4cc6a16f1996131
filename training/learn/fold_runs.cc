#include "training/learn/fold_runs.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "training/data/output_file.h"
#include "training/data/record_reader.h"
#include "training/data/split.h"
#include "training/data/synthesis/text_files.h"
#include "training/learn/base_folder.h"
#include "training/learn/examples.h"
#include "training/learn/file_lock.h"
#include "training/learn/fresh_records.h"
#include "training/learn/processes.h"
#include "training/learn/propose.h"
#include "training/learn/second_stage.h"

namespace privet {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostFolds = 100;

std::string ContentOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// `file` with something before its ending.
std::string NumberedFile(const std::string& file, const std::string& number) {
  const fs::path path = file;
  return (path.parent_path() / absl::StrCat(path.stem().string(), ".", number, path.extension().string()))
      .string();
}

absl::StatusOr<TypeSet> TypesOfTemplates(const std::string& path) {
  constexpr int64_t kMostLines = 20'000;
  const auto fresh = FreshRecords::OfTemplates(path, /*seed=*/0, std::nullopt);
  if (!fresh.ok()) return fresh.status();
  TypeSet types;
  for (int64_t line = 0; line < std::min(kMostLines, (*fresh)->size()); ++line) {
    for (const LabeledSpan& span : (*fresh)->Draw(0, line).spans) types.set(IndexOf(span.type));
  }
  return types;
}

class FoldRuns {
 public:
  // Paths as a run's own configuration has them, so that a finished fold is known again.
  FoldRuns(const TrainingConfig& config, const FoldOptions& options)
      : config_(WithAbsolutePaths(config)), options_(options) {}

  absl::StatusOr<FoldResult> Go();

 private:
  void Say(const std::string& line) const {
    if (options_.train.say) options_.train.say(line);
  }
  bool Stopped() const { return options_.train.stop != nullptr && options_.train.stop->load(); }
  void FindSameSources();
  // Whether stage 2 gets a file of the source's records: not of templates, nor of one that came before.
  bool HasOutput(size_t source) const {
    return !config_.train[source].templates && first_of_[source] == source;
  }
  absl::Status ReadRecords();
  absl::Status ChooseFolds();
  absl::StatusOr<TrainingConfig> PrepareFold(int64_t fold);
  // Whether it was interrupted.
  absl::StatusOr<bool> TrainFold(const TrainingConfig& config, const std::string& name);
  absl::Status ProposeInFold(const TrainingConfig& config, int64_t fold, const std::string& name);
  std::vector<ProposedFile> OutputFiles() const;
  absl::Status CheckOutput() const;
  absl::Status WriteOut(FoldResult* result) const;

  TrainingConfig config_;
  FoldOptions options_;
  std::vector<LabeledRecord> records_;  // of all sources, one after the other
  std::vector<size_t> source_of_;       // by record
  std::vector<size_t> first_of_;        // by source: the first one of the same records
  std::vector<size_t> fold_of_;         // by record
  std::vector<std::vector<LabeledRecord>> dev_;
};

// Records that several sources name, as with swap and without, are read once and proposed in once.
void FoldRuns::FindSameSources() {
  const std::vector<DataSource>& train = config_.train;
  first_of_.clear();
  for (const DataSource& source : train) {
    const auto first = std::find_if(train.begin(), train.end(), [&](const DataSource& other) {
      return other.path == source.path && other.templates == source.templates &&
             other.covers == source.covers;
    });
    first_of_.push_back(static_cast<size_t>(first - train.begin()));
  }
}

absl::Status FoldRuns::ReadRecords() {
  const auto warn = [this](const std::string& line) { Say("data: " + line); };
  int64_t unusable = 0;
  TypeSet types;
  for (size_t i = 0; i < config_.train.size(); ++i) {
    if (config_.train[i].templates) {
      const auto of_templates = TypesOfTemplates(config_.train[i].path);
      if (!of_templates.ok()) return of_templates.status();
      types |= *of_templates;
      continue;
    }
    if (!HasOutput(i)) continue;
    auto records = ReadSource(config_.train[i], &unusable, warn, OtherFields::Keep);
    if (!records.ok()) return records.status();
    for (LabeledRecord& record : *records) {
      record.proposals.reset();
      for (const LabeledSpan& span : record.spans) types.set(IndexOf(span.type));
      records_.push_back(std::move(record));
      source_of_.push_back(i);
    }
  }
  for (const DataSource& source : config_.dev) {
    auto records = ReadSource(source, &unusable, warn, OtherFields::Keep);
    if (!records.ok()) return records.status();
    dev_.push_back(*std::move(records));
  }
  // All folds learn the same types, also one without a record of a rare one.
  if (config_.types.empty()) {
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (types.test(IndexOf(spec.type))) config_.types.emplace_back(spec.id);
    }
  }
  return absl::OkStatus();
}

absl::Status FoldRuns::ChooseFolds() {
  const auto folds = static_cast<size_t>(options_.folds);
  fold_of_ =
      SplitRecords(records_, std::vector<SplitPart>(folds), static_cast<uint64_t>(config_.seed)).part_of;
  std::vector<int64_t> sizes(folds);
  for (const size_t fold : fold_of_) ++sizes[fold];
  if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("data.train: %d records are too few for %d folds: similar texts count as one",
                        records_.size(), folds));
  }
  std::string line = "folds:";
  for (const int64_t size : sizes) absl::StrAppend(&line, line.back() == ':' ? " " : ", ", size);
  Say(line + " records");
  return absl::OkStatus();
}

// The fold's configuration, with what it learns from written into its folder.
absl::StatusOr<TrainingConfig> FoldRuns::PrepareFold(int64_t fold) {
  TrainingConfig config = config_;
  const fs::path folder = fs::path(config_.output) / absl::StrCat("fold", fold + 1);
  config.output = folder.string();
  config.train.clear();
  std::error_code error;
  if (options_.train.restart) fs::remove_all(folder, error);
  if (absl::Status status = MakeFolder(folder); !status.ok()) return status;
  bool has_records = false;
  for (size_t source = 0; source < config_.train.size(); ++source) {
    if (config_.train[source].templates) {
      config.train.push_back(config_.train[source]);
      continue;
    }
    std::string lines;
    for (size_t i = 0; i < records_.size(); ++i) {
      if (source_of_[i] != first_of_[source] || fold_of_[i] == static_cast<size_t>(fold)) continue;
      LabeledRecord learned = records_[i];
      learned.other_fields.clear();  // nothing that is learned from
      absl::StrAppend(&lines, WriteRecord(learned), "\n");
    }
    if (lines.empty()) continue;  // all its texts are similar, and in this fold
    const fs::path file = folder / absl::StrCat("train.", source + 1, ".jsonl");
    if (fs::exists(file)) {
      if (ContentOf(file) != lines) {
        return absl::FailedPreconditionError(
            absl::StrCat(file.string(),
                         ": this folder holds a fold of other records, or of another number of folds; take "
                         "another output, or --restart to begin anew"));
      }
    } else if (absl::Status status = WriteWholeFile(file, lines); !status.ok()) {
      return status;
    }
    has_records = true;
    DataSource& written = config.train.emplace_back();
    written.path = file.string();
    written.weight = config_.train[source].weight;
    written.swap = config_.train[source].swap;
  }
  if (!has_records)
    return absl::InvalidArgumentError("data.train: all texts are similar, so nothing is left to learn from");
  return config;
}

absl::StatusOr<bool> FoldRuns::TrainFold(const TrainingConfig& config, const std::string& name) {
  const fs::path folder = config.output;
  if (fs::exists(folder / "last" / "config.json") &&
      ContentOf(folder / "config.yaml") == WriteTrainingConfig(config)) {
    Say(name + ": is trained");
    return false;
  }
  TrainOptions options = options_.train;
  options.say = [&](const std::string& line) { Say(absl::StrCat(name, ": ", line)); };
  if (options_.train.progress)
    options.progress = [&](const std::string& line) {
      options_.train.progress(absl::StrCat(name, ": ", line));
    };
  const auto trained = Train(config, options);
  if (!trained.ok())
    return absl::Status(trained.status().code(), absl::StrCat(name, ": ", trained.status().message()));
  return trained->interrupted;
}

absl::Status FoldRuns::ProposeInFold(const TrainingConfig& config, int64_t fold, const std::string& name) {
  ModelFolder model = {fs::path(config.output) / "best", {}};
  if (fs::exists(model.folder / "adapter_config.json")) model.base = config.base_folder;
  TokenModelOptions compute;
  compute.device = config.device;
  compute.precision = config.precision == "bf16" ? Precision::Bf16 : Precision::Fp32;
  compute.threads = static_cast<int>(config.threads);
  const auto stage = LoadRecallStage(model, compute);
  if (!stage.ok()) return stage.status();
  std::vector<LabeledRecord*> unseen;
  for (size_t i = 0; i < records_.size(); ++i) {
    if (fold_of_[i] == static_cast<size_t>(fold)) unseen.push_back(&records_[i]);
  }
  for (std::vector<LabeledRecord>& records : dev_) {
    for (LabeledRecord& record : records) {
      if (fold == 0) unseen.push_back(&record);
    }
  }
  ProposeOptions options;
  options.windows = {static_cast<size_t>(config.max_tokens), static_cast<size_t>(config.overlap_tokens)};
  options.tau = options_.tau;
  options.batch_tokens = config.batch_tokens;
  options.stop = options_.train.stop;
  if (options_.train.progress)
    options.progress = [&](size_t done) {
      options_.train.progress(absl::StrFormat("%s: proposed in %d of %d texts", name, done, unseen.size()));
    };
  return Propose(*stage, options, unseen);
}

// Where each source's proposals will lie, those of data.train before those of data.dev.
std::vector<ProposedFile> FoldRuns::OutputFiles() const {
  std::vector<ProposedFile> files;
  for (size_t source = 0; source < config_.train.size(); ++source) {
    if (HasOutput(source)) {
      files.push_back({NumberedFile(options_.out, absl::StrCat(source + 1)), config_.train[source], false});
      continue;
    }
    for (ProposedFile& file : files) {
      const DataSource& first = config_.train[first_of_[source]];
      if (!config_.train[source].templates && file.source.path == first.path &&
          file.source.covers == first.covers)
        file.source.weight += config_.train[source].weight;
    }
  }
  if (files.size() == 1) files[0].path = options_.out;
  for (size_t source = 0; source < config_.dev.size(); ++source) {
    files.push_back(
        {NumberedFile(options_.out, config_.dev.size() == 1 ? "dev" : absl::StrCat("dev.", source + 1)),
         config_.dev[source], true});
  }
  return files;
}

absl::Status FoldRuns::CheckOutput() const {
  std::vector<std::string> inputs, outputs;
  for (const std::vector<DataSource>* sources : {&config_.train, &config_.dev}) {
    for (const DataSource& source : *sources) {
      const auto files = source.templates ? TextFilesOf(source.path) : std::vector<std::string>{source.path};
      if (!files.ok()) return files.status();
      inputs.insert(inputs.end(), files->begin(), files->end());
    }
  }
  for (const ProposedFile& file : OutputFiles()) outputs.push_back(file.path);
  return CheckFiles(inputs, outputs);
}

absl::Status FoldRuns::WriteOut(FoldResult* result) const {
  result->files = OutputFiles();
  auto file = result->files.begin();
  for (size_t source = 0; source < config_.train.size(); ++source) {
    if (!HasOutput(source)) continue;
    std::string lines;
    for (size_t i = 0; i < records_.size(); ++i) {
      if (source_of_[i] == source) absl::StrAppend(&lines, WriteRecord(records_[i]), "\n");
    }
    if (absl::Status status = WriteWholeFile((file++)->path, lines); !status.ok()) return status;
  }
  for (const std::vector<LabeledRecord>& records : dev_) {
    std::string lines;
    for (const LabeledRecord& record : records) absl::StrAppend(&lines, WriteRecord(record), "\n");
    if (absl::Status status = WriteWholeFile((file++)->path, lines); !status.ok()) return status;
  }
  result->counts = CountProposals(records_);
  return absl::OkStatus();
}

absl::StatusOr<FoldResult> FoldRuns::Go() {
  FindSameSources();
  if (absl::Status status = CheckOutput(); !status.ok()) return status;
  if (absl::Status status = ReadRecords(); !status.ok()) return status;
  FoldResult result;
  result.interrupted = Stopped();
  if (result.interrupted) return result;
  if (absl::Status status = ChooseFolds(); !status.ok()) return status;
  if (absl::Status status = MakeFolder(config_.output); !status.ok()) return status;
  // Beside the lock of a run that has the folder itself: folds lie below it.
  const auto lock = FileLock::Take(fs::path(config_.output) / "folds.lock");
  if (!lock.ok()) return lock.status();
  std::vector<TrainingConfig> configs;  // of all folds before any has proposed: none learns from proposals
  for (int64_t fold = 0; fold < options_.folds; ++fold) {
    auto config = PrepareFold(fold);
    if (!config.ok()) return config.status();
    configs.push_back(*std::move(config));
  }
  for (int64_t fold = 0; fold < options_.folds; ++fold) {
    const std::string name = absl::StrFormat("fold %d of %d", fold + 1, options_.folds);
    const TrainingConfig& config = configs[static_cast<size_t>(fold)];
    const auto interrupted = TrainFold(config, name);
    result.interrupted = absl::IsCancelled(interrupted.status());
    if (result.interrupted) return result;
    if (!interrupted.ok()) return interrupted.status();
    result.interrupted = *interrupted || Stopped();
    if (result.interrupted) return result;
    absl::Status proposed = ProposeInFold(config, fold, name);
    result.interrupted = absl::IsCancelled(proposed);
    if (result.interrupted) return result;
    if (!proposed.ok()) return proposed;
  }
  if (absl::Status status = WriteOut(&result); !status.ok()) return status;
  return result;
}

}  // namespace

absl::StatusOr<FoldResult> ProposeInFolds(const TrainingConfig& config, const FoldOptions& options) {
  if (options.folds < 2 || options.folds > kMostFolds) {
    return absl::InvalidArgumentError(
        absl::StrCat("--folds: must lie between 2 and ", kMostFolds,
                     ": each text is read by a model that learned from the other folds"));
  }
  if (absl::Status status = CheckTrainingConfig(config); !status.ok()) return status;
  const auto place = ProcessPlaceOf([](const char* name) { return std::getenv(name); });
  if (!place.ok()) return place.status();
  if (place->count > 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("WORLD_SIZE: asks for ", place->count,
                     " processes; folds are trained by one, so start it without torchrun"));
  }
  if (absl::Status status = CheckBaseFolder(config); !status.ok()) return status;
  if (options.train.say && !config.base_folder.empty() && WasTrainedToFindEntities(config.base_folder)) {
    options.train.say(absl::StrCat(
        "base.folder: ", config.base_folder,
        ": was trained to find entities; where it learned from these texts, its folds err less in them than "
        "stage 1 will on new text. Take the folder that it started from"));
  }
  return FoldRuns(config, options).Go();
}

}  // namespace privet
