#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <initializer_list>
#include <type_traits>

#include "qwen3/kernels/cuda/rows.h"

namespace privet::cuda {
namespace {

constexpr int kThreads = 128;  // of a block
constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;
constexpr unsigned kAllLanes = 0xFFFFFFFF;

// N numbers that a thread reads or writes at once.
template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
  T values[N];
};

template <int N, typename T>
__device__ void Load(const T* from, float (&to)[N]) {
  const auto pack = *reinterpret_cast<const Pack<T, N>*>(from);
#pragma unroll
  for (int i = 0; i < N; ++i) to[i] = static_cast<float>(pack.values[i]);
}

template <int N, typename T>
__device__ void Store(const float (&from)[N], T* to) {
  Pack<T, N> pack;
#pragma unroll
  for (int i = 0; i < N; ++i) pack.values[i] = static_cast<T>(from[i]);
  *reinterpret_cast<Pack<T, N>*>(to) = pack;
}

// All lanes get the sum.
__device__ float SumOfWarp(float value) {
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2)
    value += __shfl_xor_sync(kAllLanes, value, distance);
  return value;
}

// All threads get the sum.
__device__ float SumOfBlock(float value) {
  __shared__ float of_warps[kWarps];
  value = SumOfWarp(value);
  if (threadIdx.x % kWarp == 0) of_warps[threadIdx.x / kWarp] = value;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kWarps; ++i) sum += of_warps[i];
  __syncthreads();  // the next sum writes to the same place
  return sum;
}

__device__ float InverseRms(float squares, int64_t width, float epsilon) {
  return 1.0F / sqrtf(squares / static_cast<float>(width) + epsilon);
}

// A block takes a row.
template <typename T, int N>
__global__ void RmsNorm(const T* x, const T* weight, float epsilon, int64_t width, T* out) {
  x += blockIdx.x * width;
  out += blockIdx.x * width;
  float values[N];
  float squares = 0;
  for (int64_t i = threadIdx.x * N; i < width; i += kThreads * N) {
    Load(x + i, values);
#pragma unroll
    for (int k = 0; k < N; ++k) squares += values[k] * values[k];
  }
  const float scale = InverseRms(SumOfBlock(squares), width, epsilon);
  float factors[N];
  for (int64_t i = threadIdx.x * N; i < width; i += kThreads * N) {
    Load(x + i, values);
    Load(weight + i, factors);
#pragma unroll
    for (int k = 0; k < N; ++k) values[k] = values[k] * scale * factors[k];
    Store(values, out + i);
  }
}

// A block takes every gridDim.x-th row. A thread meets the same columns in each, and keeps their sums in its
// own part of the shared memory.
template <typename T, int N>
__global__ void RmsNormGradient(const T* x, const T* weight, float epsilon, const T* out_gradient,
                                int64_t count, int64_t width, T* x_gradient, float* weight_gradient_parts) {
  extern __shared__ float weight_gradient[];
  const bool wants_weight = weight_gradient_parts != nullptr;
  const int64_t first = threadIdx.x * N;
  if (wants_weight) {
    for (int64_t i = first; i < width; i += kThreads * N) {
      for (int k = 0; k < N; ++k) weight_gradient[i + k] = 0;
    }
  }
  float values[N];
  float factors[N];
  float above[N];
  for (int64_t row = blockIdx.x; row < count; row += gridDim.x) {
    const T* const from = x + row * width;
    const T* const gradient = out_gradient + row * width;
    float squares = 0;
    float products = 0;
    for (int64_t i = first; i < width; i += kThreads * N) {
      Load(from + i, values);
      Load(weight + i, factors);
      Load(gradient + i, above);
#pragma unroll
      for (int k = 0; k < N; ++k) {
        squares += values[k] * values[k];
        products += above[k] * factors[k] * values[k];
      }
    }
    const float scale = InverseRms(SumOfBlock(squares), width, epsilon);
    const float pull = scale * scale * (SumOfBlock(products) / static_cast<float>(width));
    for (int64_t i = first; i < width; i += kThreads * N) {
      Load(from + i, values);
      Load(weight + i, factors);
      Load(gradient + i, above);
      float to[N];
#pragma unroll
      for (int k = 0; k < N; ++k) {
        to[k] = scale * (above[k] * factors[k] - values[k] * pull);
        if (wants_weight) weight_gradient[i + k] += above[k] * values[k] * scale;
      }
      Store(to, x_gradient + row * width + i);
    }
  }
  if (wants_weight) {
    for (int64_t i = first; i < width; i += kThreads * N) {
      for (int k = 0; k < N; ++k) weight_gradient_parts[blockIdx.x * width + i + k] = weight_gradient[i + k];
    }
  }
}

