#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/display.h"
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

// Looks at the pieces of one file, several at once.
class FileScan {
 public:
  FileScan(Backend* backend, bool locations, FileResult* result)
      : backend_(backend), locations_(locations), result_(result) {}

  void Add(FilePiece piece) {
    bytes_ += piece.text.size();
    pieces_.push_back(std::move(piece));
    constexpr size_t kMostPieces = 2000, kMostBytes = 2 << 20;
    if (pieces_.size() >= kMostPieces || bytes_ >= kMostBytes) Flush();
  }

  void Flush() {
    std::vector<std::string> texts;
    for (const FilePiece& piece : pieces_) texts.push_back(piece.text);
    const std::vector<absl::StatusOr<Detection>> results = backend_->Detect(texts);
    for (size_t i = 0; i < results.size(); ++i) {
      if (!results[i].ok()) {
        if (result_->error.empty())
          result_->error = absl::StrCat("line ", pieces_[i].line, ": ", results[i].status().message());
        continue;
      }
      for (const Finding& finding : results[i]->findings) Count(pieces_[i], finding);
    }
    pieces_.clear();
    bytes_ = 0;
  }

 private:
  void Count(const FilePiece& piece, const Finding& finding) {
    if (finding.span.begin < piece.label_bytes) return;  // in the column's name
    ++result_->counts[IndexOf(finding.type)];
    if (!locations_) return;
    const auto begin = piece.text.begin();
    const auto at = begin + static_cast<ptrdiff_t>(finding.span.begin);
    nlohmann::ordered_json location = {{"type", IdOf(finding.type)}, {"score", finding.score}};
    location["line"] = piece.line + static_cast<size_t>(std::count(begin, at, '\n'));
    if (!piece.column.empty()) location["column"] = piece.column;
    result_->locations.push_back(std::move(location));
  }

  Backend* backend_;
  bool locations_;
  FileResult* result_;
  std::vector<FilePiece> pieces_;
  size_t bytes_ = 0;
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
  for (const auto& id : absl::StrSplit(fail_on, ',')) {
    const std::optional<EntityType> type = FindEntityType(std::string(id));
    if (!type.has_value())
      return absl::InvalidArgumentError(
          absl::StrCat("--fail-on: '", id, "' is neither none, any nor an entity type"));
    types.set(IndexOf(*type));
  }
  return types;
}

int RunScan(const ScanFlags& flags) {
  const absl::StatusOr<TypeSet> fail_on = ParseFailOn(flags.fail_on);
  if (!fail_on.ok()) return Fail(fail_on.status());
  const absl::StatusOr<std::unique_ptr<Backend>> backend = flags.policy.NewBackend();
  if (!backend.ok()) return Fail(backend.status());
  std::vector<FoundFile> files;
  if (absl::Status status = FindFiles(flags.paths, flags.include, flags.exclude, &files); !status.ok())
    return Fail(status);

  uint64_t total_bytes = 0, done_bytes = 0;
  for (const FoundFile& file : files) total_bytes += file.bytes;
  size_t binaries = 0, failed = 0;
  Counts totals{}, files_with{};
  nlohmann::ordered_json json_files = nlohmann::ordered_json::array();
  const absl::Time begin = absl::Now();
  {
    Progress progress(total_bytes);
    for (const FoundFile& file : files) {
      const FileKind kind = KindOf(file.path);
      if (kind == FileKind::Binary) {
        ++binaries;
        done_bytes += file.bytes;
        continue;
      }
      FileResult result;
      result.path = file.path.string();
      result.bytes = file.bytes;
      FileScan scan(backend->get(), flags.locations, &result);
      const absl::Status read = ReadPieces(file.path, kind, [&](FilePiece piece, uint64_t read_so_far) {
        scan.Add(std::move(piece));
        progress.Show(done_bytes + read_so_far, result.path);
      });
      scan.Flush();
      if (!read.ok()) result.error = std::string(read.message());
      done_bytes += file.bytes;
      if (!result.error.empty()) {
        ++failed;
        std::cerr << "privet: " << result.path << ": " << result.error << "\n";
      }
      for (size_t i = 0; i < totals.size(); ++i) {
        totals[i] += result.counts[i];
        files_with[i] += result.counts[i] > 0 ? 1 : 0;
      }
      nlohmann::ordered_json json = {
          {"path", result.path}, {"bytes", result.bytes}, {"findings", ToJson(result.counts)}};
      if (flags.locations) json["locations"] = std::move(result.locations);
      if (!result.error.empty()) json["error"] = result.error;
      if (flags.json) {
        json_files.push_back(std::move(json));
      } else if (Sum(result.counts) > 0) {
        std::string line = result.path + ":";
        for (const EntityTypeSpec& type : Taxonomy()) {
          const uint64_t count = result.counts[IndexOf(type.type)];
          if (count > 0) absl::StrAppend(&line, " ", std::string(type.id), " ", count);
        }
        std::cout << line << "\n";
      }
    }
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  const double rate = static_cast<double>(done_bytes) / 1e6 / std::max(seconds, 1e-6);
  if (flags.json) {
    std::cout << nlohmann::ordered_json({{"files", json_files},
                                         {"totals", ToJson(totals)},
                                         {"scanned_files", files.size() - binaries},
                                         {"skipped_binary_files", binaries},
                                         {"failed_files", failed},
                                         {"bytes", done_bytes},
                                         {"seconds", seconds}})
                     .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
              << "\n";
  } else {
    std::vector<std::vector<std::string>> rows = {{"type", "found", "files"}};
    for (const EntityTypeSpec& type : Taxonomy()) {
      const size_t i = IndexOf(type.type);
      if (totals[i] > 0)
        rows.push_back({std::string(type.id), absl::StrCat(totals[i]), absl::StrCat(files_with[i])});
    }
    if (rows.size() > 1) std::cout << "\n" << Table(rows, UseColor(ColorMode::Auto));
    std::cout << absl::StrFormat(
        "\n%u found in %u files, %u binary files skipped, %u failed; %.1f MB in %.1f s (%.1f MB/s)\n",
        Sum(totals), files.size() - binaries, binaries, failed, static_cast<double>(done_bytes) / 1e6,
        seconds, rate);
  }
  if (failed > 0) return kFailed;
  for (size_t i = 0; i < totals.size(); ++i) {
    if (totals[i] > 0 && fail_on->test(i)) return kFound;
  }
  return kNothingFound;
}

}  // namespace

Command AddScan(CLI::App* app) {
  auto flags = std::make_shared<ScanFlags>();
  CLI::App* command = app->add_subcommand("scan", "count personal data in files and folders");
  command->add_option("paths", flags->paths, "files and folders: plain text, CSV, JSON Lines")->required();
  command->add_option("--include", flags->include, "only files whose name matches this glob; may repeat");
  command->add_option("--exclude", flags->exclude,
                      "no files or folders whose name matches this glob; may repeat");
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
