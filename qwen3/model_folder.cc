#include "qwen3/model_folder.h"

#include <initializer_list>
#include <system_error>

namespace privet {
namespace {

bool HasAny(const std::filesystem::path& folder, std::initializer_list<const char*> files) {
  for (const char* file : files) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / file, ignored)) return true;
  }
  return false;
}

}  // namespace

const std::filesystem::path& ModelFolder::config() const {
  return HasAny(folder, {"config.json"}) ? folder : weights();
}

const std::filesystem::path& ModelFolder::tokenizer() const {
  return HasAny(folder, {"tokenizer.json", "vocab.json"}) ? folder : weights();
}

}  // namespace privet