// Where a head of a token lies, and the angles of that token.
template <typename T>
struct Head {
  const T* x;
  const float* cosine;
  const float* sine;
};
template <typename T>
__device__ Head<T> HeadAt(int64_t index, const T* x, int64_t x_stride, const float* cosine, const float* sine,
                          int64_t heads, int64_t head_dim) {
  const int64_t token = index / heads;
  return {x + token * x_stride + (index - token * heads) * head_dim, cosine + token * (head_dim / 2),
          sine + token * (head_dim / 2)};
}

template <typename T>
__device__ float InverseRmsOfHead(const T* head, int64_t head_dim, float epsilon) {
  float squares = 0;
  for (int64_t i = threadIdx.x % kWarp; i < head_dim; i += kWarp) {
    const auto value = static_cast<float>(head[i]);
    squares += value * value;
  }
  return InverseRms(SumOfWarp(squares), head_dim, epsilon);
}

// A warp takes a head.
template <typename T>
__global__ void NormalizeAndRotate(const T* x, int64_t x_stride, const T* weight, float epsilon,
                                   const float* cosine, const float* sine, int64_t count, int64_t heads,
                                   int64_t head_dim, T* out) {
  const int64_t index = int64_t{blockIdx.x} * kWarps + threadIdx.x / kWarp;
  if (index >= count * heads) return;
  const int64_t half = head_dim / 2;
  const Head<T> head = HeadAt(index, x, x_stride, cosine, sine, heads, head_dim);
  const float scale = InverseRmsOfHead(head.x, head_dim, epsilon);
  T* const to = out + index * head_dim;
  for (int64_t i = threadIdx.x % kWarp; i < half; i += kWarp) {
    const float a = static_cast<float>(head.x[i]) * scale * static_cast<float>(weight[i]);
    const float b = static_cast<float>(head.x[half + i]) * scale * static_cast<float>(weight[half + i]);
    to[i] = static_cast<T>(a * head.cosine[i] - b * head.sine[i]);
    to[half + i] = static_cast<T>(b * head.cosine[i] + a * head.sine[i]);
  }
}

// A warp takes every so manieth head. A lane meets the same columns in each, and keeps their sums in its own
// part of the warp's row in shared memory; in the end the rows of the block's warps are added up.
template <typename T>
__global__ void NormalizeAndRotateGradient(const T* x, int64_t x_stride, const T* weight, float epsilon,
                                           const float* cosine, const float* sine, const T* out_gradient,
                                           int64_t count, int64_t heads, int64_t head_dim, T* x_gradient,
                                           float* weight_gradient_parts) {
  extern __shared__ float weight_gradients[];  // [kWarps][head_dim]
  const bool wants_weight = weight_gradient_parts != nullptr;
  const int64_t lane = threadIdx.x % kWarp;
  const int64_t half = head_dim / 2;
  float* const sums = weight_gradients + (threadIdx.x / kWarp) * head_dim;
  if (wants_weight) {
    for (int64_t i = lane; i < half; i += kWarp) sums[i] = sums[half + i] = 0;
  }
  for (int64_t index = int64_t{blockIdx.x} * kWarps + threadIdx.x / kWarp; index < count * heads;
       index += int64_t{gridDim.x} * kWarps) {
    const Head<T> head = HeadAt(index, x, x_stride, cosine, sine, heads, head_dim);
    const T* const above = out_gradient + index * head_dim;
    // The rotation turned back.
    const auto turned = [&](int64_t i, float* a, float* b) {
      const auto c = static_cast<float>(above[i]);
      const auto d = static_cast<float>(above[half + i]);
      *a = c * head.cosine[i] + d * head.sine[i];
      *b = d * head.cosine[i] - c * head.sine[i];
    };
    float products = 0;
    for (int64_t i = lane; i < half; i += kWarp) {
      float a, b;
      turned(i, &a, &b);
      products += a * static_cast<float>(weight[i]) * static_cast<float>(head.x[i]) +
                  b * static_cast<float>(weight[half + i]) * static_cast<float>(head.x[half + i]);
    }
    const float scale = InverseRmsOfHead(head.x, head_dim, epsilon);
    const float pull = scale * scale * (SumOfWarp(products) / static_cast<float>(head_dim));
    T* const to = x_gradient + index * head_dim;
    for (int64_t i = lane; i < half; i += kWarp) {
      float a, b;
      turned(i, &a, &b);
      const auto x_a = static_cast<float>(head.x[i]);
      const auto x_b = static_cast<float>(head.x[half + i]);
      to[i] = static_cast<T>(scale * (a * static_cast<float>(weight[i]) - x_a * pull));
      to[half + i] = static_cast<T>(scale * (b * static_cast<float>(weight[half + i]) - x_b * pull));
      if (wants_weight) {
        sums[i] += a * x_a * scale;
        sums[half + i] += b * x_b * scale;
      }
    }
  }
  if (!wants_weight) return;
  __syncthreads();
  for (int64_t i = threadIdx.x; i < head_dim; i += kThreads) {
    float sum = 0;
    for (int warp = 0; warp < kWarps; ++warp) sum += weight_gradients[warp * head_dim + i];
    weight_gradient_parts[blockIdx.x * head_dim + i] = sum;
  }
}

