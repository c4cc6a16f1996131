#include "qwen3/kernels/rows.h"

#include "qwen3/kernels/row_math.h"
#include "qwen3/kernels/target_clones.h"

namespace privet {
PRIVET_TARGET_CLONES
void RmsNormRows(const float* x, const float* weight, float epsilon, int64_t count, int64_t width,
                 float* out) {
  for (int64_t r = 0; r < count; ++r, x += width, out += width) {
    const float scale = InverseRms(x, epsilon, width);
    for (int64_t i = 0; i < width; ++i) out[i] = x[i] * scale * weight[i];
  }
}

PRIVET_TARGET_CLONES
void NormalizeAndRotateHeads(const float* x, int64_t x_stride, const float* weight, float epsilon,
                             const float* cosine, const float* sine, int64_t count, int64_t heads,
                             int64_t head_dim, float* out) {
  const int64_t half = head_dim / 2;
  for (int64_t t = 0; t < count; ++t, x += x_stride, cosine += half, sine += half) {
    for (int64_t h = 0; h < heads; ++h, out += head_dim) {
      const float* const head = x + h * head_dim;
      const float scale = InverseRms(head, epsilon, head_dim);
#pragma omp simd
      for (int64_t i = 0; i < half; ++i) {
        const float a = head[i] * scale * weight[i];
        const float b = head[half + i] * scale * weight[half + i];
        out[i] = a * cosine[i] - b * sine[i];
        out[half + i] = b * cosine[i] + a * sine[i];
      }
    }
  }
}

namespace {

template <typename Number>
[[gnu::always_inline]] inline void SwiGluRowsOf(const Number* gate_up, int64_t count, int64_t width,
                                                Number* out) {
  const ExpBounds bounds = MakeExpBounds();
  for (int64_t r = 0; r < count; ++r, gate_up += 2 * width, out += width) {
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) {
      const float gate = ToFloat(gate_up[i]);
      Store(gate / (1.0F + Exp(-gate, bounds)) * ToFloat(gate_up[width + i]), out + i);
    }
  }
}

}  // namespace

PRIVET_TARGET_CLONES
void SwiGluRows(const float* gate_up, int64_t count, int64_t width, float* out) {
  SwiGluRowsOf(gate_up, count, width, out);
}

PRIVET_TARGET_CLONES
void SwiGluRows(const uint16_t* gate_up, int64_t count, int64_t width, uint16_t* out) {
  SwiGluRowsOf(gate_up, count, width, out);
}

}  // namespace privet
