#include "qwen3/encoder.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/cpu/Utils.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/Device.h>
#include <c10/util/Exception.h>

#include <exception>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "qwen3/kernels/int8_gemm.h"
#include "qwen3/ops.h"
#include "qwen3/rope.h"

namespace privet {
namespace {

absl::Status CheckTokens(const PackedTokens& tokens, int64_t vocab_size) {
  const std::vector<int32_t>& offsets = tokens.offsets;
  if (offsets.empty() || offsets.front() != 0 || static_cast<size_t>(offsets.back()) != tokens.ids.size()) {
    return absl::InvalidArgumentError("offsets: must begin with 0 and end with the number of ids");
  }
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    if (offsets[i] > offsets[i + 1])
      return absl::InvalidArgumentError(absl::StrCat("offsets[", i + 1, "]: falls"));
  }
  for (size_t i = 0; i < tokens.ids.size(); ++i) {
    if (tokens.ids[i] < 0 || tokens.ids[i] >= vocab_size) {
      return absl::InvalidArgumentError(
          absl::StrCat("ids[", i, "]: ", tokens.ids[i], " is not in a vocabulary of ", vocab_size));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<at::Device> ParseDevice(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "auto" && name != "cuda" && !name.starts_with("cuda:")) {
    return absl::InvalidArgumentError(
        absl::StrCat("device: '", name, "' is none of auto, cpu, cuda, cuda:N"));
  }
#ifdef PRIVET_CUDA
  if (name == "auto") return at::hasCUDA() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  try {
    const at::Device device(name);
    at::empty({1}, at::TensorOptions(device));  // throws where there is no such device
    return device;
  } catch (const c10::Error&) {
    return absl::FailedPreconditionError(absl::StrCat("device: '", name, "' is not there; take cpu or auto"));
  }
#else
  if (name == "auto") return at::Device(at::kCPU);
  return absl::FailedPreconditionError(
      absl::StrCat("device: '", name, "' needs a build with -DPRIVET_CUDA=ON"));
#endif
}

absl::StatusOr<Precision> Resolve(Precision wanted, const at::Device& device) {
  if (wanted == Precision::Int8 && !device.is_cpu()) {
    return absl::InvalidArgumentError("precision: int8 runs on the CPU only; take bf16");
  }
  if (wanted != Precision::Auto) return wanted;
  if (!device.is_cpu()) return Precision::Bf16;
  if (CpuHasBf16Tiles()) return Precision::Bf16;
  return CpuHasInt8Products() ? Precision::Int8 : Precision::Fp32;
}

// What lies between the matrix products: on a CPU fp32 in any precision, which is what its kernels are for.
at::ScalarType ComputeType(Precision precision, const at::Device& device) {
  return precision == Precision::Bf16 && !device.is_cpu() ? at::kBFloat16 : at::kFloat;
}

}  // namespace

bool CpuHasBf16Tiles() {
#if defined(__x86_64__)
  // The second asks the system for the tiles' registers.
  static const bool has = __builtin_cpu_supports("amx-bf16") && at::cpu::init_amx();
  return has;
#else
  return false;
#endif
}

absl::Status Encoder::LoadLayer(const Checkpoint& checkpoint, int64_t index) {
  const std::string prefix = absl::StrCat("layers.", index, ".");
  const int64_t hidden = config_.hidden_size;
  const int64_t query_width = config_.heads * config_.head_dim;
  const int64_t kv_width = config_.kv_heads * config_.head_dim;
  const at::ScalarType type = ComputeType(precision_, device_);
  absl::Status status;

  const auto norm = [&](const char* name, int64_t width) {
    absl::StatusOr<at::Tensor> weight = checkpoint.Float(absl::StrCat(prefix, name, ".weight"), {width});
    if (weight.ok()) return weight->to(device_, type);
    status.Update(weight.status());
    return at::Tensor();
  };
  // Several projections of the same input, one below the other.
  const auto linear = [&](std::initializer_list<std::pair<const char*, int64_t>> outputs, int64_t inputs) {
    std::vector<at::Tensor> weights;
    for (const auto& [name, width] : outputs) {
      absl::StatusOr<at::Tensor> weight =
          checkpoint.Float(absl::StrCat(prefix, name, ".weight"), {width, inputs});
      status.Update(weight.status());
      if (weight.ok()) weights.push_back(*std::move(weight));
    }
    if (!status.ok()) return Linear();
    const at::Tensor weight = weights.size() == 1 ? weights[0] : at::cat(weights, 0);
    if (precision_ == Precision::Int8) {
      absl::StatusOr<Linear> quantised = Linear::Int8(weight);
      if (quantised.ok()) return *std::move(quantised);
      status.Update(absl::Status(quantised.status().code(), absl::StrCat(prefix, outputs.begin()->first, ": ",
                                                                         quantised.status().message())));
      return Linear();
    }
    const bool bf16 = precision_ == Precision::Bf16;
    return Linear(weight.to(device_, bf16 ? at::kBFloat16 : type), bf16);
  };

  EncoderLayer layer;
  layer.causal = config_.IsCausal(index);
  layer.input_norm = norm("input_layernorm", hidden);
  layer.qkv = linear(
      {{"self_attn.q_proj", query_width}, {"self_attn.k_proj", kv_width}, {"self_attn.v_proj", kv_width}},
      hidden);
  layer.query_norm = norm("self_attn.q_norm", config_.head_dim);
  layer.key_norm = norm("self_attn.k_norm", config_.head_dim);
  layer.attention_out = linear({{"self_attn.o_proj", hidden}}, query_width);
  layer.mlp_norm = norm("post_attention_layernorm", hidden);
  layer.gate_up = linear(
      {{"mlp.gate_proj", config_.intermediate_size}, {"mlp.up_proj", config_.intermediate_size}}, hidden);
  layer.down = linear({{"mlp.down_proj", hidden}}, config_.intermediate_size);
  layers_.push_back(std::move(layer));
  return status;
}

absl::StatusOr<std::shared_ptr<const Encoder>> Encoder::Load(const Checkpoint& checkpoint,
                                                             const EncoderOptions& options) try {
  const at::NoGradGuard no_gradients;
  const absl::StatusOr<at::Device> device = ParseDevice(options.device);
  if (!device.ok()) return device.status();
  const absl::StatusOr<Precision> precision = Resolve(options.precision, *device);
  if (!precision.ok()) return precision.status();

  std::shared_ptr<Encoder> encoder(new Encoder());
  encoder->config_ = checkpoint.config();
  encoder->device_ = *device;
  encoder->precision_ = *precision;
  const Qwen3Config& config = encoder->config_;
  encoder->rope_frequencies_ = RopeFrequencies(config);
  absl::StatusOr<at::Tensor> embeddings =
      checkpoint.Stored("embed_tokens.weight", {config.vocab_size, config.hidden_size});
  if (!embeddings.ok()) return embeddings.status();
  encoder->embeddings_ = embeddings->to(*device);
  for (int64_t i = 0; i < config.layers; ++i) {
    if (absl::Status status = encoder->LoadLayer(checkpoint, i); !status.ok()) return status;
  }
  absl::StatusOr<at::Tensor> norm = checkpoint.Float("norm.weight", {config.hidden_size});
  if (!norm.ok()) return norm.status();
  encoder->final_norm_ = norm->to(*device);
  return encoder;
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat("loading the encoder: ", error.what_without_backtrace()));
} catch (const std::exception& error) {
  return absl::ResourceExhaustedError(absl::StrCat("loading the encoder: ", error.what()));
}

at::Tensor Encoder::ForwardChecked(const PackedTokens& tokens) const {
  if (tokens.ids.empty())
    return at::zeros({0, config_.hidden_size}, at::TensorOptions(device_).dtype(at::kFloat));
  const at::ScalarType type = ComputeType(precision_, device_);
  const RotaryTable rotary = MakeRotaryTable(
      tokens.offsets, rope_frequencies_, static_cast<float>(config_.rope_scaling.attention_factor), device_);
  const SequenceBounds sequences = MakeSequenceBounds(tokens.offsets, device_);
  const at::Tensor ids = ToDevice(at::tensor(at::ArrayRef<int32_t>(tokens.ids)), device_);
  at::Tensor hidden = embeddings_.index_select(0, ids).to(type);
  for (const EncoderLayer& layer : layers_) hidden = ForwardLayer(layer, config_, hidden, rotary, sequences);
  return RmsNorm(hidden.to(at::kFloat), final_norm_, config_.rms_norm_eps);
}

absl::StatusOr<at::Tensor> Encoder::Forward(const PackedTokens& tokens) const {
  if (absl::Status status = CheckTokens(tokens, config_.vocab_size); !status.ok()) return status;
  try {
    const at::NoGradGuard no_gradients;
    return ForwardChecked(tokens);
  } catch (const c10::Error& error) {
    return absl::InternalError(absl::StrCat("forward: ", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return absl::ResourceExhaustedError(absl::StrCat("forward: ", error.what()));
  }
}

}  // namespace privet
