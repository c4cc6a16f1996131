#include "qwen3/added_tokens.h"

#include <algorithm>
#include <functional>

#include "core/absl_view.h"

namespace privet {

AddedTokens::AddedTokens(const std::vector<AddedToken>& tokens) {
  for (const AddedToken& token : tokens) {
    ids_[token.content] = token.id;
    std::vector<size_t>& lengths = lengths_by_first_byte_[static_cast<unsigned char>(token.content[0])];
    if (lengths.empty()) first_bytes_.push_back(token.content[0]);
    if (std::find(lengths.begin(), lengths.end(), token.content.size()) == lengths.end()) {
      lengths.push_back(token.content.size());
      std::sort(lengths.begin(), lengths.end(), std::greater<>());
    }
  }
}

size_t AddedTokens::NextFirstByte(std::string_view text, size_t from) const {
  // Qwen's tokens all begin with '<', which memchr finds far quicker than any set of bytes is found.
  return first_bytes_.size() == 1 ? text.find(first_bytes_[0], from) : text.find_first_of(first_bytes_, from);
}

std::optional<AddedTokens::Match> AddedTokens::Find(std::string_view text, size_t from) const {
  for (size_t at = NextFirstByte(text, from); at != std::string_view::npos;
       at = NextFirstByte(text, at + 1)) {
    for (const size_t length : lengths_by_first_byte_[static_cast<unsigned char>(text[at])]) {
      if (length > text.size() - at) continue;
      const auto known = ids_.find(AbslView(text.substr(at, length)));
      if (known != ids_.end()) return Match{{at, at + length}, known->second};
    }
  }
  return std::nullopt;
}

}  // namespace privet
