#include "qwen3/text_model.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "qwen3/precision.h"

namespace privet {

absl::StatusOr<TextModel> LoadTextModel(const ModelFolder& folder, const TokenModelOptions& options,
                                        const std::optional<LinearMap>& map) {
  // The tokenizer first: it takes a tenth of a second and is the likelier to be amiss.
  absl::StatusOr<Qwen3Config> config = ReadQwen3Config(folder.config());
  if (!config.ok()) return config.status();
  auto tokenizer = Tokenizer::Load(folder.tokenizer());
  if (!tokenizer.ok()) return tokenizer.status();
  const auto ids = static_cast<int64_t>((*tokenizer)->vocabulary_size());
  if (ids > config->vocab_size) {
    return absl::InvalidArgumentError(absl::StrCat(folder.tokenizer().string(), ": the tokenizer has ", ids,
                                                   " ids, but ", folder.config().string(),
                                                   "/config.json: vocab_size: is ", config->vocab_size,
                                                   "; take the tokenizer that the model was trained with"));
  }
  auto model = LoadTokenModel(folder, options, map);
  if (!model.ok()) return model.status();
  TextModel result;
  result.tokenizer = *std::move(tokenizer);
  result.compute = absl::StrCat((*model)->device(), " ", AbslView(NameOf((*model)->precision())));
  result.forward = [model = *std::move(model)](const PackedTokens& tokens) { return model->Forward(tokens); };
  result.config = *std::move(config);
  return result;
}

}  // namespace privet
