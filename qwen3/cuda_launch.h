// How tensors get to kernels of kernels/cuda/ and their like: in builds with PRIVET_CUDA.
#ifndef PRIVET_QWEN3_CUDA_LAUNCH_H_
#define PRIVET_QWEN3_CUDA_LAUNCH_H_

#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <c10/util/Exception.h>

namespace privet {

// Calls launch(stream), which returns nullptr or why it failed, with `device` as the current one and its
// current stream. Throws c10::Error where it failed; `what` is that in words.
template <typename Launch>
void LaunchOn(const c10::Device& device, const char* what, const Launch& launch) {
  const c10::DeviceGuard guard(device);
  const char* const failure = launch(c10::cuda::getCurrentCUDAStream(device.index()).stream());
  TORCH_CHECK(failure == nullptr, what, " on ", device.str(), ": ", failure);
}

}  // namespace privet

#endif  // PRIVET_QWEN3_CUDA_LAUNCH_H_
