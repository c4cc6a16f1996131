#include "training/learn/trainable_model.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "qwen3/checkpoint.h"
#include "qwen3/rope.h"
#include "qwen3/safetensors.h"
#include "training/learn/layer_checkpoint.h"
#include "training/learn/stacked_parts.h"

namespace privet {
namespace {

at::Tensor Leaf(const at::Tensor& value) {
  return value.detach().to(at::kFloat).contiguous().requires_grad_(true);
}

at::Tensor Normal(at::IntArrayRef shape, double deviation) {
  return at::empty(shape, at::kFloat).normal_(0, deviation);
}

void SetAttention(const std::string& attention, bool random_start, Qwen3Config* config) {
  if (attention == "causal") {
    config->bidirectional_begin = config->bidirectional_end = 0;
  } else if (attention == "bidirectional" || (attention == "as_is" && random_start)) {
    config->bidirectional_begin = 0;
    config->bidirectional_end = config->layers;
  } else if (attention == "middle") {
    config->bidirectional_begin = config->layers / 4;
    config->bidirectional_end = config->layers - config->layers / 4;
  }
}

constexpr double kHeadDeviation = 0.02;  // of rows that begin at random

// Adapters and heads.
bool IsBesideTheBase(const Parameter& parameter) {
  return parameter.name.find(".lora_") != std::string::npos || parameter.name.ends_with(".magnitude") ||
         parameter.name.starts_with("head.") || parameter.name.starts_with("score.");
}

}  // namespace

absl::StatusOr<at::Device> DeviceOf(const TrainingConfig& config, int cuda_index) {
#ifdef PRIVET_CUDA
  const auto devices = static_cast<int>(at::getNumGPUs());
  if (config.device == "cpu" || (config.device == "auto" && devices == 0)) return at::Device(at::kCPU);
  if (devices == 0) {
    return absl::FailedPreconditionError(
        "compute.device: 'cuda' finds no CUDA device; take cpu, or see what CUDA_VISIBLE_DEVICES hides");
  }
  if (cuda_index >= devices) {
    return absl::FailedPreconditionError(absl::StrCat(
        "LOCAL_RANK: process ", cuda_index, " of this machine finds no CUDA device for itself among ",
        devices, "; start one process for each (torchrun --nproc-per-node ", devices,
        "), or take compute.device=cpu"));
  }
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(cuda_index));
#else
  (void)cuda_index;
  if (config.device == "cuda")
    return absl::FailedPreconditionError(
        "compute.device: 'cuda' needs a build with -DPRIVET_CUDA=ON; take cpu");
  return at::Device(at::kCPU);
#endif
}

