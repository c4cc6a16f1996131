#include "rules/context.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "core/utf8.h"

namespace privet {
namespace {

// Which pairs of neighbouring bytes a text holds, with rare false alarms: tells in a moment that a word is
// not there.
class PairFilter {
 public:
  void Add(std::string_view text) {
    for (size_t i = 0; i + 1 < text.size(); ++i) bits_.set(HashOf(text, i));
  }
  bool MayHold(std::string_view word) const { return word.size() < 2 || bits_.test(HashOf(word, 0)); }

 private:
  static size_t HashOf(std::string_view text, size_t i) {
    return (static_cast<uint8_t>(text[i]) * 31u + static_cast<uint8_t>(text[i + 1]) * 5u) % 1024;
  }
  std::bitset<1024> bits_;
};

// The text beside a match as context sees it: lower case, full-width ASCII narrowed, cut at the first break.
struct Side {
  std::string text;
  PairFilter pairs;
};

int CodePointsIn(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsUtf8Continuation(c); }));
}

// Sentence ends. Commas are a break only behind a match.
bool EndsSentence(uint32_t c) { return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF1B; }
bool EndsField(uint32_t c) { return c == '\n' || c == '\r' || c == '\t' || c == '|'; }
bool IsComma(uint32_t c) { return c == ',' || c == 0xFF0C || c == ';' || c == 0x3001; }

// A quote, a comma and a quote: the next field of a JSON object or a CSV row.
bool IsFieldBorder(std::string_view text, size_t comma) {
  if (text[comma] != ',' || comma == 0 || text[comma - 1] != '"') return false;
  size_t next = comma + 1;
  while (next < text.size() && text[next] == ' ') ++next;
  return next < text.size() && text[next] == '"';
}

uint32_t Narrowed(uint32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  return c < 0x80 ? static_cast<uint32_t>(absl::ascii_tolower(static_cast<unsigned char>(c))) : c;
}

Side SideOf(std::string_view text, size_t begin, size_t end) {
  Side side;
  side.text.reserve(end - begin);
  for (size_t i = begin; i < end;) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      side.text.push_back(static_cast<char>(absl::ascii_tolower(c)));
      ++i;
      continue;
    }
    const CodePoint point = DecodeUtf8(text, i);
    AppendUtf8(Narrowed(point.value), &side.text);
    i += point.length;
  }
  side.pairs.Add(side.text);
  return side;
}

Side Before(std::string_view text, size_t match_begin, int window) {
  size_t begin = match_begin;
  for (int i = 0; i < window && begin > 0; ++i) {
    const size_t previous = PreviousCodePoint(text, begin);
    const uint32_t c = DecodeUtf8(text, previous).value;
    if (EndsField(c) || EndsSentence(c) || (c == ',' && IsFieldBorder(text, previous))) break;
    begin = previous;
  }
  return SideOf(text, begin, match_begin);
}

Side After(std::string_view text, size_t match_end, int window) {
  size_t end = match_end;
  for (int i = 0; i < window && end < text.size(); ++i) {
    const CodePoint point = DecodeUtf8(text, end);
    if (EndsField(point.value) || EndsSentence(point.value) || IsComma(point.value)) break;
    end += point.length;
  }
  return SideOf(text, match_end, end);
}

bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }

// "tel" is not in "hotel", but in "tel138..." and "my_tel".
bool StandsAlone(std::string_view text, size_t at, size_t size) {
  if (IsLetter(text[at]) && at > 0 && IsLetter(text[at - 1])) return false;
  const size_t end = at + size;
  if (!IsLetter(text[end - 1]) || end == text.size() || !IsLetter(text[end])) return true;
  const bool plural = text[end] == 's' && (end + 1 == text.size() || !IsLetter(text[end + 1]));
  return plural;
}

}  // namespace

Context::Context(std::span<const ContextGroup> groups) {
  for (const ContextGroup& group : groups) {
    for (const std::string& word : group.words) {
      words_.push_back({word, group.strength, group.window});
      reach_ = std::max(reach_, group.window + CodePointsIn(word));
    }
  }
  std::stable_sort(words_.begin(), words_.end(),
                   [](const Word& a, const Word& b) { return a.text.size() > b.text.size(); });
}

std::vector<ContextHit> Context::HitsAround(std::string_view text, Span match) const {
  std::vector<ContextHit> hits;
  if (words_.empty()) return hits;

  const Side before = Before(text, match.begin, reach_);
  const Word* nearest = nullptr;
  size_t nearest_end = 0;
  for (const Word& word : words_) {
    if (!before.pairs.MayHold(word.text)) continue;
    for (size_t at = before.text.rfind(word.text); at != std::string::npos;
         at = at == 0 ? std::string::npos : before.text.rfind(word.text, at - 1)) {
      const size_t end = at + word.text.size();
      if (nearest != nullptr && end <= nearest_end) break;
      if (CodePointsIn(std::string_view(before.text).substr(end)) >= word.window) break;
      if (!StandsAlone(before.text, at, word.text.size())) continue;
      nearest = &word;
      nearest_end = end;
      break;
    }
  }
  if (nearest != nullptr) hits.push_back({nearest->text, nearest->strength});

  const Side after = After(text, match.end, reach_);
  nearest = nullptr;
  size_t nearest_begin = std::numeric_limits<size_t>::max();
  for (const Word& word : words_) {
    if (!after.pairs.MayHold(word.text)) continue;
    for (size_t at = after.text.find(word.text); at < nearest_begin;
         at = after.text.find(word.text, at + 1)) {
      if (CodePointsIn(std::string_view(after.text).substr(0, at)) >= word.window) break;
      if (!StandsAlone(after.text, at, word.text.size())) continue;
      nearest = &word;
      nearest_begin = at;
      break;
    }
  }
  if (nearest != nullptr) hits.push_back({nearest->text, nearest->strength / 2});
  return hits;
}

}  // namespace privet
