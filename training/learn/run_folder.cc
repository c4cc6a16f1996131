#include "training/learn/run_folder.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "qwen3/tokenizer_files.h"
#include "training/data/output_file.h"
#include "training/learn/whole_folder.h"

namespace privet {
namespace {

constexpr const char* kLog = "log.jsonl";
constexpr const char* kConfig = "config.yaml";

// What a run makes but config.yaml, which the next one replaces.
absl::Status RemoveRun(const std::filesystem::path& folder, const TrainingConfig& config) {
  for (const auto& [key, base] :
       {std::pair("base.folder", &config.base_folder), std::pair("base.tokenizer", &config.base_tokenizer)}) {
    const std::filesystem::path inside = std::filesystem::path(*base).lexically_relative(folder);
    if (inside.empty() || (*inside.begin() != "best" && *inside.begin() != "last")) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(key, ": ", *base, ": is what --restart would remove; take another output"));
  }
  std::vector<std::filesystem::path> made;
  for (const char* const name : {"checkpoints", "best", "best.tmp", "last", "last.tmp", kLog})
    made.push_back(folder / name);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (EventFile::IsNamedAsOne(entry.path().filename().string())) made.push_back(entry.path());
  }
  for (const std::filesystem::path& path : made) {
    std::filesystem::remove_all(path, error);
    if (error)
      return absl::UnavailableError(absl::StrCat(path.string(), ": cannot be removed: ", error.message()));
  }
  return absl::OkStatus();
}

// A run whose first step failed, for want of memory for example, has left nothing that another would spoil.
bool HoldsRun(const std::filesystem::path& folder) {
  std::error_code error;
  for (const char* const name : {"checkpoints", "best", "last"}) {
    if (std::filesystem::exists(folder / name, error)) return true;
  }
  const std::uintmax_t logged = std::filesystem::file_size(folder / kLog, error);
  return !error && logged > 0;
}

}  // namespace

// A run that goes on may be told anew where it lies, where it looks from and how often.
absl::Status RunFolder::CheckGoesOn(const TrainingConfig& config) {
  const std::filesystem::path folder = config.output, file = folder / kConfig;
  if (!HoldsRun(folder)) return absl::OkStatus();
  TrainingConfig old = config;
  if (const absl::Status read = ReadTrainingConfig(file.string(), &old); !read.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(read.message(),
                     "; there is a run, but not what it was started with: take another output, or "
                     "--restart to begin anew"));
  }
  old.output = config.output;
  old.evaluate_every = config.evaluate_every;
  old.checkpoint_every = config.checkpoint_every;
  old.keep_checkpoints = config.keep_checkpoints;
  old.patience = config.patience;
  old.threads = config.threads;
  const std::string difference = FirstDifference(old, config);
  if (difference.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(file.string(), ": this folder holds a run with another configuration: ", difference,
                   "; take another output, or --restart to begin anew"));
}

absl::StatusOr<RunFolder> RunFolder::Open(const TrainingConfig& config, bool restart) {
  std::filesystem::path path = config.output;
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return absl::UnavailableError(absl::StrCat(path.string(), ": cannot be made: ", error.message()));
  auto lock = FileLock::Take(path / "run.lock");
  if (!lock.ok()) return lock.status();
  if (absl::Status status = restart ? RemoveRun(path, config) : CheckGoesOn(config); !status.ok())
    return status;
  if (absl::Status status = WriteWholeFile(path / kConfig, WriteTrainingConfig(config)); !status.ok())
    return status;
  std::ofstream log(path / kLog, std::ios::app);
  auto events = EventFile::Create(path);
  if (!events.ok()) return events.status();
  return RunFolder(std::move(path), *std::move(lock), std::move(log), *std::move(events));
}

void RunFolder::Log(std::string_view line) {
  log_ << line << '\n' << std::flush;
  events_.Flush();
}

absl::Status RunFolder::SaveModel(const char* name, const TrainableModel& model,
                                  const std::filesystem::path& tokenizer_folder) const {
  const std::filesystem::path place = path_ / name;
  const std::filesystem::path temporary = place.string() + ".tmp";
  std::error_code error;
  std::filesystem::remove_all(temporary, error);
  if (absl::Status status = model.Save(temporary); !status.ok()) return status;
  for (const char* const file : kTokenizerFiles) {
    if (!std::filesystem::exists(tokenizer_folder / file, error)) continue;
    absl::Status copied = CopyWholeFile(tokenizer_folder / file, temporary / file);
    if (!copied.ok()) return copied;
  }
  return TakePlace(temporary, place);
}

}  // namespace privet
