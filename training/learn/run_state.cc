#include "training/learn/run_state.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "qwen3/safetensors.h"

namespace privet {
namespace {

constexpr const char* kPrefix = "step-";

std::vector<std::filesystem::path> Checkpoints(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints", ignored)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory(ignored) && name.starts_with(kPrefix) && !name.ends_with(".tmp"))
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

absl::Status SaveCheckpoint(const std::filesystem::path& run, const RunProgress& progress,
                            const NamedTensors& tensors, int64_t keep) {
  const std::filesystem::path folder =
      run / "checkpoints" / absl::StrFormat("%s%08d", kPrefix, progress.step);
  const std::filesystem::path temporary = folder.string() + ".tmp";
  std::error_code error;
  std::filesystem::remove_all(temporary, error);
  std::filesystem::create_directories(temporary, error);
  if (error)
    return absl::UnavailableError(absl::StrCat(temporary.string(), ": cannot be made: ", error.message()));

  std::vector<at::Tensor> kept;
  std::vector<FloatTensor> floats;
  for (const auto& [name, tensor] : tensors) {
    kept.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
    floats.push_back({name, kept.back().sizes().vec(), kept.back().const_data_ptr<float>()});
  }
  if (absl::Status status = WriteSafetensors(temporary / "state.safetensors", floats); !status.ok())
    return status;

  nlohmann::ordered_json positions = nlohmann::ordered_json::array();
  for (const SourcePosition& at : progress.positions)
    positions.push_back({{"pass", at.pass}, {"next", at.next}, {"tokens_drawn", at.tokens_drawn}});
  const nlohmann::ordered_json json = {{"step", progress.step},
                                       {"positions", positions},
                                       {"best_metric", progress.best_metric},
                                       {"best_tie_break", progress.best_tie_break},
                                       {"best_step", progress.best_step},
                                       {"evaluations_without_better", progress.evaluations_without_better},
                                       {"data", progress.data}};
  std::ofstream out(temporary / "progress.json");
  out << json.dump(2) << "\n" << std::flush;
  if (!out)
    return absl::UnavailableError(absl::StrCat(temporary.string(), ": cannot be written; is the disk full?"));
  out.close();
  std::filesystem::remove_all(folder, error);
  std::filesystem::rename(temporary, folder, error);
  if (error) return absl::UnavailableError(absl::StrCat(folder.string(), ": ", error.message()));
  const std::vector<std::filesystem::path> all = Checkpoints(run);
  for (size_t i = 0; i + static_cast<size_t>(keep) < all.size(); ++i)
    std::filesystem::remove_all(all[i], error);
  return absl::OkStatus();
}

std::filesystem::path NewestCheckpoint(const std::filesystem::path& run) {
  const std::vector<std::filesystem::path> all = Checkpoints(run);
  return all.empty() ? std::filesystem::path() : all.back();
}

absl::StatusOr<RunProgress> LoadCheckpoint(const std::filesystem::path& checkpoint,
                                           const NamedTensors& tensors) {
  const auto file = SafetensorsFolder::Open(checkpoint, "state");
  if (!file.ok()) return file.status();
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
  std::ifstream in(checkpoint / "progress.json");
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
  } catch (const nlohmann::json::exception&) {
    return absl::DataLossError(
        absl::StrCat(checkpoint.string(), "/progress.json: is damaged; remove the folder"));
  }
  return progress;
}

}  // namespace privet
