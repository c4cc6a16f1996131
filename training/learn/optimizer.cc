#include "training/learn/optimizer.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <functional>

#include "training/learn/flat_updates.h"
#include "training/learn/muon.h"
#ifdef PRIVET_CUDA
#include "training/learn/flat_updates_cuda.h"
#endif

namespace privet {
namespace {

bool IsLayerMatrix(const Parameter& parameter) {
  return parameter.name.starts_with("layers.") && parameter.value.dim() == 2;
}

}  // namespace

Optimizer::Optimizer(const TrainingConfig& config, std::vector<Parameter>* parameters)
    : muon_(config.optimizer == "muon"),
      bf16_products_(config.precision == "bf16"),
      momentum_(config.momentum),
      muon_rate_(config.muon_rate),
      beta1_(config.beta1),
      beta2_(config.beta2),
      epsilon_(config.epsilon),
      weight_decay_(config.weight_decay),
      clip_norm_(config.clip_norm),
      parameters_(parameters) {
  const at::NoGradGuard no_gradients;
  for (const Parameter& parameter : *parameters) {
    first_.push_back(at::zeros_like(parameter.value));
    const bool muon = muon_ && IsLayerMatrix(parameter);
    second_.push_back(muon ? at::Tensor() : at::zeros_like(parameter.value));
  }
}

void Optimizer::MeasureGradients() {
  if (!parameters_->empty() && parameters_->front().value.is_cuda()) {
#ifdef PRIVET_CUDA
    std::vector<at::Tensor> gradients;
    for (const Parameter& parameter : *parameters_) {
      if (parameter.value.grad().defined()) gradients.push_back(parameter.value.grad());
    }
    device_size_ = MeasureGradientsOnCuda(gradients, parameters_->front().value.device(), clip_norm_);
    if (muon_) {  // whose tensor operations take the numbers from here
      gradient_norm_ = device_size_[0].item<double>();
      gradient_scale_ = device_size_[1].item<double>();
    }
#endif
    return;
  }
  double squares = 0;
  for (const Parameter& parameter : *parameters_) {
    const at::Tensor& gradient = parameter.value.grad();
    if (!gradient.defined()) continue;
    const at::Tensor dense = gradient.contiguous();
    const float* const from = dense.const_data_ptr<float>();
    squares += at::parallel_reduce(
        int64_t{0}, dense.numel(), int64_t{1} << 18, 0.0,
        [&](int64_t begin, int64_t end, double sum) { return sum + SumOfSquares(from + begin, end - begin); },
        std::plus<>());
  }
  gradient_norm_ = std::sqrt(squares);
  gradient_scale_ = clip_norm_ > 0 && std::isfinite(gradient_norm_) && gradient_norm_ > clip_norm_
                        ? clip_norm_ / gradient_norm_
                        : 1;
}

int64_t Optimizer::moment_bytes() const {
  int64_t bytes = 0;
  for (const std::vector<at::Tensor>* const moments : {&first_, &second_}) {
    for (const at::Tensor& moment : *moments)
      bytes += moment.defined() ? static_cast<int64_t>(moment.nbytes()) : 0;
  }
  return bytes;
}

double Optimizer::GradientNorm() const {
  return device_size_.defined() ? device_size_[0].item<double>() : gradient_norm_;
}

void Optimizer::StepAlongMuon(Parameter* parameter, at::Tensor* momentum, double rate, double decay) const {
  const at::Tensor& gradient = parameter->value.grad();
  momentum->mul_(momentum_).add_(gradient, gradient_scale_);
  const at::Tensor ahead = gradient.mul(gradient_scale_).add_(*momentum, momentum_);
  parameter->value.mul_(1 - decay).add_(
      Orthogonalize(ahead, bf16_products_),
      -rate * MuonScale(parameter->value.size(0), parameter->value.size(1)));
}

void Optimizer::StepAlongAdamW(size_t index, double rate, double decay) {
  const double first_correction = 1 - std::pow(beta1_, static_cast<double>(steps_));
  const double second_correction = 1 - std::pow(beta2_, static_cast<double>(steps_));
  const AdamWSizes sizes = {static_cast<float>(beta1_),
                            static_cast<float>(beta2_),
                            static_cast<float>(rate / first_correction),
                            static_cast<float>(decay),
                            static_cast<float>(epsilon_),
                            static_cast<float>(1 / std::sqrt(second_correction)),
                            static_cast<float>(gradient_scale_)};
  at::Tensor& parameter = (*parameters_)[index].value;
  const at::Tensor dense = parameter.grad().contiguous();
#ifdef PRIVET_CUDA
  if (parameter.is_cuda()) {
    StepAdamWOnCuda(sizes, device_size_, dense, parameter, first_[index], second_[index]);
    return;
  }
#endif
  const float* const from = dense.const_data_ptr<float>();
  float* const value = parameter.mutable_data_ptr<float>();
  float* const first = first_[index].mutable_data_ptr<float>();
  float* const second = second_[index].mutable_data_ptr<float>();
  at::parallel_for(0, parameter.numel(), 1 << 16, [&](int64_t begin, int64_t end) {
    StepAdamW(sizes, from + begin, value + begin, first + begin, second + begin, end - begin);
  });
}

void Optimizer::Step(double learning_rate) {
  const at::NoGradGuard no_gradients;
  MeasureGradients();
  ++steps_;
  for (size_t i = 0; i < parameters_->size() && std::isfinite(gradient_norm_); ++i) {
    Parameter& parameter = (*parameters_)[i];
    if (!parameter.value.grad().defined()) continue;
    const bool muon = !second_[i].defined();
    const double rate = learning_rate * parameter.rate * (muon ? muon_rate_ : 1);
    const double decay = parameter.decays ? rate * weight_decay_ : 0;
    if (muon) {
      StepAlongMuon(&parameter, &first_[i], rate, decay);
    } else {
      StepAlongAdamW(i, rate, decay);
    }
  }
  ClearGradients();
}

void Optimizer::ClearGradients() {
  for (Parameter& parameter : *parameters_) parameter.value.mutable_grad().reset();
}

}  // namespace privet
