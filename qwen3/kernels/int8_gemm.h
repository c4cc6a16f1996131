// y = x * W^T with W in int8, one scale for each output column, and x quantised row by row as it comes, one
// scale for each row. Both are symmetric: a value is scale * q with q in [-127, 127] for x and in
// [-largest_weight, largest_weight] of the kernel for W. Sums are exact in int32, so kernels of one
// largest_weight give the same result, and a row's does not depend on the rows computed with it. Raw
// pointers, no libtorch, one thread: the caller splits the work.
#ifndef PRIVET_QWEN3_KERNELS_INT8_GEMM_H_
#define PRIVET_QWEN3_KERNELS_INT8_GEMM_H_

#include <cstdint>
#include <vector>

#include "qwen3/kernels/int8_kernel.h"

namespace privet {

// The variants that this CPU runs, the fastest first.
std::vector<const Int8Kernel*> SupportedInt8Kernels();
// The first of them.
const Int8Kernel& BestInt8Kernel();
// Whether that has instructions for it, so that int8 is worth its rounding.
bool CpuHasInt8Products();

// Depth beyond which a sum of 255 * 127 could leave int32.
inline constexpr int64_t kMaxInt8Depth = 65536;

// The weights of a linear layer, ready for a kernel, and for others of its largest_weight.
class Int8Weights {
 public:
  Int8Weights() = default;
  // `weight` is row-major [columns, depth] in fp32; depth <= kMaxInt8Depth.
  Int8Weights(const float* weight, int64_t columns, int64_t depth,
              const Int8Kernel& kernel = BestInt8Kernel());

  int64_t columns() const { return columns_; }
  int64_t depth() const { return depth_; }
  int64_t quads() const { return (depth_ + kQuad - 1) / kQuad; }
  int64_t panels() const { return (columns_ + kPanelColumns - 1) / kPanelColumns; }
  const int8_t* panel(int64_t index) const {
    return quantized_.data() + index * quads() * kPanelColumns * kQuad;
  }
  const float* scales() const { return scales_.data(); }      // padded to whole panels
  const int32_t* surplus() const { return surplus_.data(); }  // 128 * sum of a column's q; padded likewise

 private:
  int64_t columns_ = 0;
  int64_t depth_ = 0;
  std::vector<int8_t> quantized_;
  std::vector<float> scales_;
  std::vector<int32_t> surplus_;
};

// Bytes that one quantised row takes: the depth, padded.
int64_t Int8RowBytes(int64_t depth);

// Quantises `count` rows of `depth` values: into `rows`, count * Int8RowBytes, and `scales`, count.
void QuantizeRows(const float* x, int64_t count, int64_t depth, uint8_t* rows, float* scales);

// y[r][c] for all `count` rows and for the columns of panels [panel_begin, panel_end); y is row-major with
// weights.columns() columns.
void MultiplyInt8(const Int8Kernel& kernel, const uint8_t* rows, const float* row_scales, int64_t count,
                  const Int8Weights& weights, int64_t panel_begin, int64_t panel_end, float* y);

}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_INT8_GEMM_H_
