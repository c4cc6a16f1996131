#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/absl_view.h"
#include "training/commands.h"
#include "training/count_range.h"
#include "training/data/output_file.h"
#include "training/data/record_reader.h"
#include "training/data/synthesis/synthesizer.h"
#include "training/data/synthesis/text_files.h"
#include "training/type_names.h"

namespace privet {
namespace {

struct SynthesizeFlags {
  std::vector<std::string> templates, documents, swap, types;
  uint64_t count = 0, seed = 1, epoch = 0;
  double swap_share = SynthesizerOptions().swap_share;
  std::string lists;
  std::string out = "-";
};

// Appends the records of the file. One that cannot be used is listed on stderr, and left out.
absl::Status ReadAnnotated(const std::string& path, std::vector<LabeledRecord>* records) {
  auto file = ReadRecordFile(path);
  if (!file.ok()) return file.status();
  for (size_t i = 0; i < std::min(file->unusable.size(), kMostFaultsListed); ++i)
    std::cerr << "trainer: left out " << file->unusable[i].origin << ": " << file->unusable[i].reason << "\n";
  if (file->unusable_count > 0)
    std::cerr << "trainer: " << path << ": " << file->unusable_count << " records left out\n";
  std::move(file->records.begin(), file->records.end(), std::back_inserter(*records));
  return absl::OkStatus();
}

// What was written, by type: how many spans, and how many different values they hold.
struct TypeCount {
  uint64_t spans = 0;
  absl::flat_hash_set<size_t> values;  // hashes
};

class Progress {
 public:
  explicit Progress(uint64_t count) : count_(count), shown_(isatty(STDERR_FILENO) != 0) {}

  void Show(uint64_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    std::cerr << absl::StrFormat("\rsynthesize %d/%d  %.0f records/s ", done, count_, Rate(done))
              << std::flush;
  }
  void Clear() const {
    if (shown_) std::cerr << "\r\033[K";
  }
  double Rate(uint64_t done) const {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    return static_cast<double>(done) / std::max(seconds.count(), 1e-9);
  }

 private:
  uint64_t count_;
  bool shown_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_ = start_;
};

void PrintSummary(uint64_t records, uint64_t bytes, double rate, const std::vector<TypeCount>& counts) {
  std::cerr << absl::StrFormat("%d records, %.1f MB of text, %.0f records/s\n", records,
                               static_cast<double>(bytes) / 1e6, rate);
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const TypeCount& count = counts[IndexOf(spec.type)];
    if (count.spans == 0) continue;
    std::cerr << absl::StrFormat("  %-20s %9d spans %9d different\n", AbslView(spec.id), count.spans,
                                 count.values.size());
  }
}

// As far as `out` can be written, which is the caller's to look at.
void Write(const Synthesizer& synthesizer, const SynthesizeFlags& flags, std::ostream& out) {
  const uint64_t count = flags.count > 0 ? flags.count : synthesizer.size();
  std::vector<TypeCount> counts(kEntityTypeCount);
  uint64_t bytes = 0;
  Progress progress(count);
  for (uint64_t index = 0; index < count; ++index) {
    const LabeledRecord record = synthesizer.Draw(flags.seed, flags.epoch, index);
    if (!(out << WriteRecord(record) << "\n")) break;
    bytes += record.text.size();
    for (const LabeledSpan& span : record.spans) {
      TypeCount& type = counts[IndexOf(span.type)];
      ++type.spans;
      type.values.insert(std::hash<std::string_view>()(
          std::string_view(record.text).substr(span.span.begin, span.span.size())));
    }
    progress.Show(index + 1);
  }
  progress.Clear();
  if (out.flush()) PrintSummary(count, bytes, progress.Rate(count), counts);
}

// Of lists and snippets those in folders, too.
absl::StatusOr<std::vector<std::string>> InputsOf(const SynthesizerOptions& options,
                                                  const std::vector<std::string>& swap) {
  std::vector<std::string> inputs = swap, paths = options.templates;
  if (options.lists.has_value()) paths.push_back(*options.lists);
  for (const std::string& path : paths) {
    const auto files = TextFilesOf(path);
    if (!files.ok()) return files.status();
    inputs.insert(inputs.end(), files->begin(), files->end());
  }
  return inputs;
}

absl::Status Synthesize(const SynthesizeFlags& flags) {
  SynthesizerOptions options;
  options.templates = flags.templates;
  options.templates.insert(options.templates.end(), flags.documents.begin(), flags.documents.end());
  options.swap_share = flags.swap_share;
  if (!flags.lists.empty()) options.lists = flags.lists;
  const absl::StatusOr<TypeSet> types = ParseTypes(flags.types, "--types");
  if (!types.ok()) return types.status();
  if (!flags.types.empty()) options.types = *types;
  const auto inputs = InputsOf(options, flags.swap);
  if (!inputs.ok()) return inputs.status();
  std::vector<std::string> outputs;
  if (flags.out != "-") outputs.push_back(flags.out);
  if (absl::Status status = CheckFiles(*inputs, outputs); !status.ok()) return status;
  for (const std::string& path : flags.swap) {
    if (absl::Status read = ReadAnnotated(path, &options.annotated); !read.ok()) return read;
  }
  const absl::StatusOr<std::unique_ptr<const Synthesizer>> synthesizer =
      Synthesizer::Load(std::move(options));
  if (!synthesizer.ok()) return synthesizer.status();
  if (flags.out == "-") {
    Write(**synthesizer, flags, std::cout);
    return std::cout ? absl::OkStatus() : absl::UnavailableError("standard output: cannot be written");
  }
  return WriteWholeFile(flags.out, [&](std::ostream& out) {
    Write(**synthesizer, flags, out);
    return absl::OkStatus();
  });
}

}  // namespace

TrainerCommand AddDataSynthesize(CLI::App* data) {
  auto flags = std::make_shared<SynthesizeFlags>();
  CLI::App* command =
      data->add_subcommand("synthesize", "fill snippets and documents, and swap names in annotated records");
  command->add_option("--templates", flags->templates, "files of snippets with {SLOTS}, or folders of them");
  command->add_option("--documents", flags->documents, "files of documents with [[TYPE|value]] and {SLOTS}");
  command->add_option("--swap", flags->swap, "JSON Lines of annotated records to put other names into");
  command
      ->add_option("--swap-share", flags->swap_share,
                   "share of entities to replace in documents and annotated records")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--count", flags->count, "records to write; 0: every line once")
      ->check(CountRange())
      ->capture_default_str();
  command->add_option("--seed", flags->seed, "what all draws depend on")
      ->check(CountRange())
      ->capture_default_str();
  command->add_option("--epoch", flags->epoch, "another order and other values for the same seed")
      ->check(CountRange())
      ->capture_default_str();
  command->add_option("--types", flags->types, "types to label (PERSON,...); the others are left unmarked")
      ->delimiter(',');
  command->add_option("--lists", flags->lists,
                      "folder of lists, each in place of the built-in list of its name");
  command->add_option("--out", flags->out, "file to write; - for stdout")->capture_default_str();
  return [flags] {
    const absl::Status done = Synthesize(*flags);
    return done.ok() ? kTrainerDone : TrainerFail(done);
  };
}

}  // namespace privet
