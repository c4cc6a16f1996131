#ifdef __x86_64__
#include <immintrin.h>

#include "qwen3/kernels/int8_tile.h"

namespace privet {
namespace {

struct Avx512Vnni {
  using Weights = __m512i;
  using Activation = __m512i;
  using Sums = __m512i;
  static Weights Load(const int8_t* weights) { return _mm512_loadu_si512(weights); }
  static Activation Broadcast(const uint8_t* row) {
    return _mm512_set1_epi32(*reinterpret_cast<const int __attribute__((may_alias, aligned(1)))*>(row));
  }
  static Sums Zero() { return _mm512_setzero_si512(); }
  static void Add(Sums* sums, Activation row, Weights weights) {
    *sums = _mm512_dpbusd_epi32(*sums, row, weights);
  }
  static void Store(Sums sums, int32_t* out) { _mm512_storeu_si512(out, sums); }
};

}  // namespace

// 12 x 2 sums, 2 weights and 1 activation take 27 of the 32 registers.
const Int8Kernel kInt8Avx512Vnni = {"AVX-512 VNNI", 127, 12, 2, TileOf<Avx512Vnni, 12, 2>};

}  // namespace privet
#endif
