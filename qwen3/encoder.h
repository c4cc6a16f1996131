// The Qwen3 dense decoder stack as an encoder of token sequences (Qwen3 technical report, section 2;
// Transformers' Qwen3Model is the reference).
#ifndef PRIVET_QWEN3_ENCODER_H_
#define PRIVET_QWEN3_ENCODER_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/checkpoint.h"
#include "qwen3/config.h"
#include "qwen3/layer.h"
#include "qwen3/packed_tokens.h"
#include "qwen3/precision.h"

namespace privet {

struct EncoderOptions {
  std::string device =
      "cpu";  // "auto" (CUDA where this build and machine have it), "cpu", "cuda" or "cuda:N"
  Precision precision = Precision::Auto;
};

// Whether this CPU multiplies bf16 in tiles (AMX), at several times its rate for fp32.
bool CpuHasBf16Tiles();

// Immutable, thread-safe. The threads of one forward are libtorch's (at::set_num_threads).
class Encoder {
 public:
  static absl::StatusOr<std::shared_ptr<const Encoder>> Load(const Checkpoint& checkpoint,
                                                             const EncoderOptions& options);

  // The last hidden states, after the final norm: [total tokens, hidden_size] in fp32 on the encoder's
  // device. A sequence's rows do not depend on the other sequences (up to the rounding of a matrix product of
  // another size: below 1e-5; in int8 exactly). INVALID_ARGUMENT for offsets or ids out of range.
  absl::StatusOr<at::Tensor> Forward(const PackedTokens& tokens) const;

  const Qwen3Config& config() const { return config_; }
  Precision precision() const { return precision_; }  // never Auto
  const at::Device& device() const { return device_; }

 private:
  Encoder() = default;
  absl::Status LoadLayer(const Checkpoint& checkpoint, int64_t index);
  at::Tensor ForwardChecked(const PackedTokens& tokens) const;

  Qwen3Config config_;
  Precision precision_ = Precision::Fp32;
  at::Device device_ = at::kCPU;
  at::Tensor embeddings_;  // [vocabulary, hidden]; on the CPU as they lie in the file, mapped
  std::vector<float> rope_frequencies_;
  std::vector<EncoderLayer> layers_;
  at::Tensor final_norm_;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_ENCODER_H_
