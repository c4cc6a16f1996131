// What a run learns. The loop (train.cc) asks it for batches, their loss, and how good the model is by now.
#ifndef PRIVET_TRAINING_LEARN_LEARNING_TASK_H_
#define PRIVET_TRAINING_LEARN_LEARNING_TASK_H_

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "qwen3/packed_tokens.h"
#include "qwen3/tokenizer.h"
#include "training/data/sampler.h"
#include "training/learn/fixed_batch.h"
#include "training/learn/objective.h"
#include "training/learn/tensorboard.h"
#include "training/learn/trainable_model.h"

namespace privet {

// What one forward reads, and what should come of it.
struct Batch {
  std::vector<Sampler::Draw> draws;
  PackedTokens tokens;
  Targets targets;
};

// How a model does on held-out texts.
struct DevResult {
  double metric = 0;     // the more the better; the best model has most of it
  double tie_break = 0;  // of two models with the same metric, the one with more of this is better
  std::string summary;   // for the user, a part of a line
  std::string json;      // an object for log.jsonl
};

// One thread. Functions are called in this order: Load, CreateModel, then the others.
class LearningTask {
 public:
  virtual ~LearningTask() = default;

  // Reads all data; `say` gets lines about what there is, without line feed. Errors name file or key.
  // CANCELLED once `stop`, where there is one, is set.
  virtual absl::Status Load(const std::shared_ptr<const Tokenizer>& tokenizer,
                            const std::function<void(const std::string&)>& say,
                            const std::atomic<bool>* stop) = 0;
  // Of what training learns from (fingerprint.h): the same in all processes of a run.
  virtual uint64_t Fingerprint() const = 0;
  // Draws random weights from libtorch's generator. `cuda_index` is that of TrainableModel::Create.
  virtual absl::StatusOr<std::unique_ptr<TrainableModel>> CreateModel(int64_t vocabulary_size,
                                                                      int cuda_index) = 0;

  virtual std::vector<Sampler::Source> Sources() const = 0;
  // `seed` is this batch's, for what it draws at random: all processes make the same batches.
  virtual Batch MakeBatch(std::vector<Sampler::Draw> draws, uint64_t seed) const = 0;
  // Where a draw comes from: "FILE:LINE".
  virtual std::string OriginOf(const Sampler::Draw& draw) const = 0;

  // A step's loss is the sum of its batches' losses, divided by that of their weights.
  virtual double Weight(const Batch& batch) const = 0;
  // What it draws at random is drawn from libtorch's generator.
  virtual at::Tensor SummedLoss(const Batch& batch, TrainableModel* model) const = 0;

  // Whether batches have such inputs at all; asked after CreateModel.
  virtual bool has_fixed_inputs() const { return false; }
  // For steps that are captured (captured_steps.h): the batch in tensors of few shapes on the model's device,
  // and its loss from these alone. nullopt where the task, or the batch, needs the host for its loss.
  virtual std::optional<BatchInput> FixedInput(const Batch& /*batch*/,
                                               const TrainableModel& /*model*/) const {
    return std::nullopt;
  }
  virtual at::Tensor SummedLoss(const BatchInput& /*input*/, TrainableModel* /*model*/) const { return {}; }

  virtual bool has_dev() const = 0;
  // Only where has_dev(). Scalars and curves go to `events`.
  virtual absl::StatusOr<DevResult> Judge(int64_t step, TrainableModel* model, EventFile* events) const = 0;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_LEARNING_TASK_H_
