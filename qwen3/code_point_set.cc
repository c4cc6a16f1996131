#include "qwen3/code_point_set.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr uint32_t kLastCodePoint = 0x10FFFF;

absl::Status NotAClass(size_t offset, const char* reason) {
  return absl::InvalidArgumentError(absl::StrCat(
      "at byte ", offset, ": ", reason,
      "; write one class of code points and ranges, such as [\\u4E00-\\u9FFF\\x{20000}-\\x{2A6DF}]"));
}

// Reads up to `most` hexadecimal digits.
uint32_t ReadHex(std::string_view pattern, size_t most, size_t* at, size_t* digits) {
  uint32_t value = 0;
  for (*digits = 0; *digits < most && *at < pattern.size() &&
                    absl::ascii_isxdigit(static_cast<unsigned char>(pattern[*at]));
       ++*digits, ++*at) {
    const char c = pattern[*at];
    value = value * 16 + static_cast<uint32_t>(absl::ascii_isdigit(static_cast<unsigned char>(c))
                                                   ? c - '0'
                                                   : (c | 0x20) - 'a' + 10);
  }
  return value;
}

// One end of a range, with *at moved behind it; nothing when it has no form that we know.
std::optional<uint32_t> ReadCodePoint(std::string_view pattern, size_t* at) {
  constexpr uint32_t kFirstLiteral = 0x80;
  size_t digits = 0;
  const std::string_view rest = pattern.substr(*at);
  if (rest.starts_with("\\u")) {
    *at += 2;
    const uint32_t value = ReadHex(pattern, 4, at, &digits);
    if (digits != 4) return std::nullopt;
    return value;
  }
  if (rest.starts_with("\\x{")) {
    *at += 3;
    const uint32_t value = ReadHex(pattern, 6, at, &digits);
    if (digits == 0 || *at >= pattern.size() || pattern[*at] != '}' || value > kLastCodePoint)
      return std::nullopt;
    ++*at;
    return value;
  }
  const CodePoint c = DecodeUtf8(pattern, *at);
  if (c.value < kFirstLiteral) return std::nullopt;
  *at += c.length;
  return c.value;
}

}  // namespace

absl::StatusOr<CodePointSet> CodePointSet::Parse(std::string_view pattern) {
  if (!pattern.starts_with('[')) return NotAClass(0, "no '['");
  CodePointSet set;
  size_t at = 1;
  while (at < pattern.size() && pattern[at] != ']') {
    const size_t begin = at;
    const std::optional<uint32_t> first = ReadCodePoint(pattern, &at);
    if (!first.has_value())
      return NotAClass(begin, "neither \\uHHHH, \\x{H...} nor a code point above U+007F");
    std::optional<uint32_t> last = first;
    if (at < pattern.size() && pattern[at] == '-') {
      ++at;
      last = at < pattern.size() ? ReadCodePoint(pattern, &at) : std::nullopt;
      if (!last.has_value()) return NotAClass(begin, "a range without an end");
    }
    if (*last < *first) return NotAClass(begin, "a range that runs backwards");
    set.ranges_.push_back({*first, *last});
  }
  if (at >= pattern.size()) return NotAClass(at, "no ']'");
  if (at + 1 != pattern.size()) return NotAClass(at + 1, "something behind the ']'");
  if (set.ranges_.empty()) return NotAClass(at, "an empty class");

  std::sort(set.ranges_.begin(), set.ranges_.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> joined;
  for (const Range& range : set.ranges_) {
    if (!joined.empty() && range.first <= joined.back().last) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
    for (uint32_t block = range.first >> 8; block <= range.last >> 8; ++block) set.block_has_any_[block] = 1;
  }
  set.ranges_ = std::move(joined);
  return set;
}

bool CodePointSet::InRanges(uint32_t code_point) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), code_point,
                                      [](uint32_t c, const Range& range) { return c < range.first; });
  return after != ranges_.begin() && code_point <= std::prev(after)->last;
}

}  // namespace privet
