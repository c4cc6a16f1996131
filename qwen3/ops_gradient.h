// The formulas of ops.h on the kernels, with gradients that autograd can call: on the CPU in fp32 (SwiGlu in
// bf16, too), and but for attention on CUDA devices in fp32 and bf16. What a backward pass needs is computed
// again from the input, so that a forward keeps nothing but that.
#ifndef PRIVET_QWEN3_OPS_GRADIENT_H_
#define PRIVET_QWEN3_OPS_GRADIENT_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "qwen3/ops.h"

namespace privet {

// As their namesakes in ops.h. Gradients flow to x (query, key, value), and to weight where it wants one.
at::Tensor RmsNormWithGradient(const at::Tensor& x, const at::Tensor& weight, double epsilon);
at::Tensor NormalizeAndRotateWithGradient(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                                          const RotaryTable& rotary);
at::Tensor SwiGluWithGradient(const at::Tensor& gate_up);
at::Tensor AttentionWithGradient(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                 const std::vector<int32_t>& offsets, bool causal);

}  // namespace privet

#endif  // PRIVET_QWEN3_OPS_GRADIENT_H_
