#include "training/data/similar_texts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "core/utf8.h"
#include "training/data/sampler.h"

namespace privet {
namespace {

constexpr size_t kBands = 8;
constexpr size_t kRows = 4;
constexpr size_t kPiece = 5;

using Signature = std::array<uint64_t, kBands * kRows>;

Signature SignatureOf(std::string_view text) {
  Signature signature;
  signature.fill(std::numeric_limits<uint64_t>::max());
  std::vector<uint32_t> characters;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeUtf8(text, i);
    characters.push_back(point.value >= '0' && point.value <= '9' ? '0' : point.value);
    i += point.length;
  }
  const size_t pieces = characters.size() < kPiece ? 1 : characters.size() - kPiece + 1;
  for (size_t p = 0; p < pieces; ++p) {
    uint64_t hash = 0xCBF29CE484222325;
    for (size_t i = p; i < std::min(characters.size(), p + kPiece); ++i) hash = MixSeeds(hash, characters[i]);
    for (size_t h = 0; h < signature.size(); ++h)
      signature[h] = std::min(signature[h], hash * (2 * h + 0x9E3779B97F4A7C15) ^ (hash >> (h % 31 + 7)));
  }
  return signature;
}

}  // namespace

std::vector<size_t> GroupSimilarTexts(const std::vector<std::string_view>& texts) {
  std::vector<size_t> parent(texts.size());
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto root = [&](size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::array<std::unordered_map<uint64_t, size_t>, kBands> first_of_band;
  for (size_t i = 0; i < texts.size(); ++i) {
    const Signature signature = SignatureOf(texts[i]);
    for (size_t band = 0; band < kBands; ++band) {
      uint64_t key = band;
      for (size_t row = 0; row < kRows; ++row) key = MixSeeds(key, signature[band * kRows + row]);
      const auto [entry, is_new] = first_of_band[band].emplace(key, i);
      if (is_new) continue;
      const size_t a = root(entry->second);
      const size_t b = root(i);
      parent[std::max(a, b)] = std::min(a, b);
    }
  }
  std::vector<size_t> groups(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) groups[i] = root(i);
  return groups;
}

}  // namespace privet
