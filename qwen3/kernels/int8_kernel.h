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
  // How activations are written: as q + 128 in uint8_t (VNNI multiplies unsigned by signed; the caller takes
  // the surplus of 128 * sum(weights) off), or as q in int16_t.
  bool unsigned_rows;
  int max_rows;    // of one call
  int max_panels;  // of one call
  // sums[row][panel][column] = sum over depth of row * weight, exact in int32. `row_stride` is in
  // activations; `panels` are one behind the other; `quads` is the padded depth / 4.
  void (*tile)(const void* rows, int64_t row_stride, int row_count, const int8_t* panels, int panel_count,
               int64_t quads, int32_t* sums);
};

// Compiled for every x86-64; SupportedInt8Kernels() says which of them this CPU runs. The portable ones run
// everywhere and stand for the formats of the others in tests: unsigned rows as VNNI, int16 rows as AVX2.
extern const Int8Kernel kInt8Portable;
extern const Int8Kernel kInt8PortableUnsigned;
#ifdef __x86_64__
extern const Int8Kernel kInt8Avx2;
extern const Int8Kernel kInt8AvxVnni;
extern const Int8Kernel kInt8Avx512Vnni;
#endif

}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_INT8_KERNEL_H_