absl::Status TrainableModel::LoadBase(const TrainingConfig& config, const std::vector<std::string>& labels) {
  const auto checkpoint = Checkpoint::Open({.folder = config.base_folder});
  if (!checkpoint.ok()) return checkpoint.status();
  config_ = (*checkpoint)->config();
  absl::Status status;
  const auto read = [&](const std::string& name, const std::vector<int64_t>& shape) {
    absl::StatusOr<at::Tensor> tensor = (*checkpoint)->Float(name, shape);
    status.Update(tensor.status());
    return tensor.ok() ? tensor->to(device_) : at::Tensor();
  };
  const int64_t hidden = config_.hidden_size;
  const bool nf4 = config.base_quantization == "nf4";
  if (nf4) {
    auto stored = (*checkpoint)->Stored("embed_tokens.weight", {config_.vocab_size, hidden});
    if (!stored.ok()) return stored.status();
    embeddings_ = stored->clone().to(device_);  // so that the file need not stay mapped
  } else {
    embeddings_ = read("embed_tokens.weight", {config_.vocab_size, hidden});
  }
  for (int64_t i = 0; i < config_.layers && status.ok(); ++i) {
    const std::string prefix = absl::StrCat("layers.", i, ".");
    const auto stacked = [&](const std::vector<std::pair<std::string, int64_t>>& parts,
                             int64_t inputs) -> BaseMatrix {
      std::vector<at::Tensor> weights;
      weights.reserve(parts.size());
      for (const auto& [name, rows] : parts)
        weights.push_back(read(absl::StrCat(prefix, name, ".weight"), {rows, inputs}));
      if (!status.ok()) return {};
      const at::Tensor whole = weights.size() == 1 ? weights[0] : at::cat(weights, 0);
      return nf4 ? BaseMatrix::Nf4(whole) : BaseMatrix(whole);
    };
    LayerWeights layer;
    layer.input_norm = read(prefix + "input_layernorm.weight", {hidden});
    layer.mlp_norm = read(prefix + "post_attention_layernorm.weight", {hidden});
    layer.query_norm = read(prefix + "self_attn.q_norm.weight", {config_.head_dim});
    layer.key_norm = read(prefix + "self_attn.k_norm.weight", {config_.head_dim});
    layer.qkv = stacked(QkvParts(config_), hidden);
    layer.attention_out = stacked({{"self_attn.o_proj", hidden}}, config_.heads * config_.head_dim);
    layer.gate_up = stacked(GateUpParts(config_), hidden);
    layer.down = stacked({{"mlp.down_proj", hidden}}, config_.intermediate_size);
    weights_.push_back(std::move(layer));
  }
  final_norm_ = read("norm.weight", {hidden});
  if (!status.ok()) return status;

  std::vector<std::string> base_labels;
  base_labels.reserve(config_.id2label.size());
  for (const auto& [id, label] : config_.id2label) base_labels.push_back(label);
  if (labels.empty()) return status;
  const auto classes = static_cast<int64_t>(labels.size());
  if (config.head == "tagger" && (*checkpoint)->Has("score.weight")) {
    const auto base_classes = static_cast<int64_t>(base_labels.size());
    head_weight_ = read("score.weight", {base_classes, hidden});
    head_bias_ = (*checkpoint)->Has("score.bias") ? read("score.bias", {base_classes})
                                                  : at::zeros({base_classes}, at::kFloat).to(device_);
    if (status.ok() && base_labels != labels) AdaptHead(base_labels, labels);
  } else if (config.head == "span" && base_labels == labels &&
             std::filesystem::exists(std::filesystem::path(config.base_folder) / "head.safetensors")) {
    TrainableSpanHead head = DrawSpanHead(hidden, config.head_size, config.head_widths, classes, device_);
    const absl::StatusOr<bool> same_sizes = ReadSpanHead(config.base_folder, &head);
    if (!same_sizes.ok()) return same_sizes.status();
    if (*same_sizes) span_head_ = std::move(head);
  }
  return status;
}

void TrainableModel::AdaptHead(const std::vector<std::string>& base_labels,
                               const std::vector<std::string>& labels) {
  const auto classes = static_cast<int64_t>(labels.size());
  const at::Tensor weight = Normal({classes, config_.hidden_size}, kHeadDeviation).to(device_);
  const at::Tensor bias = at::zeros({classes}, at::kFloat).to(device_);
  int64_t kept = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto same = std::find(base_labels.begin(), base_labels.end(), labels[i]);
    if (same == base_labels.end()) continue;
    const int64_t row = static_cast<int64_t>(i), base_row = same - base_labels.begin();
    weight[row].copy_(head_weight_[base_row]);
    bias[row].copy_(head_bias_[base_row]);
    ++kept;
  }
  new_labels_ = classes - kept;
  dropped_labels_ = static_cast<int64_t>(base_labels.size()) - kept;
  head_weight_ = weight;
  head_bias_ = bias;
}

void TrainableModel::DrawBase(const TrainingConfig& config) {
  config_.hidden_size = config.base_hidden_size;
  config_.layers = config.base_layers;
  config_.heads = config.base_heads;
  config_.kv_heads = config.base_kv_heads;
  config_.head_dim = config.base_head_dim;
  config_.intermediate_size = config.base_intermediate_size;
  config_.max_position_embeddings = config.base_max_position_embeddings;
  config_.rope_theta = config.base_rope_theta;
  const int64_t hidden = config_.hidden_size;
  constexpr double kDeviation = 0.02;
  const double residual = kDeviation / std::sqrt(2.0 * static_cast<double>(config_.layers));
  const auto ones = [&](int64_t width) { return at::ones({width}, at::kFloat).to(device_); };
  embeddings_ = Normal({config_.vocab_size, hidden}, kDeviation).to(device_);
  for (int64_t i = 0; i < config_.layers; ++i) {
    LayerWeights layer;
    layer.input_norm = ones(hidden);
    layer.mlp_norm = ones(hidden);
    layer.query_norm = ones(config_.head_dim);
    layer.key_norm = ones(config_.head_dim);
    layer.qkv =
        Normal({(config_.heads + 2 * config_.kv_heads) * config_.head_dim, hidden}, kDeviation).to(device_);
    layer.attention_out = Normal({hidden, config_.heads * config_.head_dim}, residual).to(device_);
    layer.gate_up = Normal({2 * config_.intermediate_size, hidden}, kDeviation).to(device_);
    layer.down = Normal({hidden, config_.intermediate_size}, residual).to(device_);
    weights_.push_back(std::move(layer));
  }
  final_norm_ = ones(hidden);
}

