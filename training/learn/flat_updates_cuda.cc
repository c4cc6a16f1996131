#include "training/learn/flat_updates_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>

#include "qwen3/cuda_launch.h"
#include "training/learn/cuda/flat_updates.h"

namespace privet {

namespace {

AdamWStep* StepOf(const at::Tensor& step) { return static_cast<AdamWStep*>(step.mutable_data_ptr()); }

at::Tensor BytesOf(AdamWStep* step) { return at::from_blob(step, {sizeof(AdamWStep)}, at::kByte); }

}  // namespace

at::Tensor MakeAdamWStepOnCuda(const at::Device& device) {
  return at::zeros({sizeof(AdamWStep)}, at::TensorOptions(device).dtype(at::kByte));
}

void WriteAdamWStep(const AdamWStep& step, const at::Tensor& on_device) {
  AdamWStep copy = step;
  on_device.copy_(BytesOf(&copy).pin_memory(), /*non_blocking=*/true);
}

AdamWStep ReadAdamWStep(const at::Tensor& on_device) {
  AdamWStep step;
  BytesOf(&step).copy_(on_device);
  return step;
}

void MeasureGradientsOnCuda(const std::vector<at::Tensor>& gradients, double clip_norm,
                            const at::Tensor& step) {
  const at::Device device = step.device();
  int64_t count = 0;
  for (const at::Tensor& gradient : gradients) count += cuda::SquareParts(gradient.numel());
  const at::Tensor parts = at::empty({count}, at::TensorOptions(device).dtype(at::kDouble));
  double* part = parts.mutable_data_ptr<double>();
  for (const at::Tensor& gradient : gradients) {
    const at::Tensor dense = gradient.contiguous();
    LaunchOn(device, "the gradients' squares", [&](void* stream) {
      return cuda::SumOfSquares(dense.const_data_ptr<float>(), dense.numel(), part, stream);
    });
    part += cuda::SquareParts(dense.numel());
  }
  LaunchOn(device, "the gradients' length", [&](void* stream) {
    return cuda::MeasureGradients(parts.const_data_ptr<double>(), count, clip_norm, StepOf(step), stream);
  });
}

void StepAdamWOnCuda(const AdamWSizes& sizes, const at::Tensor& step, const at::Tensor& gradient,
                     const at::Tensor& value, const at::Tensor& first, const at::Tensor& second) {
  LaunchOn(value.device(), "AdamW", [&](void* stream) {
    return cuda::StepAdamW(sizes, StepOf(step), gradient.const_data_ptr<float>(),
                           value.mutable_data_ptr<float>(), first.mutable_data_ptr<float>(),
                           second.mutable_data_ptr<float>(), value.numel(), stream);
  });
}

}  // namespace privet
