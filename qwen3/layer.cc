#include "qwen3/layer.h"

namespace privet {

at::Tensor ForwardLayer(const EncoderLayer& layer, const Qwen3Config& config, const at::Tensor& hidden,
                        const RotaryTable& rotary, const SequenceBounds& sequences) {
  const int64_t heads = config.heads;
  const int64_t kv_heads = config.kv_heads;
  const double epsilon = config.rms_norm_eps;
  const at::Tensor qkv = layer.qkv.Forward(RmsNorm(hidden, layer.input_norm, epsilon))
                             .view({hidden.size(0), heads + 2 * kv_heads, config.head_dim});
  const at::Tensor query = NormalizeAndRotate(qkv.narrow(1, 0, heads), layer.query_norm, epsilon, rotary);
  const at::Tensor key = NormalizeAndRotate(qkv.narrow(1, heads, kv_heads), layer.key_norm, epsilon, rotary);
  const at::Tensor value = qkv.narrow(1, heads + kv_heads, kv_heads);
  const auto attend_in = layer.bf16_attention ? at::kBFloat16 : hidden.scalar_type();
  const at::Tensor attended =
      Attention(query.to(attend_in), key.to(attend_in), value.to(attend_in), sequences, layer.causal)
          .to(hidden.scalar_type());
  // In place, as nobody else holds a layer's output.
  const at::Tensor middle = layer.attention_out.Forward(attended).add_(hidden);
  const at::Tensor gated =
      SwiGlu(layer.gate_up.ForwardAsMultiplied(RmsNorm(middle, layer.mlp_norm, epsilon)));
  return layer.down.ForwardAsMultiplied(gated).to(middle.scalar_type()).add_(middle);
}

}  // namespace privet
