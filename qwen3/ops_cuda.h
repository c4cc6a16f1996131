// The formulas of ops.h and their gradients on the kernels of kernels/cuda/, as tensors: in builds with
// PRIVET_CUDA. Everything is put into the current stream of the tensors' device. Throws c10::Error where a
// launch fails.
#ifndef PRIVET_QWEN3_OPS_CUDA_H_
#define PRIVET_QWEN3_OPS_CUDA_H_

#include <ATen/core/Tensor.h>

#include "qwen3/ops.h"

namespace privet {

// Whether the kernels take them: on CUDA, both in fp32 or both in bf16, no wider than the kernels' sums may
// be. `weight` may be undefined where there is none.
bool RunsOnCudaKernels(const at::Tensor& x, const at::Tensor& weight);

// Without autograd. x is dense; NormalizeAndRotateOnCuda wants that of the last two dimensions only.
at::Tensor RmsNormOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon);
at::Tensor NormalizeAndRotateOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                    const RotaryTable& rotary);
at::Tensor SwiGluOnCuda(const at::Tensor& gate_up);

// Of one formula, by input; `weight` stays undefined where it is not wanted.
struct CudaGradients {
  at::Tensor x, weight;
};
// out_gradient is dense.
CudaGradients RmsNormGradientOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                    const at::Tensor& out_gradient, bool wants_weight);
CudaGradients NormalizeAndRotateGradientOnCuda(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                               const RotaryTable& rotary, const at::Tensor& out_gradient,
                                               bool wants_weight);
at::Tensor SwiGluGradientOnCuda(const at::Tensor& gate_up, const at::Tensor& out_gradient);

}  // namespace privet

#endif  // PRIVET_QWEN3_OPS_CUDA_H_
