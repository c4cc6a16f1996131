// The inner loop of the int8 product, written once over what an instruction set gives. Included only by the
// int8_ISA.cc files, each compiled for its instruction set; so everything here has internal linkage, and
// nothing that another file could share may be instantiated here.
#ifndef PRIVET_QWEN3_KERNELS_INT8_TILE_H_
#define PRIVET_QWEN3_KERNELS_INT8_TILE_H_

#include "qwen3/kernels/int8_kernel.h"

namespace privet {
namespace {

// kRows x kPanels panels of sums, kept in registers over the whole depth. An Isa has:
//   Weights       a panel's 16 columns x 4 values of depth;        Load(const int8_t*)
//   Activation    4 activations, the same for every column;        Broadcast(const uint8_t*)
//   Sums          16 columns' sums;  Zero(), Add(Sums*, Activation, Weights), Store(Sums, int32_t*)
template <typename Isa, int kRows, int kPanels>
void Tile(const uint8_t* __restrict rows, int64_t row_stride, const int8_t* __restrict panels, int64_t quads,
          int32_t* __restrict sums) {
  typename Isa::Sums acc[kRows][kPanels];
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p) acc[r][p] = Isa::Zero();
  }
  const int64_t panel_bytes = quads * kPanelColumns * kQuad;
  for (int64_t q = 0; q < quads; ++q) {
    typename Isa::Weights weights[kPanels];
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p)
      weights[p] = Isa::Load(panels + p * panel_bytes + q * kPanelColumns * kQuad);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const typename Isa::Activation activation = Isa::Broadcast(rows + r * row_stride + q * kQuad);
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p) Isa::Add(&acc[r][p], activation, weights[p]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p)
      Isa::Store(acc[r][p], sums + static_cast<int64_t>(r * kPanels + p) * kPanelColumns);
  }
}

// Rows and panels at the edges of a matrix take a smaller tile.
template <typename Isa, int kRows, int kPanels>
void TileOfRows(const uint8_t* rows, int64_t row_stride, int row_count, const int8_t* panels, int64_t quads,
                int32_t* sums) {
  if (row_count == kRows) {
    Tile<Isa, kRows, kPanels>(rows, row_stride, panels, quads, sums);
  } else if constexpr (kRows > 1) {
    TileOfRows<Isa, kRows - 1, kPanels>(rows, row_stride, row_count, panels, quads, sums);
  }
}

template <typename Isa, int kRows, int kPanels>
void TileOf(const uint8_t* rows, int64_t row_stride, int row_count, const int8_t* panels, int panel_count,
            int64_t quads, int32_t* sums) {
  if (panel_count == kPanels) {
    TileOfRows<Isa, kRows, kPanels>(rows, row_stride, row_count, panels, quads, sums);
  } else if constexpr (kPanels > 1) {
    TileOf<Isa, kRows, kPanels - 1>(rows, row_stride, row_count, panels, panel_count, quads, sums);
  }
}

}  // namespace
}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_INT8_TILE_H_
