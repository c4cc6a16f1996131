// What lies in a tokenizer's folder.
#ifndef PRIVET_QWEN3_TOKENIZER_FILES_H_
#define PRIVET_QWEN3_TOKENIZER_FILES_H_

namespace privet {

// Files that this program or Transformers reads; each may be missing.
inline constexpr const char* kTokenizerFiles[] = {
    "tokenizer.json", "tokenizer_config.json",   "vocab.json",
    "merges.txt",     "special_tokens_map.json", "added_tokens.json"};

}  // namespace privet

#endif  // PRIVET_QWEN3_TOKENIZER_FILES_H_
