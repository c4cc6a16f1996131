#include "qwen3/ops_cuda.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <utility>

#include "qwen3/cuda_launch.h"
#include "qwen3/kernels/cuda/rows.h"

namespace privet {
namespace {

cuda::Element ElementOf(const at::Tensor& x) {
  return x.scalar_type() == at::kBFloat16 ? cuda::Element::Bf16 : cuda::Element::Fp32;
}

at::Tensor MakeParts(const at::Tensor& weight, int64_t rows, bool wanted) {
  if (!wanted) return {};
  return at::empty({cuda::WeightGradientParts(rows), weight.numel()}, weight.options().dtype(at::kFloat));
}
float* DataOf(const at::Tensor& parts) { return parts.defined() ? parts.mutable_data_ptr<float>() : nullptr; }
at::Tensor SumOf(const at::Tensor& parts, const at::Tensor& weight) {
  return parts.defined() ? parts.sum(0).to(weight.scalar_type()).view_as(weight) : at::Tensor();
}

}  // namespace

bool RunsOnCudaKernels(const at::Tensor& x, const at::Tensor& weight) {
  if (!x.is_cuda() || (x.scalar_type() != at::kFloat && x.scalar_type() != at::kBFloat16)) return false;
  if (!weight.defined()) return true;
  return weight.scalar_type() == x.scalar_type() && weight.is_contiguous() &&
         weight.numel() <= (x.dim() == 3 ? cuda::kMaxWeightGradientHead : cuda::kMaxWeightGradientWidth);
}

at::Tensor RmsNormOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  at::Tensor out = at::empty_like(x);
  const int64_t width = x.size(-1);
  LaunchOn(x.device(), "RmsNorm", [&](void* stream) {
    return cuda::RmsNormRows(ElementOf(x), x.const_data_ptr(), weight.const_data_ptr(),
                             static_cast<float>(epsilon), x.numel() / width, width, out.mutable_data_ptr(),
                             stream);
  });
  return out;
}

CudaGradients RmsNormGradientOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                    const at::Tensor& out_gradient, bool wants_weight) {
  at::Tensor x_gradient = at::empty_like(x);
  const int64_t width = x.size(-1);
  const int64_t rows = x.numel() / width;
  const at::Tensor parts = MakeParts(weight, rows, wants_weight);
  LaunchOn(x.device(), "RmsNorm's gradient", [&](void* stream) {
    return cuda::RmsNormRowsGradient(ElementOf(x), x.const_data_ptr(), weight.const_data_ptr(),
                                     static_cast<float>(epsilon), out_gradient.const_data_ptr(), rows, width,
                                     x_gradient.mutable_data_ptr(), DataOf(parts), stream);
  });
  return {std::move(x_gradient), SumOf(parts, weight)};
}

at::Tensor NormalizeAndRotateOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                    const RotaryTable& rotary) {
  at::Tensor out = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
  LaunchOn(x.device(), "NormalizeAndRotate", [&](void* stream) {
    return cuda::NormalizeAndRotateHeads(
        ElementOf(x), x.const_data_ptr(), x.stride(0), weight.const_data_ptr(), static_cast<float>(epsilon),
        rotary.cosine.const_data_ptr<float>(), rotary.sine.const_data_ptr<float>(), x.size(0), x.size(1),
        x.size(2), out.mutable_data_ptr(), stream);
  });
  return out;
}

CudaGradients NormalizeAndRotateGradientOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                               const RotaryTable& rotary, const at::Tensor& out_gradient,
                                               bool wants_weight) {
  at::Tensor x_gradient = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
  const at::Tensor parts = MakeParts(weight, x.size(0) * x.size(1), wants_weight);
  LaunchOn(x.device(), "NormalizeAndRotate's gradient", [&](void* stream) {
    return cuda::NormalizeAndRotateHeadsGradient(
        ElementOf(x), x.const_data_ptr(), x.stride(0), weight.const_data_ptr(), static_cast<float>(epsilon),
        rotary.cosine.const_data_ptr<float>(), rotary.sine.const_data_ptr<float>(),
        out_gradient.const_data_ptr(), x.size(0), x.size(1), x.size(2), x_gradient.mutable_data_ptr(),
        DataOf(parts), stream);
  });
  return {std::move(x_gradient), SumOf(parts, weight)};
}

at::Tensor SwiGluOnCuda(const at::Tensor& gate_up) {
  const int64_t width = gate_up.size(1) / 2;
  at::Tensor out = at::empty({gate_up.size(0), width}, gate_up.options());
  LaunchOn(gate_up.device(), "SwiGlu", [&](void* stream) {
    return cuda::SwiGluRows(ElementOf(gate_up), gate_up.const_data_ptr(), gate_up.size(0), width,
                            out.mutable_data_ptr(), stream);
  });
  return out;
}

at::Tensor SwiGluGradientOnCuda(const at::Tensor& gate_up, const at::Tensor& out_gradient) {
  at::Tensor gradient = at::empty_like(gate_up);
  LaunchOn(gate_up.device(), "SwiGlu's gradient", [&](void* stream) {
    return cuda::SwiGluRowsGradient(ElementOf(gate_up), gate_up.const_data_ptr(),
                                    out_gradient.const_data_ptr(), gate_up.size(0), gate_up.size(1) / 2,
                                    gradient.mutable_data_ptr(), stream);
  });
  return gradient;
}

}  // namespace privet
