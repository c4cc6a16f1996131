// The encoder's row-wise formulas on fp32 memory, each one pass where a chain of tensor operations would take
// five. Rows are independent, so a row's result never depends on its neighbours. Raw pointers, no libtorch,
// one thread.
#ifndef PRIVET_QWEN3_KERNELS_ROWS_H_
#define PRIVET_QWEN3_KERNELS_ROWS_H_

#include <cstdint>

namespace privet {

// out = x / sqrt(mean(x^2) + epsilon) * weight, for each of `count` rows (Zhang & Sennrich 2019). out may be
// x.
void RmsNormRows(const float* x, const float* weight, float epsilon, int64_t count, int64_t width,
                 float* out);

// For each of `count` tokens: `heads` heads of `head_dim`, head h at x + token * x_stride + h * head_dim, are
// normalised as above with one weight for all heads and rotated: halves (a, b) of a head become (a cos - b
// sin, b cos + a sin) (Su et al. 2021, in the half-split form). cos and sin have a row of head_dim / 2 for
// each token. Written densely, [token][head][head_dim].
void NormalizeAndRotateHeads(const float* x, int64_t x_stride, const float* weight, float epsilon,
                             const float* cosine, const float* sine, int64_t count, int64_t heads,
                             int64_t head_dim, float* out);

// out = gate * sigmoid(gate) * up, where a row of `gate_up` is gate then up, `width` each (Shazeer 2020).
// Gates below -88, whose true result is 0 to fp32, give gate / e^88.
void SwiGluRows(const float* gate_up, int64_t count, int64_t width, float* out);
// The same of bf16 numbers, given as their bits; calculates in fp32.
void SwiGluRows(const uint16_t* gate_up, int64_t count, int64_t width, uint16_t* out);

}  // namespace privet

#endif  // PRIVET_QWEN3_KERNELS_ROWS_H_
