// Without VNNI the 8-bit multiply saturates its 16-bit sums, so values are widened to 16 bits, whose multiply
// is exact.
#ifdef __x86_64__
#include <immintrin.h>

#include "qwen3/kernels/int8_tile.h"

namespace privet {
namespace {

struct Avx2 {
  using Row = int16_t;
  // Four columns x 4 values of depth each; a column's two partial sums meet in Store.
  struct Weights {
    __m256i of[4];
  };
  using Activation = __m256i;
  struct Sums {
    __m256i of[4];
  };
  static Weights Load(const int8_t* weights) {
    Weights loaded;
#pragma GCC unroll 4
    for (int64_t i = 0; i < 4; ++i) {
      loaded.of[i] =
          _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + 16 * i)));
    }
    return loaded;
  }
  static Activation Broadcast(const int16_t* row) {
    return _mm256_set1_epi64x(
        *reinterpret_cast<const long long __attribute__((may_alias, aligned(2)))*>(row));
  }
  static Sums Zero() {
    const __m256i zero = _mm256_setzero_si256();
    return {{zero, zero, zero, zero}};
  }
  static void Add(Sums* sums, Activation row, const Weights& weights) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      sums->of[i] = _mm256_add_epi32(sums->of[i], _mm256_madd_epi16(row, weights.of[i]));
      asm("" : "+x"(sums->of[i]));  // GCC would first multiply everything and run out of registers
    }
  }
  static void Store(const Sums& sums, int32_t* out) {
#pragma GCC unroll 2
    for (int64_t i = 0; i < 2; ++i) {
      // hadd works inside 128-bit halves: columns 0 1 4 5 | 2 3 6 7.
      const __m256i pairs = _mm256_hadd_epi32(sums.of[2 * i], sums.of[2 * i + 1]);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8 * i), _mm256_permute4x64_epi64(pairs, 0xD8));
    }
  }
};

}  // namespace

const Int8Kernel kInt8Avx2 = {"AVX2", false, 2, 1, TileOf<Avx2, 2, 1>};

}  // namespace privet
#endif
