#include "training/data/find_values.h"

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>

#include "training/data/marked_values.h"

namespace privet {
namespace {

constexpr double kMostSteps = 1e9;
// Polynomials modulo the prime 2^61 - 1.
constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
constexpr uint64_t kBase = 0x1E3779B97F4A7C15;

// Of numbers below twice the prime.
uint64_t Reduced(uint64_t number) { return number >= kPrime ? number - kPrime : number; }

uint64_t Times(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return Reduced((static_cast<uint64_t>(product) & kPrime) + static_cast<uint64_t>(product >> 61));
}

uint64_t Append(uint64_t hash, char c) {
  return Reduced(Times(hash, kBase) + static_cast<unsigned char>(c) + 1);
}

uint64_t HashOf(std::string_view bytes) {
  uint64_t hash = 0;
  for (const char c : bytes) hash = Append(hash, c);
  return hash;
}

// Calls take(at, value) wherever a value's hash, all of values of one size, is that of the text: it rolls
// over the text (Karp and Rabin 1987).
template <typename Take>
void ForEachLikelyPlace(std::string_view text, size_t size,
                        const std::unordered_map<uint64_t, size_t>& values, const Take& take) {
  if (size > text.size()) return;
  std::bitset<4096> may_be;  // most places are told by twelve bits
  for (const auto& [hash, value] : values) may_be.set(hash % may_be.size());
  uint64_t leading = 1;  // kBase to the power of size - 1
  for (size_t i = 1; i < size; ++i) leading = Times(leading, kBase);
  uint64_t hash = HashOf(text.substr(0, size));
  for (size_t at = 0;; ++at) {
    if (may_be.test(hash % may_be.size())) {
      if (const auto value = values.find(hash); value != values.end()) take(at, value->second);
    }
    if (at + size == text.size()) return;
    hash = Reduced(hash + kPrime - Times(leading, static_cast<unsigned char>(text[at]) + 1));
    hash = Append(hash, text[at + size]);
  }
}

// Spans without overlaps.
class Occupied {
 public:
  bool Has(const Span& span) const {
    const auto after = ends_by_begin_.lower_bound(span.begin);
    if (after != ends_by_begin_.end() && after->first < span.end) return true;
    return after != ends_by_begin_.begin() && std::prev(after)->second > span.begin;
  }
  // Joins it to those that it overlaps.
  void Add(Span span) {
    auto at = ends_by_begin_.lower_bound(span.begin);
    if (at != ends_by_begin_.begin() && std::prev(at)->second > span.begin) --at;
    while (at != ends_by_begin_.end() && at->first < span.end) {
      span = {std::min(span.begin, at->first), std::max(span.end, at->second)};
      at = ends_by_begin_.erase(at);
    }
    ends_by_begin_.emplace(span.begin, span.end);
  }

 private:
  std::map<size_t, size_t> ends_by_begin_;
};

}  // namespace

std::optional<FoundValues> FindValues(std::string_view text, const std::vector<std::string_view>& values,
                                      const std::vector<Span>& taken) {
  std::map<size_t, std::unordered_map<uint64_t, size_t>, std::greater<>> by_size;
  for (size_t v = 0; v < values.size(); ++v) by_size[values[v].size()].emplace(HashOf(values[v]), v);
  if (static_cast<double>(text.size()) * static_cast<double>(by_size.size()) > kMostSteps)
    return std::nullopt;
  Occupied occupied;
  for (const Span& span : taken) occupied.Add(span);
  FoundValues found;
  std::vector<bool> occurs(values.size());
  std::vector<bool> stands_alone(values.size());
  // Bytes are compared only where it changes something, which is once for each of them and value.
  const auto is_there = [&](size_t at, size_t value) {
    return text.compare(at, values[value].size(), values[value]) == 0;
  };
  const auto place = [&](const Span& span, size_t value) {
    if (occupied.Has(span) || !is_there(span.begin, value)) return;
    occupied.Add(span);
    found.places.push_back({span, value});
  };
  for (const auto& [size, of_size] : by_size) {
    std::vector<FoundValue> inside_words;
    ForEachLikelyPlace(text, size, of_size, [&, size = size](size_t at, size_t value) {
      const Span span = {at, at + size};
      if (!occurs[value]) occurs[value] = is_there(at, value);
      if (!StandsAlone(text, span)) {
        inside_words.push_back({span, value});
        return;
      }
      if (!stands_alone[value]) stands_alone[value] = is_there(at, value);
      place(span, value);
    });
    for (const FoundValue& likely : inside_words) {
      if (!stands_alone[likely.value]) place(likely.span, likely.value);
    }
  }
  for (size_t v = 0; v < values.size(); ++v) {
    if (!occurs[v]) found.nowhere.push_back(v);
  }
  std::sort(found.places.begin(), found.places.end(),
            [](const FoundValue& a, const FoundValue& b) { return a.span < b.span; });
  return found;
}

}  // namespace privet
