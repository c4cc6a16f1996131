// A model made whole in one folder: merged with its adapter, rounded, cut to a smaller vocabulary.
#ifndef PRIVET_TRAINING_LEARN_WHOLE_MODEL_H_
#define PRIVET_TRAINING_LEARN_WHOLE_MODEL_H_

#include <filesystem>

#include "absl/status/status.h"
#include "qwen3/model_folder.h"

namespace privet {

struct WholeModelOptions {
  bool bf16 = false;  // round the weights to bf16
  // Folder of a tokenizer whose tokens are some of the model's (PruneVocabulary): it becomes the model's, and
  // of the embeddings its tokens' rows are kept. Empty: all.
  std::filesystem::path tokenizer = {};
};

// Writes config.json, model.safetensors and the tokenizer's files to the folder `to`, which is there. What
// was a token classifier is a Qwen3ForTokenClassification that Transformers opens and a run can start from;
// of a model with a span head it is the encoder. An adapter is merged into its base in fp32. Where `bf16`
// does not say otherwise weights are in fp32, but those of a whole model that are in bf16 stay so. One tensor
// at a time is in memory. The row of an added token that the model does not have is the mean of the others
// (Hewitt 2021). Refused: a tokenizer with tokens that the model does not have, and for a model with a head
// one that cuts text in another way than it has learned.
absl::Status WriteWholeModel(const ModelFolder& from, const WholeModelOptions& options,
                             const std::filesystem::path& to);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_WHOLE_MODEL_H_
