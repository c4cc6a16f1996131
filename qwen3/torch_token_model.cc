// The library libprivet_models.so: token models on libtorch.
#include "qwen3/models_library.h"
#include "qwen3/token_model.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/available_cores.h"
#include "qwen3/checkpoint.h"
#include "qwen3/encoder.h"

namespace privet {

namespace {

absl::StatusOr<LinearMap> HeadOf(const Checkpoint& checkpoint) {
  const auto& labels = checkpoint.config().id2label;
  const int64_t hidden = checkpoint.config().hidden_size;
  if (labels.empty()) {
    return absl::InvalidArgumentError(
        "config.json: id2label: missing, so the head's outputs have no names; an adapter's folder may hold a "
        "config.json that has it");
  }
  LinearMap map;
  map.outputs = static_cast<int64_t>(labels.size());
  const auto read = [&](const char* name, const std::vector<int64_t>& shape,
                        std::vector<float>* values) -> absl::Status {
    const absl::StatusOr<at::Tensor> tensor = checkpoint.Float(name, shape);
    if (!tensor.ok()) return tensor.status();
    const float* const data = tensor->const_data_ptr<float>();
    values->assign(data, data + tensor->numel());
    return absl::OkStatus();
  };
  absl::Status status = read("score.weight", {map.outputs, hidden}, &map.weight);
  if (status.ok() && checkpoint.Has("score.bias")) status = read("score.bias", {map.outputs}, &map.bias);
  if (!status.ok()) return status;
  return map;
}

at::Tensor TensorOf(std::vector<float>& values, const std::vector<int64_t>& shape) {
  return at::from_blob(values.data(), shape, at::kFloat).clone();
}

class TorchTokenModel final : public TokenModel {
 public:
  TorchTokenModel(std::shared_ptr<const Encoder> encoder, at::Tensor weight, at::Tensor bias, int threads)
      : encoder_(std::move(encoder)), weight_(std::move(weight)), bias_(std::move(bias)), threads_(threads) {}

  absl::StatusOr<TokenRows> Forward(const PackedTokens& tokens) const override;
  const Qwen3Config& config() const override { return encoder_->config(); }
  Precision precision() const override { return encoder_->precision(); }
  std::string device() const override { return encoder_->device().str(); }

 private:
  std::shared_ptr<const Encoder> encoder_;
  at::Tensor weight_;  // [hidden, outputs], on the encoder's device, in fp32
  at::Tensor bias_;    // [outputs]
  int threads_;
};

absl::StatusOr<std::shared_ptr<const TokenModel>> Load(const ModelFolder& folder,
                                                       const TokenModelOptions& options,
                                                       const std::optional<LinearMap>& map) try {
  const at::NoGradGuard no_gradients;
  const auto checkpoint = Checkpoint::Open(folder);
  if (!checkpoint.ok()) return checkpoint.status();
  absl::StatusOr<LinearMap> head = map.has_value() ? absl::StatusOr<LinearMap>(*map) : HeadOf(**checkpoint);
  if (!head.ok()) return head.status();
  auto encoder = Encoder::Load(**checkpoint, {options.device, options.precision});
  if (!encoder.ok()) return encoder.status();

  const at::Device device = (*encoder)->device();
  const int64_t hidden = (*encoder)->config().hidden_size;
  if (head->weight.size() != static_cast<size_t>(head->outputs * hidden) ||
      (!head->bias.empty() && head->bias.size() != static_cast<size_t>(head->outputs))) {
    return absl::InvalidArgumentError(
        absl::StrCat("the head maps vectors of another size than hidden_size ", hidden));
  }
  const at::Tensor bias = head->bias.empty()
                              ? at::zeros({head->outputs}, at::TensorOptions(device).dtype(at::kFloat))
                              : TensorOf(head->bias, {head->outputs}).to(device);
  return std::make_shared<const TorchTokenModel>(
      *std::move(encoder), TensorOf(head->weight, {head->outputs, hidden}).to(device).t().contiguous(), bias,
      options.threads > 0 ? options.threads : AvailableCores());
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat("loading the model: ", error.what_without_backtrace()));
} catch (const std::exception& error) {
  return absl::ResourceExhaustedError(absl::StrCat("loading the model: ", error.what()));
}

absl::StatusOr<TokenRows> TorchTokenModel::Forward(const PackedTokens& tokens) const try {
  // libtorch keeps the number for each thread that calls it.
  thread_local int threads_here = 0;
  if (threads_here != threads_) at::set_num_threads(threads_here = threads_);
  const at::NoGradGuard no_gradients;
  const absl::StatusOr<at::Tensor> hidden = encoder_->Forward(tokens);
  if (!hidden.ok()) return hidden.status();
  const at::Tensor rows = at::addmm(bias_, *hidden, weight_).cpu().contiguous();
  TokenRows result;
  result.width = static_cast<size_t>(rows.size(1));
  const float* const data = rows.const_data_ptr<float>();
  result.values.assign(data, data + rows.numel());
  return result;
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat("forward: ", error.what_without_backtrace()));
} catch (const std::exception& error) {
  return absl::ResourceExhaustedError(absl::StrCat("forward: ", error.what()));
}

}  // namespace

extern "C" void PrivetLoadTokenModel(const ModelFolder& folder, const TokenModelOptions& options,
                                     const std::optional<LinearMap>& map,
                                     absl::StatusOr<std::shared_ptr<const TokenModel>>* model) {
  *model = Load(folder, options, map);
}

}  // namespace privet
