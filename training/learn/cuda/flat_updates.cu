#include <cuda_runtime_api.h>

#include <algorithm>

#include "training/learn/cuda/flat_updates.h"

namespace privet::cuda {
namespace {

constexpr int kThreads = 256;  // of a block
constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;
constexpr int64_t kPerThread = 16;     // numbers that make a thread worth while
constexpr int64_t kMostBlocks = 1024;  // several for each multiprocessor of a large device

// Thread 0 gets the sum.
__device__ double SumOfBlock(double value) {
  __shared__ double of_warps[kWarps];
#pragma unroll
  for (int distance = kWarp / 2; distance > 0; distance /= 2)
    value += __shfl_down_sync(0xFFFFFFFF, value, distance);
  if (threadIdx.x % kWarp == 0) of_warps[threadIdx.x / kWarp] = value;
  __syncthreads();
  double sum = 0;
  for (int i = 0; i < kWarps; ++i) sum += of_warps[i];
  return sum;
}

// A thread's numbers are few, so that their sum may be a float: doubles are slow on most devices.
__global__ void SumSquares(const float* values, int64_t count, double* parts) {
  float sum = 0;
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count;
       i += int64_t{gridDim.x} * kThreads) {
    sum += values[i] * values[i];
  }
  const double of_block = SumOfBlock(sum);
  if (threadIdx.x == 0) parts[blockIdx.x] = of_block;
}

__global__ void Measure(const double* parts, int64_t count, double clip_norm, AdamWStep* step) {
  double sum = 0;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) sum += parts[i];
  const double squares = SumOfBlock(sum);
  if (threadIdx.x != 0) return;
  const double norm = sqrt(squares);
  step->gradient_norm = norm;
  step->gradient_scale = clip_norm > 0 && isfinite(norm) && norm > clip_norm ? clip_norm / norm : 1;
}

__global__ void AdamW(AdamWSizes sizes, const AdamWStep* step, const float* gradient, float* value,
                      float* first, float* second, int64_t count) {
  if (!isfinite(step->gradient_norm)) return;
  const auto scale = static_cast<float>(step->gradient_scale);
  const auto rate = static_cast<float>(step->learning_rate * sizes.rate / step->first_correction);
  const auto decay = static_cast<float>(step->learning_rate * sizes.decay);
  const auto second_scale = static_cast<float>(step->second_scale);
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count;
       i += int64_t{gridDim.x} * kThreads) {
    const float slope = scale * gradient[i];
    const float mean = sizes.beta1 * first[i] + (1 - sizes.beta1) * slope;
    const float square = sizes.beta2 * second[i] + (1 - sizes.beta2) * slope * slope;
    first[i] = mean;
    second[i] = square;
    value[i] -= decay * value[i] + rate * mean / (sqrtf(square) * second_scale + sizes.epsilon);
  }
}

const char* Failure() {
  const cudaError_t error = cudaGetLastError();
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

unsigned BlocksFor(int64_t count, int64_t per_thread, int64_t most) {
  const int64_t per_block = kThreads * per_thread;
  return static_cast<unsigned>(std::clamp<int64_t>((count + per_block - 1) / per_block, 1, most));
}

}  // namespace

int64_t SquareParts(int64_t count) { return BlocksFor(count, kPerThread, kMostBlocks); }

const char* SumOfSquares(const float* values, int64_t count, double* parts, void* stream) {
  SumSquares<<<static_cast<unsigned>(SquareParts(count)), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
      values, count, parts);
  return Failure();
}

const char* MeasureGradients(const double* parts, int64_t count, double clip_norm, AdamWStep* step,
                             void* stream) {
  Measure<<<1, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(parts, count, clip_norm, step);
  return Failure();
}

const char* StepAdamW(const AdamWSizes& sizes, const AdamWStep* step, const float* gradient, float* value,
                      float* first, float* second, int64_t count, void* stream) {
  // One number a thread, until there are blocks enough for any device.
  AdamW<<<BlocksFor(count, 1, 8 * kMostBlocks), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
      sizes, step, gradient, value, first, second, count);
  return Failure();
}

}  // namespace privet::cuda
