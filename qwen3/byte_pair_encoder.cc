#include "qwen3/byte_pair_encoder.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <queue>

#include "core/absl_view.h"

namespace privet {
namespace {

// Up to this many bytes a scan for the lowest rank is cheaper than a heap.
constexpr size_t kShortWord = 96;

uint64_t KeyOf(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

uint8_t ByteAt(std::string_view word, size_t i) { return static_cast<uint8_t>(word[i]); }

}  // namespace

BytePairEncoder::BytePairEncoder(const BytePairVocabulary& vocabulary)
    : byte_ids_(vocabulary.byte_ids), byte_merges_(size_t{256} * 256) {
  merges_.reserve(vocabulary.merges.size());
  for (size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
    const BytePairVocabulary::Merge& merge = vocabulary.merges[rank];
    // Of a pair that is there twice the later rank counts, as in Hugging Face's reader.
    merges_[KeyOf(merge.left, merge.right)] = {static_cast<int32_t>(rank), merge.merged};
  }
  for (size_t left = 0; left < 256; ++left) {
    for (size_t right = 0; right < 256; ++right) {
      byte_merges_[left << 8 | right] = MergeOf(byte_ids_[left], byte_ids_[right]);
    }
  }
  // Most words of running text are one token. A token counts only where merging really makes it, so that the
  // short cut changes nothing.
  std::vector<Piece> pieces;
  for (const BytePairVocabulary::Token& token : vocabulary.tokens) {
    pieces.clear();
    EncodeByMerging(token.bytes, &pieces);
    if (pieces.size() == 1 && pieces[0].id == token.id) whole_words_[token.bytes] = token.id;
  }
}

BytePairEncoder::Merge BytePairEncoder::MergeOf(int32_t left, int32_t right) const {
  const auto found = merges_.find(KeyOf(left, right));
  return found != merges_.end() ? found->second : Merge();
}

void BytePairEncoder::Encode(std::string_view word, std::vector<Piece>* pieces) const {
  const auto whole = whole_words_.find(AbslView(word));
  if (whole != whole_words_.end()) {
    pieces->push_back({whole->second, static_cast<uint32_t>(word.size())});
    return;
  }
  EncodeByMerging(word, pieces);
}

void BytePairEncoder::EncodeByMerging(std::string_view word, std::vector<Piece>* pieces) const {
  if (word.size() <= kShortWord) {
    EncodeShort(word, pieces);
  } else {
    EncodeLong(word, pieces);
  }
}

void BytePairEncoder::EncodeShort(std::string_view word, std::vector<Piece>* pieces) const {
  // Token i and what merging it with its right neighbour would give, kept dense: a merge moves the rest down.
  std::array<Piece, kShortWord> tokens;
  std::array<int32_t, kShortWord> ranks;
  std::array<int32_t, kShortWord> merged;
  size_t count = word.size();
  if (count == 0) return;
  for (size_t i = 0; i < count; ++i) tokens[i] = {byte_ids_[ByteAt(word, i)], static_cast<uint32_t>(i + 1)};
  for (size_t i = 0; i + 1 < count; ++i) {
    const Merge& merge = byte_merges_[static_cast<size_t>(ByteAt(word, i)) << 8 | ByteAt(word, i + 1)];
    ranks[i] = merge.rank;
    merged[i] = merge.merged;
  }
  const auto refresh = [&](size_t i) {
    const Merge merge = MergeOf(tokens[i].id, tokens[i + 1].id);
    ranks[i] = merge.rank;
    merged[i] = merge.merged;
  };
  while (count > 1) {
    const size_t pairs = count - 1;
    const size_t best =
        static_cast<size_t>(std::min_element(ranks.begin(), ranks.begin() + pairs) - ranks.begin());
    if (ranks[best] == kNoMerge) break;
    tokens[best] = {merged[best], tokens[best + 1].end};
    std::copy(tokens.begin() + best + 2, tokens.begin() + count, tokens.begin() + best + 1);
    if (best + 1 < pairs) {
      std::copy(ranks.begin() + best + 2, ranks.begin() + pairs, ranks.begin() + best + 1);
      std::copy(merged.begin() + best + 2, merged.begin() + pairs, merged.begin() + best + 1);
    }
    --count;
    if (best + 1 < count) refresh(best);
    if (best > 0) refresh(best - 1);
  }
  pieces->insert(pieces->end(), tokens.begin(), tokens.begin() + count);
}

void BytePairEncoder::EncodeLong(std::string_view word, std::vector<Piece>* pieces) const {
  constexpr uint32_t kNone = UINT32_MAX;
  struct Symbol {
    Piece piece;
    uint32_t previous;
    uint32_t next;  // kNone for the last
    Merge merge;    // with the next
  };
  struct Entry {
    int32_t rank;
    uint32_t symbol;
    bool operator>(const Entry& other) const {
      return rank != other.rank ? rank > other.rank : symbol > other.symbol;
    }
  };
  const auto size = static_cast<uint32_t>(word.size());
  std::vector<Symbol> symbols(size);
  std::vector<Entry> entries;
  entries.reserve(size);
  for (uint32_t i = 0; i < size; ++i) {
    Symbol& symbol = symbols[i];
    symbol.piece = {byte_ids_[ByteAt(word, i)], i + 1};
    symbol.previous = i == 0 ? kNone : i - 1;
    symbol.next = i + 1 == size ? kNone : i + 1;
    if (symbol.next == kNone) continue;
    symbol.merge = byte_merges_[static_cast<size_t>(ByteAt(word, i)) << 8 | ByteAt(word, i + 1)];
    if (symbol.merge.rank != kNoMerge) entries.push_back({symbol.merge.rank, i});
  }
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue(std::greater<>(), std::move(entries));

  const auto refresh = [&](uint32_t i) {
    Symbol& symbol = symbols[i];
    symbol.merge = symbol.next == kNone ? Merge() : MergeOf(symbol.piece.id, symbols[symbol.next].piece.id);
    if (symbol.merge.rank != kNoMerge) queue.push({symbol.merge.rank, i});
  };
  while (!queue.empty()) {
    const Entry entry = queue.top();
    queue.pop();
    Symbol& symbol = symbols[entry.symbol];
    // An entry is stale when its symbol has grown or was swallowed since: a pair that comes later has another
    // rank.
    if (symbol.merge.rank != entry.rank) continue;
    Symbol& swallowed = symbols[symbol.next];
    symbol.piece = {symbol.merge.merged, swallowed.piece.end};
    symbol.next = swallowed.next;
    swallowed.merge = Merge();
    if (symbol.next != kNone) symbols[symbol.next].previous = entry.symbol;
    refresh(entry.symbol);
    if (symbol.previous != kNone) refresh(symbol.previous);
  }
  for (uint32_t i = 0; i != kNone; i = symbols[i].next) pieces->push_back(symbols[i].piece);
}

}  // namespace privet
