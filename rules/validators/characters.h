// What the validators share: ASCII character classes, and a value without its separators.
#ifndef PRIVET_RULES_VALIDATORS_CHARACTERS_H_
#define PRIVET_RULES_VALIDATORS_CHARACTERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace privet {

// Values are in the normalised view, so ASCII is all that these need; every other byte is none of them.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsLetter(char c) { return IsUpper(c) || IsLower(c); }
constexpr bool IsAlphanumeric(char c) { return IsDigit(c) || IsLetter(c); }
constexpr bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }
constexpr char ToUpper(char c) { return IsLower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
constexpr char ToLower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool AllDigits(std::string_view text) {
  for (char c : text) {
    if (!IsDigit(c)) return false;
  }
  return !text.empty();
}

constexpr bool AllUpper(std::string_view text) {
  for (char c : text) {
    if (!IsUpper(c)) return false;
  }
  return !text.empty();
}

constexpr size_t CountDigits(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += IsDigit(c) ? 1 : 0;
  return count;
}

// All characters equal: 000000000, 1111.
constexpr bool AllSame(std::string_view text) {
  for (char c : text) {
    if (c != text.front()) return false;
  }
  return true;
}

// The value of a run of at most eighteen digits.
constexpr uint64_t NumberOf(std::string_view digits) {
  uint64_t number = 0;
  for (char c : digits) number = number * 10 + static_cast<uint64_t>(c - '0');
  return number;
}

// A value in upper case without its separators, on the stack. A value of more than N other characters does
// not fit: then the view is empty, which no validator accepts.
template <size_t N>
class Compact {
 public:
  Compact(std::string_view value, std::string_view separators) {
    for (char c : value) {
      if (separators.find(c) != std::string_view::npos) continue;
      if (size_ == N) {
        size_ = 0;
        return;
      }
      characters_[size_++] = ToUpper(c);
    }
  }

  std::string_view view() const { return {characters_.data(), size_}; }

 private:
  std::array<char, N> characters_;
  size_t size_ = 0;
};

// What stands between the groups of most numbers.
inline constexpr std::string_view kGroupSeparators = " -.";

// Whether the word is one of a list such as "AA BB CC", whose words all have its length and one space
// between.
constexpr bool IsOneOf(std::string_view word, std::string_view words) {
  if (word.empty()) return false;
  for (size_t at = 0; at + word.size() <= words.size(); at += word.size() + 1) {
    if (words.substr(at, word.size()) == word) return true;
  }
  return false;
}

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CHARACTERS_H_
