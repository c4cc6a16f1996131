#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/display.h"
#include "cli/find_files.h"
#include "cli/policy_flags.h"
#include "cli/scan_files.h"

namespace privet {
namespace {

struct ScanFlags {
  PolicyFlags policy;
  std::vector<std::string> paths, include, exclude;
  std::string fail_on = "none";
  bool json = false, locations = false;
};

using Counts = std::array<uint64_t, kEntityTypeCount>;

uint64_t Sum(const Counts& counts) {
  uint64_t sum = 0;
  for (const uint64_t count : counts) sum += count;
  return sum;
}

struct FileResult {
  explicit FileResult(const FoundFile& file) : path(file.path.string()), bytes(file.bytes) {}
  explicit FileResult(const UnreadPath& unread) : path(unread.path.string()), error(unread.reason) {}

  std::string path;
  uint64_t bytes = 0;
  Counts counts{};
  std::string error;
  nlohmann::ordered_json locations = nlohmann::ordered_json::array();
};

// A line on stderr with share, rate and time left; nothing when stderr is no terminal.
class Progress {
 public:
  explicit Progress(uint64_t total) : total_(total), shown_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
  }

  void Show(uint64_t done, const std::string& path) {
    constexpr absl::Duration kBetween = absl::Milliseconds(100);
    if (!shown_ || absl::Now() - last_ < kBetween) return;
    last_ = absl::Now();
    const double seconds = absl::ToDoubleSeconds(last_ - begin_);
    const double rate = static_cast<double>(done) / std::max(seconds, 1e-3);
    const double left = rate > 0 ? static_cast<double>(total_ - std::min(done, total_)) / rate : 0;
    constexpr size_t kShownPath = 40;
    const std::string tail = path.size() > kShownPath ? "…" + path.substr(path.size() - kShownPath) : path;
    std::cerr << absl::StrFormat(
                     "\r\033[Kscan %3.0f%%  %.1f MB/s  %.0f s left  %s",
                     100.0 * static_cast<double>(done) / static_cast<double>(std::max<uint64_t>(total_, 1)),
                     rate / 1e6, left, tail)
              << std::flush;
  }

 private:
  uint64_t total_;
  bool shown_;
  absl::Time begin_ = absl::Now(), last_ = absl::InfinitePast();
};

nlohmann::ordered_json ToJson(const Counts& counts) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const EntityTypeSpec& type : Taxonomy()) {
    if (counts[IndexOf(type.type)] > 0) json[std::string(type.id)] = counts[IndexOf(type.type)];
  }
  return json;
}

absl::StatusOr<TypeSet> ParseFailOn(const std::string& fail_on) {
  TypeSet types;
  if (fail_on == "none") return types;
  if (fail_on == "any") return AllTypes();
  for (const std::string& id : std::vector<std::string>(absl::StrSplit(fail_on, ','))) {
    const std::optional<EntityType> type = FindEntityType(id);
    if (!type.has_value())
      return absl::InvalidArgumentError(
          absl::StrCat("--fail-on: '", id, "' is neither none, any nor an entity type", EntityTypeHint(id)));
    types.set(IndexOf(*type));
  }
  return types;
}

// What was found so far. Filled in the order of files and pieces, never twice at once.
class Report {
 public:
  explicit Report(const ScanFlags& flags) : flags_(flags) {}

  void Count(const FilePiece& piece, const std::string& text, const absl::StatusOr<Detection>& detection,
             FileResult* file) const {
    if (!detection.ok()) {
      if (file->error.empty())
        file->error = absl::StrCat("line ", piece.line, ": ", detection.status().message());
      return;
    }
    if (detection->truncated && file->error.empty())
      file->error =
          absl::StrCat("from line ", piece.line, " on there is more than was counted; raise --max-findings");
    for (const Finding& finding : detection->findings) {
      if (finding.span.begin < piece.counted.begin || finding.span.begin >= piece.counted.end) continue;
      ++file->counts[IndexOf(finding.type)];
      if (!flags_.locations) continue;
      const auto counted = text.begin() + static_cast<ptrdiff_t>(piece.counted.begin);
      const auto at = text.begin() + static_cast<ptrdiff_t>(finding.span.begin);
      nlohmann::ordered_json location = {{"type", IdOf(finding.type)}, {"score", finding.score}};
      location["line"] = piece.line + static_cast<size_t>(std::count(counted, at, '\n'));
      if (!piece.column.empty()) location["column"] = piece.column;
      file->locations.push_back(std::move(location));
    }
  }

  void SkipBinary(const FoundFile& file) {
    ++binaries_;
    bytes_ += file.bytes;
  }

  void SkipLink(const std::filesystem::path& folder) {
    ++links_;
    std::cerr << "privet: " << folder.string() << ": a link to a folder, not followed; name it to scan it\n";
  }

  void Add(FileResult file) {
    ++files_;
    bytes_ += file.bytes;
    if (!file.error.empty()) {
      ++failed_;
      std::cerr << "privet: " << file.path << ": " << file.error << "\n";
    }
    for (size_t i = 0; i < totals_.size(); ++i) {
      totals_[i] += file.counts[i];
      files_with_[i] += file.counts[i] > 0 ? 1 : 0;
    }
    if (flags_.json) {
      nlohmann::ordered_json json = {
          {"path", file.path}, {"bytes", file.bytes}, {"findings", ToJson(file.counts)}};
      if (flags_.locations) json["locations"] = std::move(file.locations);
      if (!file.error.empty()) json["error"] = file.error;
      json_files_.push_back(std::move(json));
    } else if (Sum(file.counts) > 0) {
      std::string line = file.path + ":";
      for (const EntityTypeSpec& type : Taxonomy()) {
        const uint64_t count = file.counts[IndexOf(type.type)];
        if (count > 0) absl::StrAppend(&line, " ", std::string(type.id), " ", count);
      }
      std::cout << line << "\n" << std::flush;
    }
  }