// Block expansion (LLaMA Pro, arXiv 2401.02415, section 3.2): a copy whose last projections are zero passes
// on what it gets, and its other weights are better to start from than random ones. It sees what the layer
// below sees, so the layers that read both ways stay one range.
void TrainableModel::AddLayers(int64_t count) {
  const int64_t layers = config_.layers;
  const auto copies_below = [&](int64_t layer) { return count * layer / layers; };
  const auto own = [](BaseMatrix& weight, bool nothing) {
    *weight.dense() = nothing ? at::zeros_like(*weight.dense()) : weight.dense()->clone();
  };
  std::vector<LayerWeights> grown;
  for (int64_t i = 0; i < layers; ++i) {
    grown.push_back(std::move(weights_[static_cast<size_t>(i)]));
    const LayerWeights below = grown.back();
    for (int64_t copy = copies_below(i); copy < copies_below(i + 1); ++copy) {
      LayerWeights& layer = grown.emplace_back(below);
      for (at::Tensor* norm : {&layer.input_norm, &layer.query_norm, &layer.key_norm, &layer.mlp_norm})
        *norm = norm->clone();
      own(layer.qkv, false);
      own(layer.gate_up, false);
      own(layer.attention_out, true);
      own(layer.down, true);
    }
  }
  weights_ = std::move(grown);
  config_.bidirectional_begin += copies_below(config_.bidirectional_begin);
  config_.bidirectional_end += copies_below(config_.bidirectional_end);
  config_.layers += count;
}

void TrainableModel::ChooseParameters(const TrainingConfig& config) {
  const auto learn = [&](const std::string& name, at::Tensor* value, bool decays,
                         std::vector<int64_t> stacked_rows = {}) {
    *value = Leaf(*value);
    parameters_.push_back({name, *value, 1, decays, std::move(stacked_rows)});
  };
  const bool whole = config.method == "full";
  const bool freeze = config.method == "freeze";
  if (whole) learn("embed_tokens", &embeddings_, true);
  for (size_t i = 0; i < weights_.size(); ++i) {
    LayerWeights& layer = weights_[i];
    const std::string prefix = absl::StrCat("layers.", i, ".");
    if (whole || (freeze && static_cast<int64_t>(i) >= config.frozen_layers)) {
      for (const auto& [name, value] :
           {std::pair("input_norm", &layer.input_norm), std::pair("query_norm", &layer.query_norm),
            std::pair("key_norm", &layer.key_norm), std::pair("mlp_norm", &layer.mlp_norm)}) {
        learn(prefix + name, value, false);
      }
      learn(prefix + "qkv", layer.qkv.dense(), true, RowsOf(QkvParts(config_)));
      learn(prefix + "attention_out", layer.attention_out.dense(), true);
      learn(prefix + "gate_up", layer.gate_up.dense(), true, RowsOf(GateUpParts(config_)));
      learn(prefix + "down", layer.down.dense(), true);
    }
    if (adapted_) {
      const auto adapt = [&](const std::vector<std::pair<std::string, int64_t>>& parts,
                             const BaseMatrix& weight) {
        auto adapter = std::make_shared<StackedAdapter>(adapter_settings_, parts, weight);
        for (const ModuleAdapter& module : adapter->modules()) {
          parameters_.push_back({prefix + module.module + ".lora_A", module.a, 1, true});
          parameters_.push_back(
              {prefix + module.module + ".lora_B", module.b, config.adapter_plus_ratio, true});
          if (module.magnitude.defined())
            parameters_.push_back({prefix + module.module + ".magnitude", module.magnitude, 1, false});
        }
        return adapter;
      };
      layer.qkv_adapter = adapt(QkvParts(config_), layer.qkv);
      layer.attention_out_adapter = adapt({{"self_attn.o_proj", config_.hidden_size}}, layer.attention_out);
      layer.gate_up_adapter = adapt(GateUpParts(config_), layer.gate_up);
      layer.down_adapter = adapt({{"mlp.down_proj", config_.hidden_size}}, layer.down);
    }
    const auto linear = [bf16 = bf16_products_](const BaseMatrix& weight,
                                                const std::shared_ptr<StackedAdapter>& adapter) {
      if (adapter == nullptr || adapter->modules().empty()) return weight.AsLinear(bf16, {});
      return weight.AsLinear(
          bf16, [adapter](const at::Tensor& x, const at::Tensor& y) { return adapter->Adapt(x, y); });
    };
    EncoderLayer made;
    made.input_norm = layer.input_norm;
    made.query_norm = layer.query_norm;
    made.key_norm = layer.key_norm;
    made.mlp_norm = layer.mlp_norm;
    made.qkv = linear(layer.qkv, layer.qkv_adapter);
    made.attention_out = linear(layer.attention_out, layer.attention_out_adapter);
    made.gate_up = linear(layer.gate_up, layer.gate_up_adapter);
    made.down = linear(layer.down, layer.down_adapter);
    made.causal = config_.IsCausal(static_cast<int64_t>(i));
    made.bf16_attention = bf16_products_ && device_.is_cuda();
    layers_.push_back(std::move(made));
  }
  if (whole || freeze) learn("norm", &final_norm_, false);
  if (!labels_.empty()) ChooseHeadParameters(config);
}

