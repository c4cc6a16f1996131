// The int8 product's variants, one for each instruction set. int8_gemm.h is the way in.
#ifndef PRIVET_QWEN3_KERNELS_INT8_KERNEL_H_
#define PRIVET_QWEN3_KERNELS_INT8_KERNEL_H_

#include <cstdint>

namespace privet {

// Weights lie in panels of 16 output columns; inside a panel 4 values of depth of one column lie together,
// then those of the next column: what one VNNI instruction eats. Depth is padded to a multiple of 4 with
// zeros.
inline constexpr int kPanelColumns = 16;
inline constexpr int kQuad = 4;

struct Int8Kernel {
  const char* name;
  // Weights are quantised to whole numbers of at most this size: 127, or less where two products must fit 16
  // bits.
  int largest_weight;
  int max_rows;    // of one call
  int max_panels;  // of one call
  // sums[row][panel][column] = sum over depth of row * weight, exact in int32. Activations are q + 128, as
  // the instructions multiply unsigned by signed; the caller takes the surplus of 128 * sum(weights) off.
  // `row_stride` is in activations; `panels` are one behind the other; `quads` is the padded depth / 4.
  void (*tile)(const uint8_t* rows, int64_t row_stride, int row_count, const int8_t* panels, int panel_count,
               int64_t quads, int32_t* sums);
};

// Compiled for every x86-64; SupportedInt8Kernels() says which of them this CPU runs. The portable one runs
// everywhere.
extern const Int8Kernel kInt8Portable;
#ifdef __x86_64__
extern const Int8Kernel kInt8Avx2;
extern const Int8Kernel kInt8AvxVnni;
extern const Int8Kernel kInt8Avx512Vnni;
#endif

}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_INT8_KERNEL_H_