  uint64_t bytes() const { return bytes_; }  // of files that are done

  void Print(double seconds) const {
    if (flags_.json) {
      std::cout << nlohmann::ordered_json({{"files", json_files_},
                                           {"totals", ToJson(totals_)},
                                           {"scanned_files", files_},
                                           {"skipped_binary_files", binaries_},
                                           {"skipped_linked_folders", links_},
                                           {"failed_files", failed_},
                                           {"bytes", bytes_},
                                           {"seconds", seconds}})
                       .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                << "\n";
      return;
    }
    std::vector<std::vector<std::string>> rows = {{"type", "found", "files"}};
    for (const EntityTypeSpec& type : Taxonomy()) {
      const size_t i = IndexOf(type.type);
      if (totals_[i] > 0)
        rows.push_back({std::string(type.id), absl::StrCat(totals_[i]), absl::StrCat(files_with_[i])});
    }
    if (rows.size() > 1) std::cout << "\n" << Table(rows, UseColor(ColorMode::Auto));
    const double megabytes = static_cast<double>(bytes_) / 1e6;
    std::cout << absl::StrFormat(
        "\n%u found in %u files, %u binary files and %u linked folders skipped, %u failed; %.1f MB in %.1f s "
        "(%.1f MB/s)\n",
        Sum(totals_), files_, binaries_, links_, failed_, megabytes, seconds,
        megabytes / std::max(seconds, 1e-6));
  }

  ExitCode Verdict(const TypeSet& fail_on) const {
    if (failed_ > 0) return kFailed;
    for (size_t i = 0; i < totals_.size(); ++i) {
      if (totals_[i] > 0 && fail_on.test(i)) return kFound;
    }
    return kNothingFound;
  }

 private:
  const ScanFlags& flags_;
  Counts totals_{}, files_with_{};
  size_t files_ = 0, binaries_ = 0, links_ = 0, failed_ = 0;
  uint64_t bytes_ = 0;
  nlohmann::ordered_json json_files_ = nlohmann::ordered_json::array();
};

int RunScan(const ScanFlags& flags) {
  const absl::StatusOr<TypeSet> fail_on = ParseFailOn(flags.fail_on);
  if (!fail_on.ok()) return Fail(fail_on.status());
  const absl::StatusOr<std::unique_ptr<Backend>> backend = flags.policy.NewBackend();
  if (!backend.ok()) return Fail(backend.status());
  const absl::StatusOr<FoundFiles> found = FindFiles(flags.paths, flags.include, flags.exclude);
  if (!found.ok()) return Fail(found.status());

  uint64_t total_bytes = 0;
  for (const FoundFile& file : found->files) total_bytes += file.bytes;
  Report report(flags);
  for (const std::filesystem::path& folder : found->linked_folders) report.SkipLink(folder);
  for (const UnreadPath& unread : found->unread) report.Add(FileResult(unread));
  const absl::Time begin = absl::Now();
  {
    Progress progress(total_bytes);
    for (const FoundFile& file : found->files) {
      const FileKind kind = KindOf(file.path);
      if (kind == FileKind::Binary) {
        (*backend)->InTurn([&report, &file] { report.SkipBinary(file); });
        continue;
      }
      const auto result = std::make_shared<FileResult>(file);
      const absl::Status read = ReadPieces(file.path, kind, [&](FilePiece piece, uint64_t read_so_far) {
        std::string text = std::exchange(piece.text, {});
        (*backend)->Detect(std::move(text),
                           [&report, &progress, result, read_so_far, piece = std::move(piece)](
                               const std::string& back, const auto& detection) {
                             report.Count(piece, back, detection, result.get());
                             progress.Show(report.bytes() + read_so_far, result->path);
                           });
      });
      (*backend)->InTurn([&report, result, read] {
        if (!read.ok()) result->error = std::string(read.message());
        report.Add(std::move(*result));
      });
    }
    (*backend)->Finish();
  }
  report.Print(absl::ToDoubleSeconds(absl::Now() - begin));
  return report.Verdict(*fail_on);
}

}  // namespace

Command AddScan(CLI::App* app) {
  auto flags = std::make_shared<ScanFlags>();
  CLI::App* command = app->add_subcommand("scan", "count personal data in files and folders");
  command->add_option("paths", flags->paths, "files and folders: plain text, CSV, JSON Lines")->required();
  command->add_option("--include", flags->include, "only files whose name matches this glob; may repeat")
      ->allow_extra_args(false);
  command
      ->add_option("--exclude", flags->exclude,
                   "no files or folders whose name matches this glob; may repeat")
      ->allow_extra_args(false);
  command
      ->add_option("--fail-on", flags->fail_on,
                   "exit with 1 when something was found: none, any or TYPE,TYPE")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "write one JSON object");
  command->add_flag("--locations", flags->locations, "with --json: line and column of every finding");
  flags->policy.AddTo(command);
  return [flags] { return RunScan(*flags); };
}

}  // namespace privet
