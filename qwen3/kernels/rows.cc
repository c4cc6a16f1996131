#include "qwen3/kernels/rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "qwen3/kernels/target_clones.h"

namespace privet {
namespace {

[[gnu::always_inline]] inline float InverseRms(const float* x, float epsilon, int64_t width) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < width; ++i) sum += x[i] * x[i];
  return 1.0F / std::sqrt(sum / static_cast<float>(width) + epsilon);
}

// e^x within 2 units in the last place for |x| < 87, and clamped beyond: 2^n times a polynomial on [-ln2/2,
// ln2/2] (Cephes' expf). Plain arithmetic, so that loops over it become vector code.
[[gnu::always_inline]] inline float Exp(float x) {
  x = std::min(std::max(x, -87.0F), 88.0F);
  const float shifted = x * 1.44269504F + 12582912.0F;  // the whole part of x / ln2 is in the low bits
  const float n = shifted - 12582912.0F;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const auto exponent = std::bit_cast<int32_t>(shifted) - 0x4B400000;
  return p * std::bit_cast<float>((exponent + 127) << 23);
}

}  // namespace

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

PRIVET_TARGET_CLONES
void SwiGluRows(const float* gate_up, int64_t count, int64_t width, float* out) {
  for (int64_t r = 0; r < count; ++r, gate_up += 2 * width, out += width) {
#pragma omp simd
    for (int64_t i = 0; i < width; ++i) {
      const float gate = gate_up[i];
      out[i] = gate / (1.0F + Exp(-gate)) * gate_up[width + i];
    }
  }
}

}  // namespace privet
