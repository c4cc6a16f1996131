// The encoder's formulas on tensors, which autograd can follow. On the CPU in fp32 (SwiGlu in bf16, too) they
// run on the fused kernels of kernels/, on CUDA devices in fp32 and bf16 on those of kernels/cuda/, elsewhere
// as chains of ATen operations. All give the same numbers up to rounding.
#ifndef PRIVET_QWEN3_OPS_H_
#define PRIVET_QWEN3_OPS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace privet {

// Cosines and sines of a packed batch, [tokens, head_dim / 2] fp32: positions start from 0 in each sequence.
struct RotaryTable {
  at::Tensor cosine;
  at::Tensor sine;
};
RotaryTable MakeRotaryTable(const std::vector<int32_t>& offsets, const std::vector<float>& frequencies,
                            float attention_factor, const at::Device& device);

// Where the sequences of a packed batch begin and end.
struct SequenceBounds {
  std::vector<int32_t> offsets;  // as in PackedTokens
  int64_t longest = 0;           // no sequence has more tokens
  // On a CUDA device, there: the offsets without empty sequences, int32. Undefined elsewhere.
  at::Tensor cumulative;
};
SequenceBounds MakeSequenceBounds(const std::vector<int32_t>& offsets, const at::Device& device);

// Small tensors of the host on `device`. Of a CUDA device the host does not wait: neither for the copy nor
// for what the device does before.
at::Tensor ToDevice(const at::Tensor& host, const at::Device& device);

// x [tokens, width], weight [width]; statistics in fp32.
at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

// x [tokens, heads, head_dim], of which the last two dimensions are dense; weight [head_dim]. Each head is
// normalised, then rotated.
at::Tensor NormalizeAndRotate(const at::Tensor& x, const at::Tensor& weight, double epsilon,
                              const RotaryTable& rotary);

// gate_up [tokens, 2 * width] -> [tokens, width].
at::Tensor SwiGlu(const at::Tensor& gate_up);

// Whether Attention takes all sequences of such queries in one kernel, which reads where they are from
// SequenceBounds::cumulative and nothing from the host.
bool AttendsAtOnce(const at::Device& device, at::ScalarType type, int64_t head_dim);

// Scaled dot-product attention inside each sequence of a packed batch. query [tokens, heads, head_dim], key
// and value [tokens, kv_heads, head_dim] -> [tokens, heads * head_dim].
at::Tensor Attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const SequenceBounds& sequences, bool causal);

}  // namespace privet

#endif  // PRIVET_QWEN3_OPS_H_
