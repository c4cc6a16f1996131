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

// Whether an ASCII word goes on from before this place to behind it.
bool SplitsWord(std::string_view text, size_t at) {
  return at > 0 && at < text.size() && IsWordByte(text, at - 1) && IsWordByte(text, at);
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

absl::StatusOr<std::vector<ValueSearch::Match>> ValueSearch::FindAll(std::string_view text,
                                                                     const StopToken& stop) const {
  constexpr size_t kBytesBetweenPolls = 4096;
  std::vector<Match> matches;
  if (values_.empty()) return matches;
  for (size_t at = 0; at < text.size(); ++at) {
    if (at % kBytesBetweenPolls == 0 && stop && stop()) return absl::CancelledError("stopped by the caller");
    const size_t second = at + 1 < text.size() ? Byte(text, at + 1) : 0;
    if (!can_begin_.test(Byte(text, at) + 256 * second) || SplitsWord(text, at)) continue;
    // Every value that begins `rest` also begins the greatest value that is not above it, or is that value.
    const std::string_view rest = text.substr(at, longest_);
    const auto above =
        std::upper_bound(values_.begin(), values_.end(), rest,
                         [](std::string_view r, const Value& value) { return r < value.text; });
    if (above == values_.begin()) continue;
    size_t i = static_cast<size_t>(above - values_.begin()) - 1;
    const std::string_view greatest = values_[i].text;
    const auto common = static_cast<size_t>(
        std::mismatch(rest.begin(), rest.end(), greatest.begin(), greatest.end()).first - rest.begin());
    for (; i != kNone; i = values_[i].shorter) {
      const size_t size = values_[i].text.size();
      if (size > common || SplitsWord(text, at + size)) continue;
      matches.push_back({{at, at + size}, values_[i].index});
      break;
    }
  }
  return matches;
}

}  // namespace privet
