// A model together with the tokenizer that it was trained with: from text to rows of numbers.
#ifndef PRIVET_QWEN3_TEXT_MODEL_H_
#define PRIVET_QWEN3_TEXT_MODEL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "qwen3/config.h"
#include "qwen3/model_folder.h"
#include "qwen3/packed_tokens.h"
#include "qwen3/token_model.h"
#include "qwen3/tokenizer.h"

namespace privet {

// See TokenModel::Forward; thread-safe.
using ForwardFunction = std::function<absl::StatusOr<TokenRows>(const PackedTokens&)>;

// Immutable, thread-safe, cheap to copy. A plain value, so that tests can stand something simple in its
// place.
struct TextModel {
  std::shared_ptr<const Tokenizer> tokenizer;
  ForwardFunction forward;
  Qwen3Config config;
  std::string compute;  // device and precision, such as "cpu int8"
};

// Reads both (see LoadTokenModel for `map` and errors) and checks that they fit: INVALID_ARGUMENT where the
// tokenizer has ids that the embedding lacks.
absl::StatusOr<TextModel> LoadTextModel(const ModelFolder& folder, const TokenModelOptions& options,
                                        const std::optional<LinearMap>& map = {});

}  // namespace privet

#endif  // PRIVET_QWEN3_TEXT_MODEL_H_