// A block takes a piece of a row: rows along x, of which a grid may have more, pieces along y.
template <typename T, int N>
__global__ void SwiGlu(const T* gate_up, int64_t width, T* out) {
  const int64_t i = (int64_t{blockIdx.y} * kThreads + threadIdx.x) * N;
  if (i >= width) return;
  gate_up += blockIdx.x * 2 * width + i;
  float gates[N];
  float ups[N];
  Load(gate_up, gates);
  Load(gate_up + width, ups);
#pragma unroll
  for (int k = 0; k < N; ++k) gates[k] = gates[k] / (1.0F + expf(-gates[k])) * ups[k];
  Store(gates, out + blockIdx.x * width + i);
}

template <typename T, int N>
__global__ void SwiGluGradient(const T* gate_up, const T* out_gradient, int64_t width, T* gate_up_gradient) {
  const int64_t i = (int64_t{blockIdx.y} * kThreads + threadIdx.x) * N;
  if (i >= width) return;
  gate_up += blockIdx.x * 2 * width + i;
  gate_up_gradient += blockIdx.x * 2 * width + i;
  float gates[N];
  float ups[N];
  float above[N];
  Load(gate_up, gates);
  Load(gate_up + width, ups);
  Load(out_gradient + blockIdx.x * width + i, above);
#pragma unroll
  for (int k = 0; k < N; ++k) {
    const float sigmoid = 1.0F / (1.0F + expf(-gates[k]));
    const float silu = gates[k] * sigmoid;
    gates[k] = above[k] * ups[k] * (sigmoid + silu * (1.0F - sigmoid));
    ups[k] = above[k] * silu;
  }
  Store(gates, gate_up_gradient);
  Store(ups, gate_up_gradient + width);
}

const char* Failure() {
  const cudaError_t error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

// f(T) for the type of an element; f(T, N) with N numbers at a time: 16 bytes of them where all rows begin at
// such a border, else one. The arguments only carry types.
template <typename F>
void ForElement(Element element, const F& f) {
  if (element == Element::Bf16) {
    f(__nv_bfloat16());
  } else {
    f(float());
  }
}
template <typename F>
void ForPacks(Element element, int64_t width, std::initializer_list<const void*> pointers, const F& f) {
  ForElement(element, [&](auto type) {
    constexpr int kPack = 16 / sizeof(type);
    const bool aligned =
        width % kPack == 0 && std::all_of(pointers.begin(), pointers.end(), [](const void* pointer) {
          return reinterpret_cast<uintptr_t>(pointer) % 16 == 0;
        });
    if (aligned) {
      f(type, std::integral_constant<int, kPack>());
    } else {
      f(type, std::integral_constant<int, 1>());
    }
  });
}

cudaStream_t Stream(void* stream) { return static_cast<cudaStream_t>(stream); }

unsigned BlocksFor(int64_t count, int64_t per_block) {
  return static_cast<unsigned>((count + per_block - 1) / per_block);
}

}  // namespace

const char* RmsNormRows(Element element, const void* x, const void* weight, float epsilon, int64_t count,
                        int64_t width, void* out, void* stream) {
  if (count == 0) return nullptr;
  ForPacks(element, width, {x, weight, out}, [&](auto type, auto pack) {
    using T = decltype(type);
    RmsNorm<T, decltype(pack)::value><<<static_cast<unsigned>(count), kThreads, 0, Stream(stream)>>>(
        static_cast<const T*>(x), static_cast<const T*>(weight), epsilon, width, static_cast<T*>(out));
  });
  return Failure();
}

int64_t WeightGradientParts(int64_t rows) {
  constexpr int64_t kMostParts = 512;  // a few blocks for each multiprocessor of a large device
  return std::min(rows, kMostParts);
}

