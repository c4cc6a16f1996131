#include "training/learn/flat_updates_cuda.h"

#include <ATen/ops/empty.h>

#include "qwen3/cuda_launch.h"
#include "training/learn/cuda/flat_updates.h"

namespace privet {

at::Tensor MeasureGradientsOnCuda(const std::vector<at::Tensor>& gradients, const at::Device& device,
                                  double clip_norm) {
  int64_t count = 0;
  for (const at::Tensor& gradient : gradients) count += cuda::SquareParts(gradient.numel());
  const at::Tensor parts = at::empty({count}, at::TensorOptions(device).dtype(at::kDouble));
  at::Tensor size = at::empty({2}, parts.options());
  double* part = parts.mutable_data_ptr<double>();
  for (const at::Tensor& gradient : gradients) {
    const at::Tensor dense = gradient.contiguous();
    LaunchOn(device, "the gradients' squares", [&](void* stream) {
      return cuda::SumOfSquares(dense.const_data_ptr<float>(), dense.numel(), part, stream);
    });
    part += cuda::SquareParts(dense.numel());
  }
  LaunchOn(device, "the gradients' length", [&](void* stream) {
    return cuda::MeasureGradients(parts.const_data_ptr<double>(), count, clip_norm,
                                  static_cast<cuda::GradientSize*>(size.mutable_data_ptr()), stream);
  });
  return size;
}

void StepAdamWOnCuda(const AdamWSizes& sizes, const at::Tensor& size, const at::Tensor& gradient,
                     const at::Tensor& value, const at::Tensor& first, const at::Tensor& second) {
  LaunchOn(value.device(), "AdamW", [&](void* stream) {
    return cuda::StepAdamW(sizes, static_cast<const cuda::GradientSize*>(size.const_data_ptr()),
                           gradient.const_data_ptr<float>(), value.mutable_data_ptr<float>(),
                           first.mutable_data_ptr<float>(), second.mutable_data_ptr<float>(), value.numel(),
                           stream);
  });
}

}  // namespace privet
