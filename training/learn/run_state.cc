#include "training/learn/run_state.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "qwen3/safetensors.h"
#include "training/learn/whole_folder.h"

namespace privet {
namespace {

constexpr const char* kPrefix = "step-";
constexpr const char* kProgress = "progress.json";

struct Checkpoint {
  int64_t step = 0;
  std::filesystem::path folder;
};

std::filesystem::path FolderOf(const std::filesystem::path& run, int64_t step) {
  return run / "checkpoints" / absl::StrFormat("%s%08d", kPrefix, step);
}

// The newest first.
std::vector<Checkpoint> Checkpoints(const std::filesystem::path& run) {
  std::vector<Checkpoint> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints", ignored)) {
    const std::string name = entry.path().filename().string();
    int64_t step = 0;
    if (name.starts_with(kPrefix) && absl::SimpleAtoi(name.substr(std::strlen(kPrefix)), &step))
      found.push_back({step, entry.path()});
  }
  std::sort(found.begin(), found.end(),
            [](const Checkpoint& a, const Checkpoint& b) { return a.step > b.step; });
  return found;
}

absl::Status WriteProgress(const std::filesystem::path& folder, const RunProgress& progress) {
  nlohmann::ordered_json positions = nlohmann::ordered_json::array();
  for (const SourcePosition& at : progress.positions)
    positions.push_back({{"pass", at.pass}, {"next", at.next}, {"tokens_drawn", at.tokens_drawn}});
  const nlohmann::ordered_json json = {{"step", progress.step},
                                       {"positions", positions},
                                       {"best_metric", progress.best_metric},
                                       {"best_tie_break", progress.best_tie_break},
                                       {"best_step", progress.best_step},
                                       {"evaluations_without_better", progress.evaluations_without_better},
                                       {"data", progress.data},
                                       {"finished", progress.finished}};
  const std::filesystem::path file = folder / kProgress, partial = file.string() + ".tmp";
  std::ofstream out(partial);
  out << json.dump(2) << "\n" << std::flush;
  if (!out)
    return absl::UnavailableError(absl::StrCat(partial.string(), ": cannot be written; is the disk full?"));
  out.close();
  if (absl::Status status = SyncToDisk(partial); !status.ok()) return status;
  std::error_code error;
  std::filesystem::rename(partial, file, error);
  if (error) return absl::UnavailableError(absl::StrCat(file.string(), ": ", error.message()));
  return absl::OkStatus();
}

absl::StatusOr<RunProgress> ReadProgress(const std::filesystem::path& file) {
  std::ifstream in(file);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  RunProgress progress;
  try {
    progress.step = json.at("step").get<int64_t>();
    for (const nlohmann::json& at : json.at("positions")) {
      progress.positions.push_back(
          {at.at("pass").get<int64_t>(), at.at("next").get<int64_t>(), at.at("tokens_drawn").get<int64_t>()});
    }
    progress.best_metric = json.at("best_metric").get<double>();
    progress.best_tie_break = json.value("best_tie_break", -1.0);  // of before it was written
    progress.best_step = json.at("best_step").get<int64_t>();
    progress.evaluations_without_better = json.at("evaluations_without_better").get<int64_t>();
    progress.data = json.value("data", uint64_t{0});  // of before it was written: unlike any
    progress.finished = json.value("finished", false);
  } catch (const nlohmann::json::exception&) {
    return absl::DataLossError(absl::StrCat(kProgress, " is not what a run wrote"));
  }
  return progress;
}

// DATA_LOSS where the files are damaged.
absl::StatusOr<RunProgress> LoadCheckpoint(const std::filesystem::path& checkpoint,
                                           const NamedTensors& tensors) {
  absl::StatusOr<RunProgress> progress = ReadProgress(checkpoint / kProgress);
  if (!progress.ok()) return progress;
  const auto file = SafetensorsFolder::Open(checkpoint, "state");
  if (!file.ok()) return absl::DataLossError(file.status().message());
  const at::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : tensors) {
    const TensorRef* const stored = (*file)->Find(name);
    if (stored == nullptr || stored->shape != tensor.sizes().vec() || stored->dtype != TensorDtype::F32) {
      return absl::FailedPreconditionError(
          absl::StrCat(checkpoint.string(), ": belongs to another model (", name,
                       "); take another output folder, or --restart to begin anew"));
    }
    at::Tensor value = at::Tensor(tensor.detach()).to(at::kCPU).contiguous();
    ReadAsFloat(*stored, value.mutable_data_ptr<float>());
    if (!tensor.is_cpu() || !tensor.is_contiguous()) tensor.detach().copy_(value);
  }
  return progress;
}

}  // namespace

absl::Status SaveCheckpoint(const std::filesystem::path& run, const RunProgress& progress,
                            const NamedTensors& tensors, int64_t keep) {
  const std::filesystem::path folder = FolderOf(run, progress.step);
  const std::filesystem::path temporary = folder.string() + ".tmp";
  std::error_code error;
  std::filesystem::remove_all(temporary, error);
  std::filesystem::create_directories(temporary, error);
  if (error)
    return absl::UnavailableError(absl::StrCat(temporary.string(), ": cannot be made: ", error.message()));

  std::vector<at::Tensor> values;
  std::vector<FloatTensor> floats;
  for (const auto& [name, tensor] : tensors) {
    values.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    floats.push_back({name, values.back().sizes().vec(), values.back().const_data_ptr<float>()});
  }
  if (absl::Status status = WriteSafetensors(temporary / "state.safetensors", floats); !status.ok())
    return status;

  if (absl::Status status = WriteProgress(temporary, progress); !status.ok()) return status;
  if (absl::Status status = TakePlace(temporary, folder); !status.ok()) return status;
  int64_t kept = 0;
  for (const Checkpoint& checkpoint : Checkpoints(run)) {
    if (checkpoint.step > progress.step || ++kept > keep)
      std::filesystem::remove_all(checkpoint.folder, error);
  }
  return absl::OkStatus();
}

absl::Status UpdateCheckpoint(const std::filesystem::path& run, const RunProgress& progress) {
  return WriteProgress(FolderOf(run, progress.step), progress);
}

absl::StatusOr<std::optional<RunProgress>> LoadNewestCheckpoint(
    const std::filesystem::path& run, const NamedTensors& tensors,
    const std::function<void(const std::string&)>& say) {
  const std::vector<Checkpoint> all = Checkpoints(run);
  for (const Checkpoint& checkpoint : all) {
    absl::StatusOr<RunProgress> progress = LoadCheckpoint(checkpoint.folder, tensors);
    if (!absl::IsDataLoss(progress.status())) return progress;
    say(absl::StrCat("warning: ", checkpoint.folder.string(),
                     ": is damaged, and passed over: ", progress.status().message()));
  }
  if (all.empty()) return std::nullopt;
  return absl::DataLossError(
      absl::StrCat((run / "checkpoints").string(), ": all are damaged; --restart begins anew"));
}

}  // namespace privet