const char* RmsNormRowsGradient(Element element, const void* x, const void* weight, float epsilon,
                                const void* out_gradient, int64_t count, int64_t width, void* x_gradient,
                                float* weight_gradient_parts, void* stream) {
  if (count == 0) return nullptr;
  const bool wants_weight = weight_gradient_parts != nullptr;
  const auto blocks = static_cast<unsigned>(wants_weight ? WeightGradientParts(count) : count);
  const size_t shared_bytes = wants_weight ? static_cast<size_t>(width) * sizeof(float) : 0;
  ForPacks(element, width, {x, weight, out_gradient, x_gradient}, [&](auto type, auto pack) {
    using T = decltype(type);
    RmsNormGradient<T, decltype(pack)::value><<<blocks, kThreads, shared_bytes, Stream(stream)>>>(
        static_cast<const T*>(x), static_cast<const T*>(weight), epsilon, static_cast<const T*>(out_gradient),
        count, width, static_cast<T*>(x_gradient), weight_gradient_parts);
  });
  return Failure();
}

const char* NormalizeAndRotateHeads(Element element, const void* x, int64_t x_stride, const void* weight,
                                    float epsilon, const float* cosine, const float* sine, int64_t count,
                                    int64_t heads, int64_t head_dim, void* out, void* stream) {
  if (count == 0) return nullptr;
  ForElement(element, [&](auto type) {
    using T = decltype(type);
    NormalizeAndRotate<T><<<BlocksFor(count * heads, kWarps), kThreads, 0, Stream(stream)>>>(
        static_cast<const T*>(x), x_stride, static_cast<const T*>(weight), epsilon, cosine, sine, count,
        heads, head_dim, static_cast<T*>(out));
  });
  return Failure();
}

const char* NormalizeAndRotateHeadsGradient(Element element, const void* x, int64_t x_stride,
                                            const void* weight, float epsilon, const float* cosine,
                                            const float* sine, const void* out_gradient, int64_t count,
                                            int64_t heads, int64_t head_dim, void* x_gradient,
                                            float* weight_gradient_parts, void* stream) {
  if (count == 0) return nullptr;
  const bool wants_weight = weight_gradient_parts != nullptr;
  const unsigned blocks = wants_weight ? static_cast<unsigned>(WeightGradientParts(count * heads))
                                       : BlocksFor(count * heads, kWarps);
  const size_t shared_bytes = wants_weight ? static_cast<size_t>(kWarps * head_dim) * sizeof(float) : 0;
  ForElement(element, [&](auto type) {
    using T = decltype(type);
    NormalizeAndRotateGradient<T><<<blocks, kThreads, shared_bytes, Stream(stream)>>>(
        static_cast<const T*>(x), x_stride, static_cast<const T*>(weight), epsilon, cosine, sine,
        static_cast<const T*>(out_gradient), count, heads, head_dim, static_cast<T*>(x_gradient),
        weight_gradient_parts);
  });
  return Failure();
}

const char* SwiGluRows(Element element, const void* gate_up, int64_t count, int64_t width, void* out,
                       void* stream) {
  if (count == 0) return nullptr;
  ForPacks(element, width, {gate_up, out}, [&](auto type, auto pack) {
    using T = decltype(type);
    constexpr int kPack = decltype(pack)::value;
    const dim3 blocks(static_cast<unsigned>(count), BlocksFor(width, int64_t{kThreads} * kPack));
    SwiGlu<T, kPack><<<blocks, kThreads, 0, Stream(stream)>>>(static_cast<const T*>(gate_up), width,
                                                              static_cast<T*>(out));
  });
  return Failure();
}

const char* SwiGluRowsGradient(Element element, const void* gate_up, const void* out_gradient, int64_t count,
                               int64_t width, void* gate_up_gradient, void* stream) {
  if (count == 0) return nullptr;
  ForPacks(element, width, {gate_up, out_gradient, gate_up_gradient}, [&](auto type, auto pack) {
    using T = decltype(type);
    constexpr int kPack = decltype(pack)::value;
    const dim3 blocks(static_cast<unsigned>(count), BlocksFor(width, int64_t{kThreads} * kPack));
    SwiGluGradient<T, kPack><<<blocks, kThreads, 0, Stream(stream)>>>(
        static_cast<const T*>(gate_up), static_cast<const T*>(out_gradient), width,
        static_cast<T*>(gate_up_gradient));
  });
  return Failure();
}

}  // namespace privet::cuda
