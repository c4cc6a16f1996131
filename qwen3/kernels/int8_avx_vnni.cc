#ifdef __x86_64__
#include <immintrin.h>

#include "qwen3/kernels/int8_tile.h"

namespace privet {
namespace {

struct AvxVnni {
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
    sums->of[0] = _mm256_dpbusd_avx_epi32(sums->of[0], row, weights.of[0]);
    sums->of[1] = _mm256_dpbusd_avx_epi32(sums->of[1], row, weights.of[1]);
  }
  static void Store(const Sums& sums, int32_t* out) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), sums.of[0]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 8), sums.of[1]);
  }
};

}  // namespace

const Int8Kernel kInt8AvxVnni = {"AVX-VNNI", 127, 6, 1, TileOf<AvxVnni, 6, 1>};

}  // namespace privet
#endif
