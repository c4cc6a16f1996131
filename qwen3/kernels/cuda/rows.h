// The formulas of kernels/rows.h and kernels/row_gradients.h on a CUDA device, on its memory. Arithmetic is
// fp32 whatever the numbers are stored in. A call puts its kernel into `stream` (a cudaStream_t of the device
// that is current) and does not wait for it; it returns nullptr, or CUDA's own words for why it could not. No
// libtorch and no type of CUDA, so that who calls needs neither's headers. Sums are added up in an order that
// only the shape decides, so a result does not change from run to run.
#ifndef PRIVET_QWEN3_KERNELS_CUDA_ROWS_H_
#define PRIVET_QWEN3_KERNELS_CUDA_ROWS_H_

#include <cstdint>

namespace privet::cuda {

// What x, weight, out and their gradients are stored in, all alike.
enum class Element { Fp32, Bf16 };

const char* RmsNormRows(Element element, const void* x, const void* weight, float epsilon, int64_t count,
                        int64_t width, void* out, void* stream);

// Weight gradients are sums over rows: so many partial sums come out, [parts][width] in fp32, for the caller
// to add up.
int64_t WeightGradientParts(int64_t rows);

// A row of sums takes at most this many columns where a weight gradient is wanted: 48 KiB of shared memory,
// which a block has without asking for more, less what the kernel itself keeps there.
inline constexpr int64_t kMaxWeightGradientWidth = 12288 - 64;

// weight_gradient_parts may be nullptr; otherwise it has WeightGradientParts(count) rows.
const char* RmsNormRowsGradient(Element element, const void* x, const void* weight, float epsilon,
                                const void* out_gradient, int64_t count, int64_t width, void* x_gradient,
                                float* weight_gradient_parts, void* stream);

// cosine and sine are fp32. x_stride counts elements from token to token.
const char* NormalizeAndRotateHeads(Element element, const void* x, int64_t x_stride, const void* weight,
                                    float epsilon, const float* cosine, const float* sine, int64_t count,
                                    int64_t heads, int64_t head_dim, void* out, void* stream);

// x_gradient is dense, [token][head][head_dim]; weight_gradient_parts may be nullptr; otherwise it has
// WeightGradientParts(count * heads) rows of head_dim, which is then at most kMaxWeightGradientHead.
inline constexpr int64_t kMaxWeightGradientHead = 2048;
const char* NormalizeAndRotateHeadsGradient(Element element, const void* x, int64_t x_stride,
                                            const void* weight, float epsilon, const float* cosine,
                                            const float* sine, const void* out_gradient, int64_t count,
                                            int64_t heads, int64_t head_dim, void* x_gradient,
                                            float* weight_gradient_parts, void* stream);

const char* SwiGluRows(Element element, const void* gate_up, int64_t count, int64_t width, void* out,
                       void* stream);

const char* SwiGluRowsGradient(Element element, const void* gate_up, const void* out_gradient, int64_t count,
                               int64_t width, void* gate_up_gradient, void* stream);

}  // namespace privet::cuda

#endif  // PRIVET_QWEN3_KERNELS_CUDA_ROWS_H_
