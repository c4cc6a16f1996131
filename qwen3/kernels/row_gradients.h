// The gradients of the formulas in rows.h, on fp32 memory. Raw pointers, no libtorch, one thread.
#ifndef PRIVET_QWEN3_KERNELS_ROW_GRADIENTS_H_
#define PRIVET_QWEN3_KERNELS_ROW_GRADIENTS_H_

#include <cstdint>

namespace privet {

// With s = 1 / sqrt(mean(x^2) + epsilon) and g = out_gradient * weight, a row's gradient is
//   s (g - x s^2 mean(g x)),
// and the weight's is the sum over rows of out_gradient x s, which is added to `weight_gradient` unless that
// is nullptr. x_gradient may be out_gradient.
void RmsNormRowsGradient(const float* x, const float* weight, float epsilon, const float* out_gradient,
                         int64_t count, int64_t width, float* x_gradient, float* weight_gradient);

// Of NormalizeAndRotateHeads: the rotation is turned back, then as above for each head. x is strided as
// there, out_gradient dense; x_gradient has the stride `x_gradient_stride` from token to token.
void NormalizeAndRotateHeadsGradient(const float* x, int64_t x_stride, const float* weight, float epsilon,
                                     const float* cosine, const float* sine, const float* out_gradient,
                                     int64_t count, int64_t heads, int64_t head_dim, float* x_gradient,
                                     int64_t x_gradient_stride, float* weight_gradient);

// Of SwiGluRows: `gate_up_gradient` is laid out as gate_up.
void SwiGluRowsGradient(const float* gate_up, const float* out_gradient, int64_t count, int64_t width,
                        float* gate_up_gradient);
// The same of bf16 numbers, given as their bits; calculates in fp32.
void SwiGluRowsGradient(const uint16_t* gate_up, const uint16_t* out_gradient, int64_t count, int64_t width,
                        uint16_t* gate_up_gradient);

}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_ROW_GRADIENTS_H_
