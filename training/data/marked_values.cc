#include "training/data/marked_values.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <vector>

#include "core/utf8.h"

namespace privet {
namespace {

constexpr size_t kMostValueBytes = 120;
constexpr uint32_t kFirstWide = 0x2E80;  // CJK radicals; what comes after is written without spaces

bool IsWordCharacter(uint32_t character) {
  return character < kFirstWide && u_isalnum(static_cast<UChar32>(character)) != 0;
}

bool IsCounted(std::string_view value) {
  if (value.size() > kMostValueBytes) return false;
  size_t characters = 0;
  bool wide = true;
  for (size_t i = 0; i < value.size(); ++characters) {
    const CodePoint point = DecodeUtf8(value, i);
    wide = wide && point.value >= kFirstWide;
    i += point.length;
  }
  return characters >= 3 || (characters == 2 && wide);
}

// By first character: the sizes of values, the largest first.
std::unordered_map<uint32_t, std::vector<size_t>> SizesByHead(const ValueUses& uses) {
  std::unordered_map<uint32_t, std::vector<size_t>> sizes;
  for (const auto& [value, use] : uses) sizes[DecodeUtf8(value, 0).value].push_back(value.size());
  for (auto& [head, of_head] : sizes) {
    std::sort(of_head.begin(), of_head.end(), std::greater<>());
    of_head.erase(std::unique(of_head.begin(), of_head.end()), of_head.end());
  }
  return sizes;
}

}  // namespace

EntityType ValueUse::type() const {
  return std::max_element(marked.begin(), marked.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

int64_t ValueUse::times_marked() const {
  int64_t times = 0;
  for (const auto& [type, count] : marked) times += count;
  return times;
}

bool StandsAlone(std::string_view text, const Span& span) {
  const auto is_word_at = [&](size_t at) { return IsWordCharacter(DecodeUtf8(text, at).value); };
  const auto cuts_word = [&](size_t at) {
    return at > 0 && at < text.size() && is_word_at(at) && is_word_at(PreviousCodePoint(text, at));
  };
  return !cuts_word(span.begin) && !cuts_word(span.end);
}

ValueUses UsesOfValues(std::span<const LabeledRecord> records) {
  ValueUses uses;
  for (const LabeledRecord& record : records) {
    for (const LabeledSpan& span : record.spans) {
      const std::string_view value = std::string_view(record.text).substr(span.span.begin, span.span.size());
      if (IsCounted(value)) ++uses[value].marked[span.type];
    }
  }
  // The walk reads the same table that it counts in, which changes no key.
  ForEachUnmarkedPlace(records, uses, [&](const UnmarkedPlace& place, const ValueUse&) {
    const std::string_view text = records[place.record].text;
    ++uses.find(text.substr(place.span.begin, place.span.size()))->second.unmarked;
  });
  return uses;
}

void ForEachUnmarkedPlace(std::span<const LabeledRecord> records, const ValueUses& uses,
                          const std::function<void(const UnmarkedPlace&, const ValueUse&)>& take) {
  const std::unordered_map<uint32_t, std::vector<size_t>> sizes = SizesByHead(uses);
  for (size_t r = 0; r < records.size(); ++r) {
    const LabeledRecord& record = records[r];
    const std::string_view text = record.text;
    auto mark = record.spans.begin();
    for (size_t at = 0; at < text.size();) {
      const CodePoint head = DecodeUtf8(text, at);
      while (mark != record.spans.end() && mark->span.end <= at) ++mark;
      if (mark != record.spans.end() && mark->span.begin <= at) {
        at = mark->span.end;
        continue;
      }
      const size_t end = mark == record.spans.end() ? text.size() : mark->span.begin;
      size_t next = at + head.length;
      if (const auto of_head = sizes.find(head.value); of_head != sizes.end()) {
        for (const size_t size : of_head->second) {
          if (size > end - at) continue;
          const auto use = uses.find(text.substr(at, size));
          if (use == uses.end() || !StandsAlone(text, {at, at + size})) continue;
          if (record.covers.test(IndexOf(use->second.type()))) take({r, {at, at + size}}, use->second);
          next = at + size;
          break;
        }
      }
      at = next;
    }
  }
}

}  // namespace privet
