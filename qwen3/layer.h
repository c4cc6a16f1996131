// One layer of the Qwen3 decoder stack. Inference and training both run this.
#ifndef PRIVET_QWEN3_LAYER_H_
#define PRIVET_QWEN3_LAYER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "qwen3/config.h"
#include "qwen3/linear.h"
#include "qwen3/ops.h"

namespace privet {

// A layer's parameters. Projections that read the same input are one matrix.
struct EncoderLayer {
  at::Tensor input_norm;  // [hidden]
  Linear qkv;             // hidden -> (heads + 2 kv_heads) head_dim: queries, keys, values
  at::Tensor query_norm;  // [head_dim]
  at::Tensor key_norm;    // [head_dim]
  Linear attention_out;   // heads head_dim -> hidden
  at::Tensor mlp_norm;    // [hidden]
  Linear gate_up;         // hidden -> 2 intermediate: gate, then up
  Linear down;            // intermediate -> hidden
  bool causal = true;
  // Attention in bf16 whatever the layer is in: on a CUDA device its kernel over all sequences at once takes
  // no fp32.
  bool bf16_attention = false;
};

// hidden [tokens, hidden] of packed sequences -> the same, after attention and the gated MLP, each with its
// residual. Gradients follow where a parameter or `hidden` wants them.
at::Tensor ForwardLayer(const EncoderLayer& layer, const Qwen3Config& config, const at::Tensor& hidden,
                        const RotaryTable& rotary, const SequenceBounds& sequences);

}  // namespace privet

#endif  // PRIVET_QWEN3_LAYER_H_
