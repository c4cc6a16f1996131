#include "training/learn/objective.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "qwen3/ops.h"
#include "training/learn/chain_loss.h"

namespace privet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// [sequences]: the chain's loss of each, computed on the CPU.
struct ChainFunction : Function<ChainFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& logits, const at::Tensor& allowed,
                            const LabelScheme* scheme, const std::vector<int64_t>& offsets) {
    const at::Tensor scores = logits.to(at::kCPU, at::kFloat).contiguous();
    const at::Tensor right = allowed.to(at::kCPU, at::kByte).contiguous();
    const auto labels = static_cast<int64_t>(scheme->label_count());
    const auto sequences = static_cast<int64_t>(offsets.size()) - 1;
    at::Tensor gradient = at::zeros(scores.sizes(), scores.options());
    at::Tensor losses = at::zeros({sequences}, scores.options());
    const float* const from = scores.const_data_ptr<float>();
    const uint8_t* const ok = right.const_data_ptr<uint8_t>();
    float* const to = gradient.mutable_data_ptr<float>();
    float* const loss = losses.mutable_data_ptr<float>();
    at::parallel_for(0, sequences, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const auto begin = static_cast<size_t>(offsets[static_cast<size_t>(i)] * labels);
        const auto size = static_cast<size_t>(offsets[static_cast<size_t>(i) + 1] * labels) - begin;
        loss[i] = static_cast<float>(
            ChainLoss(*scheme, {from + begin, size}, {ok + begin, size}, {to + begin, size}));
      }
    });
    context->save_for_backward({gradient.to(logits.device())});
    context->saved_data["offsets"] = offsets;
    return losses.to(logits.device());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor gradient = context->get_saved_variables()[0];
    const std::vector<int64_t> offsets = context->saved_data["offsets"].toIntVector();
    std::vector<int64_t> lengths;
    for (size_t i = 0; i + 1 < offsets.size(); ++i) lengths.push_back(offsets[i + 1] - offsets[i]);
    const at::Tensor by_token =
        gradients[0].repeat_interleave(at::tensor(lengths, at::kLong).to(gradient.device()), 0).unsqueeze(1);
    return {gradient * by_token, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

Targets TargetsOf(const std::vector<const Example*>& batch, const LabelScheme& scheme) {
  Targets targets;
  targets.offsets = {0};
  std::vector<int64_t> labels;
  std::vector<float> doubt;
  bool open = false;
  bool asked = false;
  for (const Example* example : batch) {
    asked |= !example->doubt.empty();
    doubt.insert(doubt.end(), example->doubt.begin(), example->doubt.end());
    doubt.resize(labels.size() + example->labels.size(), 0.0F);
    for (const int32_t label : example->labels) {
      open |= label == kAnyLabel;
      labels.push_back(label == kAnyLabel ? static_cast<int64_t>(scheme.outside_label()) : label);
    }
    open |= example->open_types.any();
    targets.offsets.push_back(static_cast<int32_t>(labels.size()));
    targets.lattices.push_back(LatticeOf(*example, scheme));
  }
  targets.labels = at::tensor(at::ArrayRef<int64_t>(labels));
  if (asked) targets.doubt = at::tensor(at::ArrayRef<float>(doubt));
  if (!open) return targets;

  const size_t width = scheme.label_count();
  targets.allowed = at::zeros({static_cast<int64_t>(labels.size()), static_cast<int64_t>(width)}, at::kBool);
  bool* row = targets.allowed.mutable_data_ptr<bool>();
  for (const Example* example : batch) {
    for (const int32_t label : example->labels) {
      const bool outside = label == static_cast<int32_t>(scheme.outside_label());
      for (size_t other = 0; other < width; ++other) {
        row[other] = label == kAnyLabel || other == static_cast<size_t>(label) ||
                     (outside && other != scheme.outside_label() &&
                      example->open_types.test(IndexOf(scheme.types()[scheme.type_index(other)])));
      }
      row += width;
    }
  }
  return targets;
}

absl::StatusOr<LabelObjective> LabelObjective::Create(const TrainingConfig& config, const LabelScheme& scheme,
                                                      const std::vector<double>& label_shares) {
  LabelObjective objective(config, scheme);
  const auto type_weights = ParseWeights(config.type_weights, "objective.type_weights");
  if (!type_weights.ok()) return type_weights.status();
  std::vector<float>& weights = objective.label_weights_;
  weights.assign(scheme.label_count(), 1.0F);
  for (size_t label = 0; label < weights.size(); ++label) {
    if (label == scheme.outside_label()) continue;
    weights[label] = static_cast<float>(config.entity_weight);
    const EntityType type = scheme.types()[scheme.type_index(label)];
    for (const auto& [name, weight] : *type_weights) {
      if (FindEntityType(name) == type) weights[label] *= static_cast<float>(weight);
    }
  }
  if (config.class_weights == "counts") {
    constexpr double kLeastShare = 1e-7;  // of a label that no token has
    double shares = 0;
    double weighted = 0;
    std::vector<double> by_label(weights.size());
    for (size_t label = 0; label < weights.size(); ++label) {
      const double share = std::max(kLeastShare, label_shares[label]);
      by_label[label] = 1 / std::sqrt(share);
      shares += share;
      weighted += share * by_label[label];
    }
    for (size_t label = 0; label < weights.size(); ++label)
      weights[label] *= static_cast<float>(by_label[label] * shares / weighted);
  }
  return objective;
}

at::Tensor LabelObjective::WeightsOf(const Targets& targets) const {
  at::Tensor weights = at::tensor(at::ArrayRef<float>(label_weights_)).index_select(0, targets.labels);
  if (!targets.doubt.defined()) return weights;
  const at::Tensor outside = targets.labels == static_cast<int64_t>(scheme_.outside_label());
  const at::Tensor extra = at::zeros_like(weights)
                               .masked_fill(outside, config_.hard_negative_weight - 1)
                               .masked_fill(~outside, config_.hard_positive_weight - 1);
  return weights * (1 + extra * targets.doubt);
}

double LabelObjective::Weight(const Targets& targets) const {
  return WeightsOf(targets).sum(at::kDouble).item<double>();
}

TokenTargets LabelObjective::OverTokens(const Targets& targets) const {
  return {.labels = targets.labels, .weights = WeightsOf(targets), .allowed = targets.allowed};
}

TokenTargets ToDevice(const TokenTargets& targets, const at::Device& device) {
  return {.labels = ToDevice(targets.labels, device),
          .weights = ToDevice(targets.weights, device),
          .allowed = targets.allowed.defined() ? ToDevice(targets.allowed, device) : at::Tensor()};
}

at::Tensor LabelObjective::SummedLoss(const at::Tensor& logits, const Targets& targets) const {
  return over_tokens() ? SummedLoss(logits, ToDevice(OverTokens(targets), logits.device()))
                       : SummedChainLoss(logits, targets);
}

at::Tensor LabelObjective::SummedChainLoss(const at::Tensor& logits, const Targets& targets) const {
  const at::Tensor weights = WeightsOf(targets).to(logits.device());
  at::Tensor allowed = targets.allowed;
  if (!allowed.defined()) {
    allowed = at::zeros(logits.sizes(), at::kBool);
    allowed.scatter_(1, targets.labels.unsqueeze(1), true);
  }
  const std::vector<int64_t> offsets(targets.offsets.begin(), targets.offsets.end());
  // Of a sequence the mean weight of its tokens counts.
  std::vector<int64_t> sequence_of;
  for (size_t i = 0; i + 1 < offsets.size(); ++i)
    sequence_of.insert(sequence_of.end(), static_cast<size_t>(offsets[i + 1] - offsets[i]),
                       static_cast<int64_t>(i));
  const at::Tensor losses = ChainFunction::apply(logits, allowed, &scheme_, offsets);
  const at::Tensor index = at::tensor(at::ArrayRef<int64_t>(sequence_of)).to(logits.device());
  const at::Tensor zeros = at::zeros({static_cast<int64_t>(offsets.size()) - 1}, logits.options());
  const at::Tensor lengths = zeros.index_add(0, index, at::zeros_like(weights) + 1);
  const at::Tensor mean_weight = zeros.index_add(0, index, weights) / lengths.clamp_min(1);
  return (losses * mean_weight).sum();
}

at::Tensor LabelObjective::SummedLoss(const at::Tensor& logits, const TokenTargets& targets) const {
  const at::Tensor& labels = targets.labels;
  const at::Tensor log_probabilities = at::log_softmax(logits, -1);
  at::Tensor log_p = log_probabilities.gather(1, labels.unsqueeze(1)).squeeze(1);
  if (targets.allowed.defined()) {
    log_p = log_probabilities.masked_fill(~targets.allowed, -std::numeric_limits<float>::infinity())
                .logsumexp(-1)
                .clamp_max(0);
  }
  at::Tensor loss = -log_p;
  if (config_.objective == "focal" || config_.objective == "asymmetric") {
    const at::Tensor miss = (1 - log_p.exp()).clamp_min(1e-6);
    at::Tensor gamma = at::zeros_like(log_p) + config_.focal_gamma;
    if (config_.objective == "asymmetric") {
      gamma =
          gamma.masked_fill(labels == static_cast<int64_t>(scheme_.outside_label()), config_.outside_gamma);
    }
    loss = loss * miss.pow(gamma);
  } else if (config_.objective == "dice") {
    const at::Tensor p = log_p.exp();
    loss = (1 - p).clamp_min(1e-6).pow(config_.focal_gamma) * (1 - (2 * p + 1) / (p + 2));
  }
  if (config_.label_smoothing > 0) {
    at::Tensor share = at::zeros_like(loss) + config_.label_smoothing;
    if (targets.allowed.defined()) share = share * (targets.allowed.sum(-1) == 1).to(share.options());
    loss = loss * (1 - share) - log_probabilities.mean(-1) * share;
  }
  return (loss * targets.weights).sum();
}

}  // namespace privet
