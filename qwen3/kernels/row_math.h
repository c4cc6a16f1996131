// What the row kernels share: plain arithmetic that loops over it turn into vector code.
#ifndef PRIVET_QWEN3_KERNELS_ROW_MATH_H_
#define PRIVET_QWEN3_KERNELS_ROW_MATH_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace privet {

[[gnu::always_inline]] inline float InverseRms(const float* x, float epsilon, int64_t width) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < width; ++i) sum += x[i] * x[i];
  return 1.0F / std::sqrt(sum / static_cast<float>(width) + epsilon);
}

// Where Exp is clamped. Read once before a loop: a compiler that knew the numbers would compute both ends
// beside the middle for every element and pick one, and gate / e^88 is a denormal, which takes a CPU 150
// cycles.
struct ExpBounds {
  float lowest = -87.0F;
  float highest = 88.0F;
};
[[gnu::always_inline]] inline ExpBounds MakeExpBounds() {
  ExpBounds bounds;
  asm("" : "+m"(bounds));
  return bounds;
}

// e^x within 2 units in the last place for |x| < 87, and clamped beyond: 2^n times a polynomial on [-ln2/2,
// ln2/2] (Cephes' expf). Plain arithmetic, so that loops over it become vector code.
[[gnu::always_inline]] inline float Exp(float x, ExpBounds bounds) {
  x = std::min(std::max(x, bounds.lowest), bounds.highest);
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

// A number in bf16, as its bits: the upper half of an fp32 number.
using Bf16Bits = uint16_t;

[[gnu::always_inline]] inline float ToFloat(float x) { return x; }
[[gnu::always_inline]] inline float ToFloat(Bf16Bits x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x) << 16);
}
[[gnu::always_inline]] inline void Store(float x, float* to) { *to = x; }
// To the nearest, of two equally near ones the even one; what is not a number stays that.
[[gnu::always_inline]] inline void Store(float x, Bf16Bits* to) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  *to = static_cast<Bf16Bits>((bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC0 : rounded);
}

}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_ROW_MATH_H_