void TrainableModel::ChooseHeadParameters(const TrainingConfig& config) {
  const double rate = config.head_learning_rate > 0 && config.learning_rate > 0
                          ? config.head_learning_rate / config.learning_rate
                          : 1;
  const auto learn = [&](const char* name, at::Tensor* value) {
    *value = Leaf(*value);
    parameters_.push_back({name, *value, rate, value->dim() > 1});
  };
  if (span_head_.has_value()) {
    learn("head.map", &span_head_->map);
    learn("head.width", &span_head_->width);
    learn("head.hidden_bias", &span_head_->hidden_bias);
    learn("head.type_weight", &span_head_->type_weight);
    learn("head.type_bias", &span_head_->type_bias);
  } else {
    learn("score.weight", &head_weight_);
    learn("score.bias", &head_bias_);
  }
}

absl::StatusOr<std::unique_ptr<TrainableModel>> TrainableModel::Create(const TrainingConfig& config,
                                                                       const std::vector<std::string>& labels,
                                                                       int64_t vocabulary_size,
                                                                       int cuda_index) try {
  const at::NoGradGuard no_gradients;
  std::unique_ptr<TrainableModel> model(new TrainableModel());
  const absl::StatusOr<at::Device> device = DeviceOf(config, cuda_index);
  if (!device.ok()) return device.status();
  model->device_ = *device;
  model->labels_ = labels;
  model->gradient_checkpointing_ = config.gradient_checkpointing;
  model->bf16_products_ = config.precision == "bf16";
  model->base_folder_ = config.base_folder;
  const bool random_start = config.base_folder.empty();
  if (random_start) {
    model->config_.vocab_size = vocabulary_size;
    model->DrawBase(config);
  } else if (absl::Status status = model->LoadBase(config, labels); !status.ok()) {
    return status;
  } else if (config.base_add_layers > 0) {
    model->AddLayers(config.base_add_layers);
  }
  if (vocabulary_size > model->config_.vocab_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("base: the tokenizer has ", vocabulary_size, " ids, but the model's vocabulary ",
                     model->config_.vocab_size, "; take the tokenizer that the model was trained with"));
  }
  if (config.max_tokens > model->config_.max_position_embeddings) {
    return absl::InvalidArgumentError(absl::StrCat("data.max_tokens: ", config.max_tokens,
                                                   " is more than the base's max_position_embeddings, ",
                                                   model->config_.max_position_embeddings));
  }
  if (config.method == "freeze" && config.frozen_layers > model->config_.layers) {
    return absl::InvalidArgumentError(
        absl::StrCat("method.frozen_layers: the base has only ", model->config_.layers, " layers"));
  }
  SetAttention(config.base_attention, random_start, &model->config_);
  model->config_.id2label.clear();
  for (size_t i = 0; i < labels.size(); ++i) model->config_.id2label[static_cast<int64_t>(i)] = labels[i];
  model->config_.tie_word_embeddings = labels.empty();
  model->rope_frequencies_ = RopeFrequencies(model->config_);
  const auto label_count = static_cast<int64_t>(labels.size());
  if (config.head == "span" && !model->span_head_.has_value()) {
    model->span_head_ = DrawSpanHead(model->config_.hidden_size, config.head_size, config.head_widths,
                                     label_count, model->device_);
  }
  if (!model->head_weight_.defined())
    model->head_weight_ =
        Normal({label_count, model->config_.hidden_size}, kHeadDeviation).to(model->device_);
  if (!model->head_bias_.defined())
    model->head_bias_ = at::zeros({label_count}, at::kFloat).to(model->device_);

  model->adapted_ = config.method == "lora";
  if (model->adapted_) {
    auto settings = AdapterSettingsOf(config);
    if (!settings.ok()) return settings.status();
    model->adapter_settings_ = *std::move(settings);
  }
  model->ChooseParameters(config);
  return model;
} catch (const c10::Error& error) {
  return absl::InternalError(absl::StrCat("making the model: ", error.what_without_backtrace()));
} catch (const std::exception& error) {
  return absl::ResourceExhaustedError(absl::StrCat("making the model: ", error.what()));
}

