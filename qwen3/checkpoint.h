// The parameters of a Hugging Face Qwen3 folder, with a PEFT adapter merged in where one is given.
#ifndef PRIVET_QWEN3_CHECKPOINT_H_
#define PRIVET_QWEN3_CHECKPOINT_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "qwen3/config.h"
#include "qwen3/model_folder.h"

namespace privet {

class Adapter;
class SafetensorsFolder;

// Parameters are named as Transformers names them, without the prefix "model.": "embed_tokens.weight",
// "layers.0.self_attn.q_proj.weight", "norm.weight"; of a head "score.weight", "score.bias". So a reader
// needs not know whether the folder holds a bare model or one with a head. Immutable, thread-safe; files stay
// mapped while it or a tensor of Stored() lives.
class Checkpoint {
 public:
  static absl::StatusOr<std::shared_ptr<const Checkpoint>> Open(const ModelFolder& folder);

  const Qwen3Config& config() const { return config_; }
  bool Has(std::string_view name) const;

  // The parameter in fp32 on the CPU, adapter merged, in memory of its own. An error names the tensor and its
  // file: when it is missing, has another shape than `shape`, or a dtype other than F32, BF16 and F16.
  absl::StatusOr<at::Tensor> Float(std::string_view name, const std::vector<int64_t>& shape) const;

  // The same as it lies in the file, in its own dtype and without a copy where nothing is merged into it and
  // it is aligned, otherwise in fp32; do not write.
  absl::StatusOr<at::Tensor> Stored(std::string_view name, const std::vector<int64_t>& shape) const;

 private:
  std::string StoredName(std::string_view name) const;

  Qwen3Config config_;
  std::shared_ptr<const SafetensorsFolder> weights_;
  std::shared_ptr<const Adapter> adapter_;  // nullptr without one
};

}  // namespace privet

#endif  // PRIVET_QWEN3_CHECKPOINT_H_
