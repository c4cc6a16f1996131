#include "qwen3/byte_pair_encoder.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "core/absl_view.h"
#include "core/utf8.h"

namespace privet {
namespace {

// Up to this many bytes a scan for the lowest rank is cheaper than a heap.
constexpr size_t kShortWord = 192;

constexpr uint32_t kWholeCharactersEnd = 0x10000;  // code points of up to three bytes

uint64_t KeyOf(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

uint8_t ByteAt(std::string_view word, size_t i) { return static_cast<uint8_t>(word[i]); }

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

BytePairEncoder::BytePairEncoder(const BytePairVocabulary& vocabulary)
    : byte_ids_(vocabulary.byte_ids), whole_characters_(kWholeCharactersEnd, kNotWhole) {
  merges_.reserve(vocabulary.merges.size());
  for (size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
    const BytePairVocabulary::Merge& merge = vocabulary.merges[rank];
    // Of a pair that is there twice the later rank counts, as in Hugging Face's reader.
    merges_[KeyOf(merge.left, merge.right)] = {static_cast<int32_t>(rank), merge.merged};
  }
  FindWholeCharacters(vocabulary);
  // Most words of running text are one token. A token counts only where merging really makes it, so that
  // the short cut changes nothing.
  std::vector<Piece> pieces;
  for (const BytePairVocabulary::Token& token : vocabulary.tokens) {
    if (FindInvalidUtf8(token.bytes) != std::string_view::npos) continue;
    pieces.clear();
    EncodeByMerging(token.bytes, &pieces);
    if (pieces.size() == 1 && pieces[0].id == token.id) whole_words_[token.bytes] = token.id;
  }
}

// Merging a Chinese clause from its bytes is mostly the same two merges for each character again. They may be
// skipped where that gives the same tokens for every word, which holds for a character c when (R is the
// highest rank among the merges that make it):
// - no piece of c that lies at its border while it is made has a merge across that border of a rank below R;
//   then c's own merges always come first, and
// - c has no merge with a neighbour of a rank below R; then nothing is done to c before its neighbours have
//   done all that they would have done while c was being made.
// Merges with an ASCII character before c are left out of this: behind one, Start takes c's bytes. (Qwen
// has merges of a space and the first byte of a Han character, and few others.)
void BytePairEncoder::FindWholeCharacters(const BytePairVocabulary& vocabulary) {
  struct Token {
    std::string_view bytes;
    int32_t lowest_as_left = kNoMerge;   // before something that begins a character
    int32_t lowest_as_right = kNoMerge;  // behind something that does not end in ASCII
    int32_t lowest = kNoMerge;
  };
  std::vector<Token> tokens;  // by id
  const auto at = [&](int32_t id) -> size_t {
    if (static_cast<size_t>(id) >= tokens.size()) tokens.resize(static_cast<size_t>(id) + 1);
    return static_cast<size_t>(id);
  };
  for (const auto& token : vocabulary.tokens) tokens[at(token.id)].bytes = token.bytes;
  for (const auto& [key, merge] : merges_) {
    const size_t left = at(static_cast<int32_t>(key >> 32));
    const size_t right = at(static_cast<int32_t>(key & UINT32_MAX));
    const std::string_view left_bytes = tokens[left].bytes;
    const std::string_view right_bytes = tokens[right].bytes;
    const auto lower = [rank = merge.rank](int32_t* lowest) { *lowest = std::min(*lowest, rank); };
    lower(&tokens[left].lowest);
    lower(&tokens[right].lowest);
    if (!left_bytes.empty() && !IsAscii(left_bytes.back())) lower(&tokens[right].lowest_as_right);
    if (!right_bytes.empty() && !IsUtf8Continuation(right_bytes.front())) lower(&tokens[left].lowest_as_left);
  }
  for (const auto& [bytes, id] : vocabulary.tokens) {
    if (bytes.size() < 2 || bytes.size() > 3 || FindInvalidUtf8(bytes) != std::string_view::npos) continue;
    const CodePoint c = DecodeUtf8(bytes, 0);
    if (c.length != bytes.size()) continue;
    std::vector<int32_t> parts;
    for (const char byte : bytes) parts.push_back(byte_ids_[static_cast<uint8_t>(byte)]);
    int32_t highest = -1;  // R
    int32_t lowest_across = kNoMerge;
    while (parts.size() > 1) {
      lowest_across = std::min({lowest_across, tokens[at(parts.front())].lowest_as_right,
                                tokens[at(parts.back())].lowest_as_left});
      size_t best = 0;
      for (size_t i = 1; i + 1 < parts.size(); ++i) {
        if (MergeOf(parts[i], parts[i + 1]).rank < MergeOf(parts[best], parts[best + 1]).rank) best = i;
      }
      const Merge merge = MergeOf(parts[best], parts[best + 1]);
      if (merge.rank == kNoMerge) break;
      highest = std::max(highest, merge.rank);
      parts[best] = merge.merged;
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
    if (parts.size() == 1 && parts[0] == id && lowest_across > highest && tokens[at(id)].lowest > highest) {
      whole_characters_[c.value] = id;
    }
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

size_t BytePairEncoder::Start(std::string_view word, Piece* tokens) const {
  size_t count = 0;
  for (size_t i = 0; i < word.size();) {
    const CodePoint c = DecodeUtf8(word, i);
    if (c.length > 1 && c.value < kWholeCharactersEnd && whole_characters_[c.value] != kNotWhole &&
        (i == 0 || !IsAscii(word[i - 1]))) {
      i += c.length;
      tokens[count++] = {whole_characters_[c.value], static_cast<uint32_t>(i)};
      continue;
    }
    for (const size_t end = i + c.length; i < end; ++i) {
      tokens[count++] = {byte_ids_[ByteAt(word, i)], static_cast<uint32_t>(i + 1)};
    }
  }
  return count;
}

void BytePairEncoder::EncodeShort(std::string_view word, std::vector<Piece>* pieces) const {
  // Token i, and what merging it with its right neighbour would give; kept dense: a merge moves the rest
  // down.
  std::array<Piece, kShortWord> tokens;
  std::array<int32_t, kShortWord> ranks;
  std::array<int32_t, kShortWord> merged;
  size_t count = Start(word, tokens.data());
  const auto refresh = [&](size_t i) {
    const Merge merge = MergeOf(tokens[i].id, tokens[i + 1].id);
    ranks[i] = merge.rank;
    merged[i] = merge.merged;
  };
  for (size_t i = 0; i + 1 < count; ++i) refresh(i);
  while (count > 1) {
    const size_t pairs = count - 1;
    const auto best =
        static_cast<size_t>(std::min_element(ranks.data(), ranks.data() + pairs) - ranks.data());
    if (ranks[best] == kNoMerge) break;
    tokens[best] = {merged[best], tokens[best + 1].end};
    std::copy(tokens.data() + best + 2, tokens.data() + count, tokens.data() + best + 1);
    if (best + 1 < pairs) {
      std::copy(ranks.data() + best + 2, ranks.data() + pairs, ranks.data() + best + 1);
      std::copy(merged.data() + best + 2, merged.data() + pairs, merged.data() + best + 1);
    }
    --count;
    if (best + 1 < count) refresh(best);
    if (best > 0) refresh(best - 1);
  }
  pieces->insert(pieces->end(), tokens.data(), tokens.data() + count);
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
  std::vector<Symbol> symbols;
  {
    std::vector<Piece> tokens(word.size());
    tokens.resize(Start(word, tokens.data()));
    symbols.reserve(tokens.size());
    for (const Piece& token : tokens) {
      const auto i = static_cast<uint32_t>(symbols.size());
      symbols.push_back({token, i - 1, i + 1, Merge()});  // the first has none before it: 0 - 1 is kNone
    }
    symbols.back().next = kNone;
  }
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  const auto refresh = [&](uint32_t i) {
    Symbol& symbol = symbols[i];
    symbol.merge = symbol.next == kNone ? Merge() : MergeOf(symbol.piece.id, symbols[symbol.next].piece.id);
    if (symbol.merge.rank != kNoMerge) queue.push({symbol.merge.rank, i});
  };
  for (uint32_t i = 0; i < symbols.size(); ++i) refresh(i);
  while (!queue.empty()) {
    const Entry entry = queue.top();
    queue.pop();
    Symbol& symbol = symbols[entry.symbol];
    // An entry is stale when its symbol has grown or was swallowed since: a pair that comes later has
    // another rank.
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
