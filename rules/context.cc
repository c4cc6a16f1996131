#include "rules/context.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "core/code_point_folding.h"
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

// Whether the question that ends at `end` is followed by the mark of its answer: "IMEI？答：8601".
bool IsAnswered(std::string_view text, size_t end) {
  while (end < text.size() && text[end] == ' ') ++end;
  const std::string_view rest = text.substr(end);
  return rest.starts_with("答") || rest.starts_with("A:") || rest.starts_with("A：");
}

// A quote, a comma and a quote: the next field of a JSON object or a CSV row.
bool IsFieldBorder(std::string_view text, size_t comma) {
  if (text[comma] != ',' || comma == 0 || text[comma - 1] != '"') return false;
  size_t next = comma + 1;
  while (next < text.size() && text[next] == ' ') ++next;
  return next < text.size() && text[next] == '"';
}

uint32_t Narrowed(uint32_t c) { return c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c; }

bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsUpper(char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); }
bool IsLower(char c) { return absl::ascii_islower(static_cast<unsigned char>(c)); }

// The text beside a match as context sees it: full-width ASCII narrowed, traditional characters simplified.
struct Side {
  std::string cased;
  std::string lower;  // the same in lower case, byte by byte

  // Whether a word begins at `i` by its case alone, as in "deviceImei" and "HTTPServer".
  bool IsCaseBorder(size_t i) const {
    if (i == 0 || i >= cased.size() || !IsUpper(cased[i])) return false;
    return IsLower(cased[i - 1]) || (IsUpper(cased[i - 1]) && i + 1 < cased.size() && IsLower(cased[i + 1]));
  }
  // Whether the letters on both sides of `i` are of one word.
  bool IsInWord(size_t i) const {
    return i > 0 && i < lower.size() && IsLetter(lower[i - 1]) && IsLetter(lower[i]) && !IsCaseBorder(i);
  }
};

Side SideOf(std::string_view text, size_t begin, size_t end) {
  Side side;
  side.cased.reserve(end - begin);
  for (size_t i = begin; i < end;) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      side.cased.push_back(text[i]);
      ++i;
      continue;
    }
    const CodePoint point = DecodeUtf8(text, i);
    AppendUtf8(SimplifiedHan(Narrowed(point.value)), &side.cased);
    i += point.length;
  }
  side.lower = absl::AsciiStrToLower(side.cased);
  return side;
}

// Cut at the first break.
Side Before(std::string_view text, size_t match_begin, int window) {
  size_t begin = match_begin;
  for (int i = 0; i < window && begin > 0; ++i) {
    const size_t previous = PreviousCodePoint(text, begin);
    const uint32_t c = DecodeUtf8(text, previous).value;
    if (EndsField(c) || (c == ',' && IsFieldBorder(text, previous))) break;
    if (EndsSentence(c) && !(c == 0xFF1F && IsAnswered(text, begin))) break;
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

// The end of `word` where it stands at `begin`, or npos. A blank of it may be '_', '-' or a change of case
// there: "order no" is in "order_no" and "orderNo".
size_t EndOfWord(const Side& side, size_t begin, std::string_view word) {
  size_t end = begin;
  for (const char c : word) {
    const char there = end < side.lower.size() ? side.lower[end] : '\0';
    if (there == c || (c == ' ' && (there == '_' || there == '-'))) {
      ++end;
    } else if (c != ' ' || !side.IsCaseBorder(end)) {
      return std::string_view::npos;
    }
  }
  return end;
}

// "tel" is not in "hotel", but in "tel138...", "my_tel" and "myTel".
bool StandsAlone(const Side& side, size_t begin, size_t end) {
  if (side.IsInWord(begin)) return false;
  if (!side.IsInWord(end)) return true;
  const bool plural = side.lower[end] == 's' && !side.IsInWord(end + 1);
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
      words_.push_back({SimplifiedHan(word), group.strength, group.window});
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

  // Calls take(word, begin, end) for each word that stands in `side`, by rising begin, at one place longest
  // first.
  const auto for_each_word = [&](const Side& side, const auto& take) {
    const std::string& lower = side.lower;
    for (size_t begin = 0; begin < lower.size(); ++begin) {
      if (!starts_.test(StartHash(lower, begin)) && !single_bytes_.test(static_cast<uint8_t>(lower[begin])))
        continue;
      for (const Word& word : words_) {
        if (word.text[0] != lower[begin]) continue;
        const size_t end = EndOfWord(side, begin, word.text);
        if (end != std::string::npos && StandsAlone(side, begin, end) && !take(word, begin, end)) return;
      }
    }
  };

  const Side before = Before(text, match.begin, reach_);
  const Word* nearest = nullptr;
  size_t nearest_end = 0;
  for_each_word(before, [&](const Word& word, size_t, size_t end) {
    const bool nearer = end > nearest_end || (end == nearest_end && word.text.size() > nearest->text.size());
    if (nearer && CodePointsIn(std::string_view(before.lower).substr(end)) < word.window) {
      nearest = &word;
      nearest_end = end;
    }
    return true;
  });
  if (nearest != nullptr) hits.push_back({nearest->text, nearest->strength});

  const Side after = After(text, match.end, reach_);
  for_each_word(after, [&](const Word& word, size_t begin, size_t) {
    if (CodePointsIn(std::string_view(after.lower).substr(0, begin)) >= word.window) return true;
    hits.push_back({word.text, word.strength / 2});
    return false;
  });
  return hits;
}

}  // namespace privet
