#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#ifdef PRIVET_CUDA
#include <ATen/ops/_flash_attention_forward.h>
#endif

#include <optional>

#include "qwen3/ops.h"
#include "qwen3/ops_gradient.h"

namespace privet {
namespace {

#ifdef PRIVET_CUDA
// All sequences in one kernel, told apart by cumulative lengths.
at::Tensor FlashAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                          const SequenceBounds& sequences, bool causal) {
  const at::Tensor& cumulative = sequences.cumulative;
  return std::get<0>(at::_flash_attention_forward(query, key, value, cumulative, cumulative,
                                                  sequences.longest, sequences.longest,
                                                  /*dropout_p=*/0.0, causal, /*return_debug_mask=*/false));
}
#endif

// One sequence: [length, heads, head_dim] -> the same.
at::Tensor AttendOne(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool causal) {
  const auto heads_first = [](const at::Tensor& x) { return x.transpose(0, 1).unsqueeze(0); };
  return at::scaled_dot_product_attention(heads_first(query), heads_first(key), heads_first(value),
                                          /*attn_mask=*/std::nullopt, /*dropout_p=*/0.0, causal,
                                          /*scale=*/std::nullopt, /*enable_gqa=*/true)
      .squeeze(0)
      .transpose(0, 1);
}

}  // namespace

// What FlashAttention takes: fp16 and bf16, and heads of so many numbers.
bool AttendsAtOnce(const at::Device& device, at::ScalarType type, int64_t head_dim) {
#ifdef PRIVET_CUDA
  constexpr int64_t kHeadStep = 8;
  constexpr int64_t kLargestHead = 256;
  return device.is_cuda() && type != at::kFloat && head_dim % kHeadStep == 0 && head_dim <= kLargestHead;
#else
  (void)device, (void)type, (void)head_dim;
  return false;
#endif
}

at::Tensor Attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const SequenceBounds& sequences, bool causal) {
  const std::vector<int32_t>& offsets = sequences.offsets;
  const int64_t tokens = query.size(0);
  const int64_t width = query.size(1) * query.size(2);
#ifdef PRIVET_CUDA
  if (AttendsAtOnce(query.device(), query.scalar_type(), query.size(2)))
    return FlashAttention(query, key, value, sequences, causal).reshape({tokens, width});
#endif
  if (query.is_cpu() && query.scalar_type() == at::kFloat && at::GradMode::is_enabled() &&
      (query.requires_grad() || key.requires_grad() || value.requires_grad())) {
    return AttentionWithGradient(query, key, value, offsets, causal);
  }
  std::vector<at::Tensor> attended;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int64_t begin = offsets[i];
    const int64_t length = offsets[i + 1] - begin;
    if (length == 0) continue;
    attended.push_back(AttendOne(query.narrow(0, begin, length), key.narrow(0, begin, length),
                                 value.narrow(0, begin, length), causal));
  }
  return (attended.size() == 1 ? attended[0] : at::cat(attended, 0)).reshape({tokens, width});
}

}  // namespace privet
