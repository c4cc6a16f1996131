#include "qwen3/kernels/int8_gemm.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "qwen3/kernels/target_clones.h"

namespace privet {
namespace {

// Rounds to the nearest whole number, ties to even, for |value| < 2^22: the sum leaves the number in the low
// bits of the mantissa. Unlike lrint it compiles to plain vector code.
inline int32_t Round(float value) { return std::bit_cast<int32_t>(value + 12582912.0F) - 0x4B400000; }

// The scale that makes the largest |x| `most`, and its inverse; 0 and 0 where all are 0.
struct Scale {
  float scale;
  float inverse;
};
[[gnu::always_inline]] inline Scale ScaleOf(const float* x, int64_t depth, float most) {
  float largest = 0;
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < depth; ++i) largest = std::max(largest, std::abs(x[i]));
  return {largest / most, largest > 0 ? most / largest : 0.0F};
}

constexpr int32_t kZero = 128;  // how a row says 0

// A tile's sums to fp32: y[r][c] = (sum - surplus[c]) * row_scale[r] * scale[c], for the tile's first
// `columns` columns. Whole panels have a loop of their own, whose length the compiler knows.
PRIVET_TARGET_CLONES
void ScaleTile(const int32_t* __restrict sums, int64_t rows, int64_t panels,
               const int32_t* __restrict surplus, const float* __restrict row_scales,
               const float* __restrict scales, int64_t columns, float* __restrict y, int64_t y_stride) {
  for (int64_t r = 0; r < rows; ++r, y += y_stride, sums += panels * kPanelColumns) {
    const float row_scale = row_scales[r];
    int64_t c = 0;
    for (; c + kPanelColumns <= columns; c += kPanelColumns) {
#pragma omp simd
      for (int64_t i = c; i < c + kPanelColumns; ++i) {
        y[i] = static_cast<float>(sums[i] - surplus[i]) * (row_scale * scales[i]);
      }
    }
    for (; c < columns; ++c) y[c] = static_cast<float>(sums[c] - surplus[c]) * (row_scale * scales[c]);
  }
}

}  // namespace

std::vector<const Int8Kernel*> SupportedInt8Kernels() {
  std::vector<const Int8Kernel*> kernels;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl"))
    kernels.push_back(&kInt8Avx512Vnni);
#if !defined(__clang__)
  if (__builtin_cpu_supports("avxvnni")) kernels.push_back(&kInt8AvxVnni);
#endif
  if (__builtin_cpu_supports("avx2")) kernels.push_back(&kInt8Avx2);
#endif
  kernels.push_back(&kInt8Portable);
  return kernels;
}

const Int8Kernel& BestInt8Kernel() {
  static const Int8Kernel* const best = SupportedInt8Kernels().front();
  return *best;
}

bool CpuHasInt8Products() { return &BestInt8Kernel() != &kInt8Portable; }

Int8Weights::Int8Weights(const float* weight, int64_t columns, int64_t depth, const Int8Kernel& kernel)
    : columns_(columns), depth_(depth) {
  const int64_t padded = quads() * kQuad;
  quantized_.assign(static_cast<size_t>(panels() * padded * kPanelColumns), 0);
  scales_.assign(static_cast<size_t>(panels() * kPanelColumns), 0);
  surplus_.assign(scales_.size(), 0);
  for (int64_t c = 0; c < columns; ++c) {
    const auto at = static_cast<size_t>(c);
    const float* const column = weight + c * depth;
    const auto [scale, inverse] = ScaleOf(column, depth, static_cast<float>(kernel.largest_weight));
    int8_t* out =
        quantized_.data() + (c / kPanelColumns) * padded * kPanelColumns + (c % kPanelColumns) * kQuad;
    int32_t sum = 0;
    for (int64_t k = 0; k < depth; ++k) {
      const int32_t q = Round(column[k] * inverse);
      out[(k / kQuad) * kPanelColumns * kQuad + k % kQuad] = static_cast<int8_t>(q);
      sum += q;
    }
    scales_[at] = scale;
    surplus_[at] = kZero * sum;
  }
}

int64_t Int8RowBytes(int64_t depth) { return (depth + kQuad - 1) / kQuad * kQuad; }

PRIVET_TARGET_CLONES
void QuantizeRows(const float* x, int64_t count, int64_t depth, uint8_t* rows, float* scales) {
  const int64_t padded = Int8RowBytes(depth);
  for (int64_t r = 0; r < count; ++r, x += depth, rows += padded) {
    const auto [scale, inverse] = ScaleOf(x, depth, 127.0F);
    for (int64_t i = 0; i < depth; ++i) rows[i] = static_cast<uint8_t>(Round(x[i] * inverse) + kZero);
    for (int64_t i = depth; i < padded; ++i) rows[i] = kZero;
    scales[r] = scale;
  }
}

void MultiplyInt8(const Int8Kernel& kernel, const uint8_t* rows, const float* row_scales, int64_t count,
                  const Int8Weights& weights, int64_t panel_begin, int64_t panel_end, float* y) {
  constexpr int kMostSums = 12 * 2 * kPanelColumns;
  alignas(64) int32_t sums[kMostSums];
  const int64_t quads = weights.quads();
  const int64_t row_bytes = Int8RowBytes(weights.depth());
  // Rows stay in the L2 cache while all panels pass by, and a panel stays in L1 while the rows of a block
  // pass by.
  constexpr int64_t kBlockBytes = 128 << 10;
  const int64_t block =
      std::max<int64_t>(kernel.max_rows, kBlockBytes / row_bytes / kernel.max_rows * kernel.max_rows);
  for (int64_t block_begin = 0; block_begin < count; block_begin += block) {
    const int64_t block_end = std::min(count, block_begin + block);
    for (int64_t panel = panel_begin; panel < panel_end; panel += kernel.max_panels) {
      const int panel_count = static_cast<int>(std::min<int64_t>(kernel.max_panels, panel_end - panel));
      const int64_t column = panel * kPanelColumns;
      const int64_t columns =
          std::min<int64_t>(int64_t{panel_count} * kPanelColumns, weights.columns() - column);
      for (int64_t row = block_begin; row < block_end; row += kernel.max_rows) {
        const int row_count = static_cast<int>(std::min<int64_t>(kernel.max_rows, block_end - row));
        kernel.tile(rows + row * row_bytes, quads * kQuad, row_count, weights.panel(panel), panel_count,
                    quads, sums);
        ScaleTile(sums, row_count, panel_count, weights.surplus() + column, row_scales + row,
                  weights.scales() + column, columns, y + row * weights.columns() + column,
                  weights.columns());
      }
    }
  }
}

}  // namespace privet
