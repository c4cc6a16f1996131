// A Qwen3 model whose parameters learn: a tagger, one with a span head, or without a head one that names
// hidden tokens.
#ifndef PRIVET_TRAINING_LEARN_TRAINABLE_MODEL_H_
#define PRIVET_TRAINING_LEARN_TRAINABLE_MODEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "qwen3/config.h"
#include "qwen3/layer.h"
#include "qwen3/ops.h"
#include "qwen3/packed_tokens.h"
#include "training/config.h"
#include "training/learn/base_matrix.h"
#include "training/learn/lora.h"
#include "training/learn/trainable_span_head.h"

namespace privet {

// What an optimiser moves: a leaf in fp32 that autograd gives gradients.
struct Parameter {
  std::string name;
  at::Tensor value;
  double rate = 1;     // times the learning rate
  bool decays = true;  // matrices do; norms and biases do not
  // Of a matrix that stacks several: the rows of each, in order. Empty where it is one.
  std::vector<int64_t> stacked_rows = {};
};

// Where a run computes: on a CPU, or the CUDA device of this index. FAILED_PRECONDITION where the
// configuration asks for CUDA and this build or this machine has none, or not as many devices.
absl::StatusOr<at::Device> DeviceOf(const TrainingConfig& config, int cuda_index);

// Packed tokens as a model reads them, on its device.
struct ModelInput {
  at::Tensor ids;  // [tokens] int32
  RotaryTable rotary;
  SequenceBounds sequences;
};

// The encoder of qwen3/, with a linear head for labels where there are any. Not thread-safe. Throws
// c10::Error where libtorch does.
class TrainableModel {
 public:
  // From config.base_folder or random weights (normal, 0.02; what writes into the residual stream is divided
  // by sqrt(2 layers)), with config.base_add_layers more layers than the folder's, and a head for
  // `labels`: of those that the base's head knows it has the rows, others are new. With config.head span it
  // is a span head for the classes in `labels` (trainable_span_head.h), new unless the base has one of the
  // same sizes. Without labels there is no head. The tokenizer's size is the vocabulary's of a random start.
  static absl::StatusOr<std::unique_ptr<TrainableModel>> Create(const TrainingConfig& config,
                                                                const std::vector<std::string>& labels,
                                                                int64_t vocabulary_size, int cuda_index = 0);

  // Logits [tokens, labels] in fp32, or a span head's rows [tokens, 3 * size]. With `training` adapters drop
  // inputs out. Differentiable where gradients are on.
  at::Tensor Forward(const ModelInput& input, bool training);
  at::Tensor Forward(const PackedTokens& tokens, bool training) {
    return Forward(MakeInput(tokens), training);
  }
  // The rows before the head, [tokens, hidden] in fp32.
  at::Tensor ForwardLayers(const ModelInput& input, bool training);
  ModelInput MakeInput(const PackedTokens& tokens) const;
  // As the function of this name in qwen3/ops.h, for this model's attention.
  bool AttendsAtOnce() const;
  // The embeddings as the layer that names tokens: hidden -> vocabulary.
  Linear TokenHead() const {
    return Linear(bf16_products_ ? embeddings_ : embeddings_.to(at::kFloat), bf16_products_);
  }

  std::vector<Parameter>& parameters() { return parameters_; }
  const TrainableSpanHead* span_head() const { return span_head_.has_value() ? &*span_head_ : nullptr; }
  const Qwen3Config& config() const { return config_; }
  const at::Device& device() const { return device_; }
  int64_t trained_count() const;  // numbers that learn
  int64_t total_count() const;    // of the whole model, adapters included
  int64_t weight_bytes() const;   // that they take up
  // Of a base with a tagger's head: its labels that this model does not have, and those of this model that it
  // does not, whose rows began at random.
  int64_t dropped_labels() const { return dropped_labels_; }
  int64_t new_labels() const { return new_labels_; }

  // Writes what a bundle's stage reads, in fp32. A PEFT adapter with its head and config.json where adapters
  // were trained, otherwise a whole Qwen3ForTokenClassification. A span head lies beside either, in
  // head.safetensors. Without a head a whole Qwen3ForCausalLM with tied embeddings, adapters merged.
  absl::Status Save(const std::filesystem::path& folder) const;

 private:
  TrainableModel() = default;
  absl::Status LoadBase(const TrainingConfig& config, const std::vector<std::string>& labels);
  // Gives the head, which is the base's, the rows of `labels`.
  void AdaptHead(const std::vector<std::string>& base_labels, const std::vector<std::string>& labels);
  void DrawBase(const TrainingConfig& config);
  void AddLayers(int64_t count);
  void ChooseParameters(const TrainingConfig& config);
  void ChooseHeadParameters(const TrainingConfig& config);
  bool SavesAdapterOnly() const { return adapted_ && !labels_.empty(); }
  std::vector<std::pair<std::string, at::Tensor>> NamedWeights() const;
  absl::Status SaveConfig(const std::filesystem::path& folder) const;

  // The stacked weights of a layer by the parts they are made of.
  struct LayerWeights {
    at::Tensor input_norm, query_norm, key_norm, mlp_norm;
    BaseMatrix qkv, attention_out, gate_up, down;
    std::shared_ptr<StackedAdapter> qkv_adapter, attention_out_adapter, gate_up_adapter, down_adapter;
  };

  Qwen3Config config_;
  at::Device device_ = at::kCPU;
  bool gradient_checkpointing_ = false;
  bool bf16_products_ = false;
  bool adapted_ = false;
  AdapterSettings adapter_settings_;
  std::string base_folder_;
  std::vector<std::string> labels_;
  int64_t dropped_labels_ = 0;
  int64_t new_labels_ = 0;
  std::vector<float> rope_frequencies_;
  at::Tensor embeddings_;  // [vocabulary, hidden]; of a base in NF4 in the dtype of its file
  std::vector<LayerWeights> weights_;
  std::vector<EncoderLayer> layers_;
  at::Tensor final_norm_;
  at::Tensor head_weight_;                      // [labels, hidden]
  at::Tensor head_bias_;                        // [labels]
  std::optional<TrainableSpanHead> span_head_;  // in place of the two
  std::vector<Parameter> parameters_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TRAINABLE_MODEL_H_
