// Where the parts of a model lie: in one Hugging Face folder, or in an adapter's folder and its base's.
#ifndef PRIVET_QWEN3_MODEL_FOLDER_H_
#define PRIVET_QWEN3_MODEL_FOLDER_H_

#include <filesystem>

namespace privet {

struct ModelFolder {
  std::filesystem::path folder = {};  // a Hugging Face folder; with `base`, a PEFT adapter's
  std::filesystem::path base = {};  // the Hugging Face folder that the adapter belongs to; empty: no adapter

  const std::filesystem::path& weights() const { return base.empty() ? folder : base; }
  const std::filesystem::path& adapter() const { return base.empty() ? base : folder; }
  // An adapter's folder may hold a config.json and a tokenizer of its own, which come before the base's: a
  // plain base has no labels.
  const std::filesystem::path& config() const;
  const std::filesystem::path& tokenizer() const;
};

}  // namespace privet

#endif  // PRIVET_QWEN3_MODEL_FOLDER_H_
