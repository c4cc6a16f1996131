#include "training/learn/optimizer.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <functional>

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
  if (OnCuda()) {
#ifdef PRIVET_CUDA
    std::vector<at::Tensor> gradients;
    for (const Parameter& parameter : *parameters_) {
      if (parameter.value.grad().defined()) gradients.push_back(parameter.value.grad());
    }
    MeasureGradientsOnCuda(gradients, clip_norm_, step_on_device_);
    if (muon_) step_ = ReadAdamWStep(step_on_device_);  // its tensor operations take the numbers from here
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
  const double norm = std::sqrt(squares);
  step_.gradient_norm = norm;
  step_.gradient_scale = clip_norm_ > 0 && std::isfinite(norm) && norm > clip_norm_ ? clip_norm_ / norm : 1;
}

bool Optimizer::OnCuda() const { return !parameters_->empty() && parameters_->front().value.is_cuda(); }

int64_t Optimizer::moment_bytes() const {
  int64_t bytes = 0;
  for (const std::vector<at::Tensor>* const moments : {&first_, &second_}) {
    for (const at::Tensor& moment : *moments)
      bytes += moment.defined() ? static_cast<int64_t>(moment.nbytes()) : 0;
  }
  return bytes;
}

double Optimizer::GradientNorm() const {
#ifdef PRIVET_CUDA
  if (step_on_device_.defined()) return ReadAdamWStep(step_on_device_).gradient_norm;
#endif
  return step_.gradient_norm;
}

void Optimizer::StepAlongMuon(Parameter* parameter, at::Tensor* momentum) const {
  const double rate = step_.learning_rate * parameter->rate * muon_rate_;
  const double decay = parameter->decays ? rate * weight_decay_ : 0;
  const at::Tensor& gradient = parameter->value.grad();
  momentum->mul_(momentum_).add_(gradient, step_.gradient_scale);
  const at::Tensor ahead = gradient.mul(step_.gradient_scale).add_(*momentum, momentum_);
  parameter->value.mul_(1 - decay);
  // Queries, keys and values lie in one matrix for the sake of one product; as directions go they are three.
  std::vector<int64_t> parts = parameter->stacked_rows;
  if (parts.empty()) parts = {parameter->value.size(0)};
  int64_t row = 0;
  for (const int64_t rows : parts) {
    parameter->value.narrow(0, row, rows)
        .add_(Orthogonalize(ahead.narrow(0, row, rows), bf16_products_),
              -rate * MuonScale(rows, parameter->value.size(1)));
    row += rows;
  }
}

void Optimizer::StepAlongAdamW(size_t index) {
  at::Tensor& parameter = (*parameters_)[index].value;
  const double rate = (*parameters_)[index].rate;
  const AdamWSizes sizes = {.rate = rate,
                            .decay = (*parameters_)[index].decays ? rate * weight_decay_ : 0,
                            .beta1 = static_cast<float>(beta1_),
                            .beta2 = static_cast<float>(beta2_),
                            .epsilon = static_cast<float>(epsilon_)};
  const at::Tensor dense = parameter.grad().contiguous();
#ifdef PRIVET_CUDA
  if (parameter.is_cuda()) {
    StepAdamWOnCuda(sizes, step_on_device_, dense, parameter, first_[index], second_[index]);
    return;
  }
#endif
  const float* const from = dense.const_data_ptr<float>();
  float* const value = parameter.mutable_data_ptr<float>();
  float* const first = first_[index].mutable_data_ptr<float>();
  float* const second = second_[index].mutable_data_ptr<float>();
  at::parallel_for(0, parameter.numel(), 1 << 16, [&](int64_t begin, int64_t end) {
    StepAdamW(sizes, step_, from + begin, value + begin, first + begin, second + begin, end - begin);
  });
}

void Optimizer::Begin(double learning_rate) {
  ++steps_;
  step_ = {.learning_rate = learning_rate,
           .first_correction = 1 - std::pow(beta1_, static_cast<double>(steps_)),
           .second_scale = 1 / std::sqrt(1 - std::pow(beta2_, static_cast<double>(steps_)))};
#ifdef PRIVET_CUDA
  if (!OnCuda()) return;
  if (!step_on_device_.defined()) step_on_device_ = MakeAdamWStepOnCuda(parameters_->front().value.device());
  WriteAdamWStep(step_, step_on_device_);
#endif
}

void Optimizer::Apply() {
  const at::NoGradGuard no_gradients;
  MeasureGradients();
  for (size_t i = 0; i < parameters_->size() && std::isfinite(step_.gradient_norm); ++i) {
    Parameter& parameter = (*parameters_)[i];
    if (!parameter.value.grad().defined()) continue;
    if (second_[i].defined()) {
      StepAlongAdamW(i);
    } else {
      StepAlongMuon(&parameter, &first_[i]);
    }
  }
  ClearGradients();
}

void Optimizer::ClearGradients() {
  for (Parameter& parameter : *parameters_) parameter.value.mutable_grad().reset();
}

}  // namespace privet
