// Without VNNI: 8-bit products are added in pairs, in 16 bits with saturation. Weights of 7 bits keep
// 2 * 255 * 64 below 32,768, so the sums are exact; widening whole bytes to 16 bits instead would keep
// weights of 8 bits and take twice the time.
#ifdef __x86_64__
#include <immintrin.h>

#include "qwen3/kernels/int8_tile.h"

namespace privet {
namespace {

struct Avx2 {
  struct Weights {
    __m256i of[2];
  };
  using Activation = __m256i;
  struct Sums {
    __m256i of[2];
  };
  static Weights Load(const int8_t* weights) {
    const auto* from = reinterpret_cast<const __m256i*>(weights);
    return {{_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1)}};
  }
  static Activation Broadcast(const uint8_t* row) {
    return _mm256_set1_epi32(*reinterpret_cast<const int __attribute__((may_alias, aligned(1)))*>(row));
  }
  static Sums Zero() { return {{_mm256_setzero_si256(), _mm256_setzero_si256()}}; }
  static void Add(Sums* sums, Activation row, const Weights& weights) {
    const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const __m256i pairs = _mm256_maddubs_epi16(row, weights.of[i]);
      sums->of[i] = _mm256_add_epi32(sums->of[i], _mm256_madd_epi16(pairs, ones));
      asm("" : "+x"(sums->of[i]));  // GCC would first multiply everything and run out of registers
    }
  }
  static void Store(const Sums& sums, int32_t* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), sums.of[0]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8), sums.of[1]);
  }
};

}  // namespace

// 6 x 2 sums, 2 weights, 1 activation and the ones are all 16 registers.
const Int8Kernel kInt8Avx2 = {"AVX2", 64, 6, 1, TileOf<Avx2, 6, 1>};

}  // namespace privet
#endif
