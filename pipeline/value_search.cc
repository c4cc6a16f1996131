#include "pipeline/value_search.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/ascii.h"

namespace privet {
namespace {

size_t Byte(std::string_view text, size_t i) { return static_cast<unsigned char>(text[i]); }

bool IsWordByte(std::string_view text, size_t i) {
  return absl::ascii_isalnum(static_cast<unsigned char>(text[i]));
}

bool IsWhole(std::string_view text, Span span) {
  if (span.begin > 0 && IsWordByte(text, span.begin) && IsWordByte(text, span.begin - 1)) return false;
  return span.end == text.size() || !IsWordByte(text, span.end - 1) || !IsWordByte(text, span.end);
}

}  // namespace

ValueSearch::ValueSearch(std::span<const std::string> values) {
  for (size_t i = 0; i < values.size(); ++i) values_.push_back({values[i], i, kNone});
  std::sort(values_.begin(), values_.end(), [](const Value& a, const Value& b) {
    return std::tie(a.text, a.index) < std::tie(b.text, b.index);
  });
  const auto same = [](const Value& a, const Value& b) { return a.text == b.text; };
  values_.erase(std::unique(values_.begin(), values_.end(), same), values_.end());

  std::vector<size_t> beginnings;  // values that each begin the next, and all of them the current one
  for (size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[i];
    while (!beginnings.empty() && !value.text.starts_with(values_[beginnings.back()].text))
      beginnings.pop_back();
    if (!beginnings.empty()) value.shorter = beginnings.back();
    beginnings.push_back(i);

    longest_ = std::max(longest_, value.text.size());
    if (value.text.size() > 1) {
      can_begin_.set(Byte(value.text, 0) + 256 * Byte(value.text, 1));
    } else {
      for (size_t second = 0; second < 256; ++second) can_begin_.set(Byte(value.text, 0) + 256 * second);
    }
  }
}

std::vector<ValueSearch::Match> ValueSearch::FindAll(std::string_view text) const {
  std::vector<Match> matches;
  if (values_.empty()) return matches;
  for (size_t at = 0; at < text.size();) {
    const size_t second = at + 1 < text.size() ? Byte(text, at + 1) : 0;
    size_t next = at + 1;
    if (can_begin_.test(Byte(text, at) + 256 * second)) {
      // Every value that begins `rest` also begins the greatest value that is not above it, or is that value.
      const std::string_view rest = text.substr(at, longest_);
      const auto above =
          std::upper_bound(values_.begin(), values_.end(), rest,
                           [](std::string_view r, const Value& value) { return r < value.text; });
      size_t i = above == values_.begin() ? kNone : static_cast<size_t>(above - values_.begin()) - 1;
      for (; i != kNone; i = values_[i].shorter) {
        const Span span{at, at + values_[i].text.size()};
        if (rest.starts_with(values_[i].text) && IsWhole(text, span)) {
          matches.push_back({span, values_[i].index});
          next = span.end;
          break;
        }
      }
    }
    at = next;
  }
  return matches;
}

}  // namespace privet
