#include "training/learn/shared_run.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "training/learn/fingerprint.h"

namespace privet {
namespace {

uint64_t FingerprintOf(TrainingConfig config, uint64_t data) {
  for (std::string* const place :
       {&config.output, &config.base_folder, &config.base_tokenizer, &config.device})
    place->clear();
  for (std::vector<DataSource>* const sources : {&config.train, &config.dev}) {
    for (DataSource& source : *sources) source.path.clear();
  }
  config.threads = 0;
  Fingerprint fingerprint;
  fingerprint.Add(WriteTrainingConfig(config));
  fingerprint.Add(absl::StrCat(data));
  return fingerprint.value();
}

}  // namespace

absl::Status CheckSameRun(const TrainingConfig& config, uint64_t data, Processes* processes) {
  const auto mine = static_cast<int64_t>(FingerprintOf(config, data));
  const at::Tensor shared = at::tensor({mine}, at::kLong);
  if (absl::Status status = processes->ShareFirst(shared); !status.ok()) return status;
  if (shared.item<int64_t>() == mine) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this process was given another configuration or other data than process 0; give all the same");
}

absl::Status ShareProgress(RunProgress* progress, Processes* processes) {
  std::vector<double> numbers = {static_cast<double>(progress->step),
                                 progress->best_metric,
                                 progress->best_tie_break,
                                 static_cast<double>(progress->best_step),
                                 static_cast<double>(progress->evaluations_without_better),
                                 progress->finished ? 1.0 : 0.0};
  for (const SourcePosition& at : progress->positions) {
    for (const int64_t number : {at.pass, at.next, at.tokens_drawn})
      numbers.push_back(static_cast<double>(number));
  }
  const at::Tensor shared = at::tensor(numbers, at::kDouble);
  if (absl::Status status = processes->ShareFirst(shared); !status.ok()) return status;
  const double* next = shared.const_data_ptr<double>();
  const auto whole = [&next] { return static_cast<int64_t>(*next++); };
  progress->step = whole();
  progress->best_metric = *next++;
  progress->best_tie_break = *next++;
  progress->best_step = whole();
  progress->evaluations_without_better = whole();
  progress->finished = *next++ > 0;
  for (SourcePosition& at : progress->positions) {
    for (int64_t* const number : {&at.pass, &at.next, &at.tokens_drawn}) *number = whole();
  }
  return absl::OkStatus();
}

absl::Status ShareTensors(const NamedTensors& tensors, Processes* processes) {
  for (const auto& [name, tensor] : tensors) {
    if (absl::Status status = processes->ShareFirst(tensor); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// The buffer: all gradients, one number a parameter that says how many processes have one, loss, stop.
absl::Status SumStep(std::vector<Parameter>* parameters, StepSums* sums, at::Tensor* buffer,
                     Processes* processes) {
  const at::NoGradGuard no_gradients;
  const auto count = static_cast<int64_t>(parameters->size());
  int64_t numbers = 0;
  for (const Parameter& parameter : *parameters) numbers += parameter.value.numel();
  if (!buffer->defined())
    *buffer = at::zeros({numbers + count + 2}, parameters->front().value.options().requires_grad(false));

  const auto view_of = [&](const at::Tensor& value, int64_t begin) {
    return buffer->narrow(0, begin, value.numel()).view(value.sizes());
  };
  std::vector<float> rest;
  int64_t begin = 0;
  for (const Parameter& parameter : *parameters) {
    const at::Tensor& gradient = parameter.value.grad();
    if (gradient.defined()) {
      view_of(parameter.value, begin).copy_(gradient);
    } else {
      view_of(parameter.value, begin).zero_();
    }
    rest.push_back(gradient.defined() ? 1.0F : 0.0F);
    begin += parameter.value.numel();
  }
  rest.push_back(static_cast<float>(sums->loss));
  rest.push_back(sums->stop ? 1.0F : 0.0F);
  buffer->narrow(0, numbers, count + 2).copy_(at::tensor(at::ArrayRef<float>(rest)));
  if (absl::Status status = processes->Sum(*buffer); !status.ok()) return status;

  const at::Tensor summed = buffer->narrow(0, numbers, count + 2).to(at::kCPU);
  const float* const last = summed.const_data_ptr<float>();
  begin = 0;
  for (int64_t i = 0; i < count; ++i) {
    Parameter& parameter = (*parameters)[static_cast<size_t>(i)];
    if (last[i] > 0) parameter.value.mutable_grad() = view_of(parameter.value, begin);
    begin += parameter.value.numel();
  }
  sums->loss = last[count];
  sums->stop = last[count + 1] > 0;
  return absl::OkStatus();
}

}  // namespace privet
