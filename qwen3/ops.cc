#include "qwen3/ops.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "qwen3/kernels/rows.h"
#ifdef PRIVET_CUDA
#include "qwen3/ops_cuda.h"
#endif
#include "qwen3/ops_gradient.h"

namespace privet {
namespace {

// `weight` may be undefined where there is none.
bool RunsOnKernels(const at::Tensor& x, const at::Tensor& weight) {
#ifdef PRIVET_CUDA
  if (x.is_cuda()) return RunsOnCudaKernels(x, weight);
#else
  (void)weight;
#endif
  return x.is_cpu() && x.scalar_type() == at::kFloat;
}

bool WantsGradient(const at::Tensor& x) { return at::GradMode::is_enabled() && x.requires_grad(); }

// Rows that are worth a thread of their own: about 16k values.
int64_t GrainOf(int64_t width) { return std::max<int64_t>(1, (16 << 10) / width); }

at::Tensor NormalizeLastDimension(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + epsilon);
  return (wide * scale).to(x.scalar_type()) * weight;
}

}  // namespace

RotaryTable MakeRotaryTable(const std::vector<int32_t>& offsets, const std::vector<float>& frequencies,
                            float attention_factor, const at::Device& device) {
  const auto half = static_cast<int64_t>(frequencies.size());
  int32_t longest = 0;
  std::vector<int64_t> positions;
  positions.reserve(static_cast<size_t>(offsets.back()));
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int32_t length = offsets[i + 1] - offsets[i];
    longest = std::max(longest, length);
    for (int32_t p = 0; p < length; ++p) positions.push_back(p);
  }
  const at::Tensor steps = at::arange(longest, at::kFloat).unsqueeze(1);
  const at::Tensor angles = steps * at::tensor(at::ArrayRef<float>(frequencies)).view({1, half});
  const at::Tensor index = at::tensor(at::ArrayRef<int64_t>(positions));
  const auto on_device = [&](const at::Tensor& x) {
    return ToDevice((x * attention_factor).index_select(0, index), device);
  };
  return {on_device(at::cos(angles)), on_device(at::sin(angles))};
}

SequenceBounds MakeSequenceBounds(const std::vector<int32_t>& offsets, const at::Device& device) {
  SequenceBounds sequences;
  sequences.offsets = offsets;
  for (size_t i = 0; i + 1 < offsets.size(); ++i)
    sequences.longest = std::max<int64_t>(sequences.longest, offsets[i + 1] - offsets[i]);
  if (!device.is_cuda()) return sequences;
  // FlashAttention does not take empty sequences among those of one token.
  std::vector<int32_t> ends = offsets;
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  sequences.cumulative = ToDevice(at::tensor(at::ArrayRef<int32_t>(ends)), device);
  return sequences;
}

at::Tensor ToDevice(const at::Tensor& host, const at::Device& device) {
  // From memory that may be paged out a copy begins only when the device has done all that came before.
  return device.is_cuda() ? host.pin_memory().to(device, /*non_blocking=*/true) : host.to(device);
}

at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  if (!RunsOnKernels(x, weight)) return NormalizeLastDimension(x, weight, epsilon);
  if (WantsGradient(x) || WantsGradient(weight)) return RmsNormWithGradient(x, weight, epsilon);
  const at::Tensor dense = x.contiguous();
#ifdef PRIVET_CUDA
  if (x.is_cuda()) return RmsNormOnCuda(dense, weight, epsilon);
#endif
  at::Tensor out = at::empty(dense.sizes(), dense.options());
  const int64_t width = dense.size(-1);
  const float* const from = dense.const_data_ptr<float>();
  const float* const scale = weight.const_data_ptr<float>();
  float* const to = out.mutable_data_ptr<float>();
  at::parallel_for(0, dense.size(0), GrainOf(width), [&](int64_t begin, int64_t end) {
    RmsNormRows(from + begin * width, scale, static_cast<float>(epsilon), end - begin, width,
                to + begin * width);
  });
  return out;
}

at::Tensor NormalizeAndRotate(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                              const RotaryTable& rotary) {
  const int64_t heads = x.size(1);
  const int64_t head_dim = x.size(2);
  if (!RunsOnKernels(x, weight)) {
    const at::Tensor normalized = NormalizeLastDimension(x, weight, epsilon);
    const at::Tensor cosine = rotary.cosine.unsqueeze(1).to(x.scalar_type());
    const at::Tensor sine = rotary.sine.unsqueeze(1).to(x.scalar_type());
    const at::Tensor a = normalized.narrow(2, 0, head_dim / 2);
    const at::Tensor b = normalized.narrow(2, head_dim / 2, head_dim / 2);
    return at::cat({a * cosine - b * sine, b * cosine + a * sine}, 2);
  }
  if (WantsGradient(x) || WantsGradient(weight)) {
    return NormalizeAndRotateWithGradient(x, weight, epsilon, rotary);
  }
#ifdef PRIVET_CUDA
  if (x.is_cuda()) return NormalizeAndRotateOnCuda(x, weight, epsilon, rotary);
#endif
  at::Tensor out = at::empty(x.sizes(), x.options().memory_format(at::MemoryFormat::Contiguous));
  const int64_t stride = x.stride(0);
  const float* const from = x.const_data_ptr<float>();
  const float* const scale = weight.const_data_ptr<float>();
  const float* const cosine = rotary.cosine.const_data_ptr<float>();
  const float* const sine = rotary.sine.const_data_ptr<float>();
  float* const to = out.mutable_data_ptr<float>();
  at::parallel_for(0, x.size(0), GrainOf(heads * head_dim), [&](int64_t begin, int64_t end) {
    const int64_t half = head_dim / 2;
    NormalizeAndRotateHeads(from + begin * stride, stride, scale, static_cast<float>(epsilon),
                            cosine + begin * half, sine + begin * half, end - begin, heads, head_dim,
                            to + begin * heads * head_dim);
  });
  return out;
}

at::Tensor SwiGlu(const at::Tensor& gate_up) {
  const int64_t width = gate_up.size(1) / 2;
  const bool bf16 = gate_up.is_cpu() && gate_up.scalar_type() == at::kBFloat16;
  if (!bf16 && !RunsOnKernels(gate_up, {})) {
    return at::silu(gate_up.narrow(1, 0, width)) * gate_up.narrow(1, width, width);
  }
  if (WantsGradient(gate_up)) return SwiGluWithGradient(gate_up);
#ifdef PRIVET_CUDA
  if (gate_up.is_cuda()) return SwiGluOnCuda(gate_up.contiguous());
#endif
  const at::Tensor dense = gate_up.contiguous();
  at::Tensor out = at::empty({dense.size(0), width}, dense.options());
  const auto run = [&](const auto* from, auto* to) {
    at::parallel_for(0, dense.size(0), GrainOf(2 * width), [&](int64_t begin, int64_t end) {
      SwiGluRows(from + begin * 2 * width, end - begin, width, to + begin * width);
    });
  };
  if (bf16) {
    run(static_cast<const uint16_t*>(dense.const_data_ptr()), static_cast<uint16_t*>(out.mutable_data_ptr()));
  } else {
    run(dense.const_data_ptr<float>(), out.mutable_data_ptr<float>());
  }
  return out;
}

}  // namespace privet
