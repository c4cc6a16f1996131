#include "rules/context.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "core/utf8.h"

namespace privet {
namespace {

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

// The text beside a match as context sees it: lower case, full-width ASCII narrowed.
std::string SideOf(std::string_view text, size_t begin, size_t end) {
  std::string side;
  side.reserve(end - begin);
  for (size_t i = begin; i < end;) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      side.push_back(static_cast<char>(absl::ascii_tolower(c)));
      ++i;
      continue;
    }
    const CodePoint point = DecodeUtf8(text, i);
    AppendUtf8(Narrowed(point.value), &side);
    i += point.length;
  }
  return side;
}

// Cut at the first break.
std::string Before(std::string_view text, size_t match_begin, int window) {
  size_t begin = match_begin;
  for (int i = 0; i < window && begin > 0; ++i) {
    const size_t previous = PreviousCodePoint(text, begin);
    const uint32_t c = DecodeUtf8(text, previous).value;
    if (EndsField(c) || EndsSentence(c) || (c == ',' && IsFieldBorder(text, previous))) break;
    begin = previous;
  }
  return SideOf(text, begin, match_begin);
}

std::string After(std::string_view text, size_t match_end, int window) {
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

size_t Context::StartHash(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return k < text.size() ? static_cast<uint8_t>(text[k]) : 0u; };
  return (byte(i) * 31u + byte(i + 1) * 5u) % kStarts;
}

Context::Context(std::span<const ContextGroup> groups) {
  for (const ContextGroup& group : groups) {
    for (const std::string& word : group.words) {
      words_.push_back({word, group.strength, group.window});
      reach_ = std::max(reach_, group.window + CodePointsIn(word));
    }
  }
  std::stable_sort(words_.begin(), words_.end(),
                   [](const Word& a, const Word& b) { return a.text.size() > b.text.size(); });
  for (const Word& word : words_) {
    if (word.text.size() > 1) {
      starts_.set(StartHash(word.text, 0));
    } else {
      single_bytes_.set(static_cast<uint8_t>(word.text[0]));
    }
  }
}

std::vector<ContextHit> Context::HitsAround(std::string_view text, Span match) const {
  std::vector<ContextHit> hits;
  if (words_.empty()) return hits;

  // Calls take(word, begin) for each word that stands in `side`, by rising begin, at one place longest first.
  const auto for_each_word = [&](const std::string& side, const auto& take) {
    for (size_t begin = 0; begin < side.size(); ++begin) {
      if (!starts_.test(StartHash(side, begin)) && !single_bytes_.test(static_cast<uint8_t>(side[begin])))
        continue;
      for (const Word& word : words_) {
        if (word.text[0] != side[begin] || side.compare(begin, word.text.size(), word.text) != 0) continue;
        if (StandsAlone(side, begin, word.text.size()) && !take(word, begin)) return;
      }
    }
  };

  const std::string before = Before(text, match.begin, reach_);
  const Word* nearest = nullptr;
  size_t nearest_end = 0;
  for_each_word(before, [&](const Word& word, size_t begin) {
    const size_t end = begin + word.text.size();
    const bool nearer = end > nearest_end || (end == nearest_end && word.text.size() > nearest->text.size());
    if (nearer && CodePointsIn(std::string_view(before).substr(end)) < word.window) {
      nearest = &word;
      nearest_end = end;
    }
    return true;
  });
  if (nearest != nullptr) hits.push_back({nearest->text, nearest->strength});

  const std::string after = After(text, match.end, reach_);
  for_each_word(after, [&](const Word& word, size_t begin) {
    if (CodePointsIn(std::string_view(after).substr(0, begin)) >= word.window) return true;
    hits.push_back({word.text, word.strength / 2});
    return false;
  });
  return hits;
}

}  // namespace privet
