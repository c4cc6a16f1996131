#include "qwen3/kernels/row_gradients.h"

#include "qwen3/kernels/row_math.h"
#include "qwen3/kernels/target_clones.h"

namespace privet {
namespace {

// mean(g x) with g = gradient * weight.
[[gnu::always_inline]] inline float MeanProduct(const float* x, const float* weight, const float* gradient,
                                                int64_t width) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < width; ++i) sum += gradient[i] * weight[i] * x[i];
  return sum / static_cast<float>(width);
}

}  // namespace

PRIVET_TARGET_CLONES
void RmsNormRowsGradient(const float* x, const float* weight, float epsilon, const float* out_gradient,
                         int64_t count, int64_t width, float* x_gradient, float* weight_gradient) {
  for (int64_t r = 0; r < count; ++r, x += width, out_gradient += width, x_gradient += width) {
    const float scale = InverseRms(x, epsilon, width);
    const float pull = scale * scale * MeanProduct(x, weight, out_gradient, width);
    if (weight_gradient != nullptr) {
#pragma omp simd
      for (int64_t i = 0; i < width; ++i) weight_gradient[i] += out_gradient[i] * x[i] * scale;
    }
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) x_gradient[i] = scale * (out_gradient[i] * weight[i] - x[i] * pull);
  }
}

PRIVET_TARGET_CLONES
void NormalizeAndRotateHeadsGradient(const float* x, int64_t x_stride, const float* weight, float epsilon,
                                     const float* cosine, const float* sine, const float* out_gradient,
                                     int64_t count, int64_t heads, int64_t head_dim, float* x_gradient,
                                     int64_t x_gradient_stride, float* weight_gradient) {
  const int64_t half = head_dim / 2;
  for (int64_t t = 0; t < count;
       ++t, x += x_stride, x_gradient += x_gradient_stride, cosine += half, sine += half) {
    for (int64_t h = 0; h < heads; ++h, out_gradient += head_dim) {
      const float* const head = x + h * head_dim;
      float* const to = x_gradient + h * head_dim;
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const float a = out_gradient[i];
        const float b = out_gradient[half + i];
        to[i] = a * cosine[i] + b * sine[i];
        to[half + i] = b * cosine[i] - a * sine[i];
      }
      const float scale = InverseRms(head, epsilon, head_dim);
      const float pull = scale * scale * MeanProduct(head, weight, to, head_dim);
      if (weight_gradient != nullptr) {
#pragma omp simd
        for (int64_t i = 0; i < head_dim; ++i) weight_gradient[i] += to[i] * head[i] * scale;
      }
#pragma omp simd
      for (int64_t i = 0; i < head_dim; ++i) to[i] = scale * (to[i] * weight[i] - head[i] * pull);
    }
  }
}

namespace {

template <typename Number>
[[gnu::always_inline]] inline void SwiGluRowsGradientOf(const Number* gate_up, const Number* out_gradient,
                                                        int64_t count, int64_t width,
                                                        Number* gate_up_gradient) {
  const ExpBounds bounds = MakeExpBounds();
  for (int64_t r = 0; r < count;
       ++r, gate_up += 2 * width, out_gradient += width, gate_up_gradient += 2 * width) {
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) {
      const float gate = ToFloat(gate_up[i]);
      const float above = ToFloat(out_gradient[i]);
      const float sigmoid = 1.0F / (1.0F + Exp(-gate, bounds));
      const float silu = gate * sigmoid;
      Store(above * ToFloat(gate_up[width + i]) * (sigmoid + silu * (1.0F - sigmoid)), gate_up_gradient + i);
      Store(above * silu, gate_up_gradient + width + i);
    }
  }
}

}  // namespace

PRIVET_TARGET_CLONES
void SwiGluRowsGradient(const float* gate_up, const float* out_gradient, int64_t count, int64_t width,
                        float* gate_up_gradient) {
  SwiGluRowsGradientOf(gate_up, out_gradient, count, width, gate_up_gradient);
}

PRIVET_TARGET_CLONES
void SwiGluRowsGradient(const uint16_t* gate_up, const uint16_t* out_gradient, int64_t count, int64_t width,
                        uint16_t* gate_up_gradient) {
  SwiGluRowsGradientOf(gate_up, out_gradient, count, width, gate_up_gradient);
}

}  // namespace privet
