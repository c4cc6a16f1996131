#include "qwen3/kernels/int8_tile.h"

namespace privet {
namespace {

struct Portable {
  using Weights = const int8_t*;
  using Activation = const uint8_t*;
  struct Sums {
    int32_t column[kPanelColumns];
  };
  static Weights Load(const int8_t* weights) { return weights; }
  static Activation Broadcast(const uint8_t* row) { return row; }
  static Sums Zero() { return Sums{}; }
  static void Add(Sums* sums, Activation row, Weights weights) {
    for (int c = 0; c < kPanelColumns; ++c) {
      for (int i = 0; i < kQuad; ++i) sums->column[c] += row[i] * weights[c * kQuad + i];
    }
  }
  static void Store(const Sums& sums, int32_t* out) {
    for (int c = 0; c < kPanelColumns; ++c) out[c] = sums.column[c];
  }
};

}  // namespace

// As many rows and panels as the AVX-512 variant has, so that its tiling is tested where its instructions are
// not there.
const Int8Kernel kInt8Portable = {"portable", 127, 12, 2, TileOf<Portable, 12, 2>};

}  // namespace privet