ModelInput TrainableModel::MakeInput(const PackedTokens& tokens) const {
  return {.ids = ToDevice(at::tensor(at::ArrayRef<int32_t>(tokens.ids)), device_),
          .rotary = MakeRotaryTable(tokens.offsets, rope_frequencies_,
                                    static_cast<float>(config_.rope_scaling.attention_factor), device_),
          .sequences = MakeSequenceBounds(tokens.offsets, device_)};
}

bool TrainableModel::AttendsAtOnce() const {
  const bool bf16 = !layers_.empty() && layers_[0].bf16_attention;
  return privet::AttendsAtOnce(device_, bf16 ? at::kBFloat16 : at::kFloat, config_.head_dim);
}

at::Tensor TrainableModel::ForwardLayers(const ModelInput& input, bool training) {
  at::Tensor hidden = embeddings_.index_select(0, input.ids).to(at::kFloat);
  for (size_t i = 0; i < layers_.size(); ++i) {
    for (const auto& adapter : {weights_[i].qkv_adapter, weights_[i].attention_out_adapter,
                                weights_[i].gate_up_adapter, weights_[i].down_adapter}) {
      if (adapter != nullptr) adapter->set_training(training);
    }
    if (gradient_checkpointing_ && at::GradMode::is_enabled()) {
      hidden = RunCheckpointed(hidden, [layer = layers_[i], config = config_, rotary = input.rotary,
                                        sequences = input.sequences](const at::Tensor& rows) {
        return ForwardLayer(layer, config, rows, rotary, sequences);
      });
    } else {
      hidden = ForwardLayer(layers_[i], config_, hidden, input.rotary, input.sequences);
    }
  }
  return RmsNorm(hidden, final_norm_, config_.rms_norm_eps);
}

at::Tensor TrainableModel::Forward(const ModelInput& input, bool training) {
  const at::Tensor hidden = ForwardLayers(input, training);
  if (span_head_.has_value()) return at::mm(hidden, span_head_->map.t());
  return at::addmm(head_bias_, hidden, head_weight_.t());
}

int64_t TrainableModel::trained_count() const {
  int64_t count = 0;
  for (const Parameter& parameter : parameters_) count += parameter.value.numel();
  return count;
}

int64_t TrainableModel::total_count() const {
  int64_t count = embeddings_.numel() + final_norm_.numel();
  for (const LayerWeights& layer : weights_) {
    for (const at::Tensor& norm : {layer.input_norm, layer.query_norm, layer.key_norm, layer.mlp_norm}) {
      count += norm.numel();
    }
    for (const BaseMatrix& matrix : {layer.qkv, layer.attention_out, layer.gate_up, layer.down}) {
      count += matrix.numel();
    }
  }
  for (const Parameter& parameter : parameters_) {
    if (IsBesideTheBase(parameter)) count += parameter.value.numel();
  }
  return count;
}

int64_t TrainableModel::weight_bytes() const {
  size_t bytes = embeddings_.nbytes() + final_norm_.nbytes();
  for (const LayerWeights& layer : weights_) {
    for (const at::Tensor& norm : {layer.input_norm, layer.query_norm, layer.key_norm, layer.mlp_norm}) {
      bytes += norm.nbytes();
    }
    for (const BaseMatrix& matrix : {layer.qkv, layer.attention_out, layer.gate_up, layer.down}) {
      bytes += matrix.nbytes();
    }
  }
  for (const Parameter& parameter : parameters_) {
    if (IsBesideTheBase(parameter)) bytes += parameter.value.nbytes();
  }
  return static_cast<int64_t>(bytes);
}

}  // namespace privet
