#include "rules/validators/network.h"

#include <algorithm>
#include <array>

#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// A decimal number without leading zeros, at most `limit`.
bool IsSmallNumber(std::string_view text, uint64_t limit) {
  return !text.empty() && text.size() <= 3 && AllDigits(text) && (text.size() == 1 || text[0] != '0') &&
         NumberOf(text) <= limit;
}

bool IsDottedQuad(std::string_view text) {
  int parts = 0;
  while (true) {
    const size_t dot = text.find('.');
    if (!IsSmallNumber(text.substr(0, dot), 255)) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

// Cuts a suffix that `mark` introduces; false when the suffix is not one.
bool CutPrefixLength(std::string_view* text, uint64_t limit) {
  const size_t slash = text->find('/');
  if (slash == std::string_view::npos) return true;
  if (!IsSmallNumber(text->substr(slash + 1), limit)) return false;
  *text = text->substr(0, slash);
  return true;
}

bool CutZone(std::string_view* text) {
  const size_t percent = text->find('%');
  if (percent == std::string_view::npos) return true;
  const std::string_view zone = text->substr(percent + 1);
  *text = text->substr(0, percent);
  return !zone.empty() && std::all_of(zone.begin(), zone.end(), [](char c) {
    return IsAlphanumeric(c) || c == '.' || c == '_' || c == '~' || c == '-';
  });
}

// Groups between single colons; -1 when one of them is no group. An IPv4 address counts two and must be the
// last.
int CountGroups(std::string_view text, bool may_end_in_ipv4) {
  if (text.empty()) return 0;
  int groups = 0;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_ipv4 && group.find('.') != std::string_view::npos) {
      return IsDottedQuad(group) ? groups + 2 : -1;
    }
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), IsHexDigit)) return -1;
    ++groups;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

Verdict CheckIpv4(std::string_view value) {
  const bool has_prefix_length = value.find('/') != std::string_view::npos;
  if (!CutPrefixLength(&value, 32)) return Rejected("no prefix length of 0 to 32");
  if (!IsDottedQuad(value)) return Rejected("not four numbers up to 255");
  if (value == "0.0.0.0" && !has_prefix_length)
    return Accepted("four numbers: the unspecified address", -0.5);
  // 1.2.3.4 is as often a version as an address.
  if (value.size() == 7 && !has_prefix_length) return Accepted("four numbers of one digit", -0.5);
  return Accepted("four numbers up to 255");
}

Verdict CheckIpv6(std::string_view value) {
  if (!CutPrefixLength(&value, 128)) return Rejected("no prefix length of 0 to 128");
  if (!CutZone(&value)) return Rejected("no zone");
  const size_t gap = value.find("::");
  if (gap == std::string_view::npos) {
    return CountGroups(value, true) == 8 ? Accepted("eight groups") : Rejected("not eight groups");
  }
  const std::string_view behind = value.substr(gap + 2);
  if (behind.find("::") != std::string_view::npos) return Rejected("two gaps");
  const int before_groups = CountGroups(value.substr(0, gap), false);
  const int behind_groups = CountGroups(behind, true);
  if (before_groups < 0 || behind_groups < 0 || before_groups + behind_groups > 7)
    return Rejected("not eight groups");
  // "::" is also how programs write scopes, and a::b a name.
  if (value == "::") return Accepted("the unspecified address", -3);
  const auto hex_digits = std::count_if(value.begin(), value.end(), IsHexDigit);
  const bool has_digit = CountDigits(value) > 0;
  constexpr ptrdiff_t kFewOfAWord = 6;
  if (!has_digit) return Accepted("a gap and groups of letters only", hex_digits < kFewOfAWord ? -3 : -2);
  if (hex_digits <= 3) return Accepted("a gap and hardly a group", -0.5);
  return Accepted("a gap and at most seven groups");
}

Verdict CheckMacAddress(std::string_view value) {
  std::array<char, 16> digits;
  size_t size = 0;
  for (char c : value) {
    if (!IsHexDigit(c)) continue;
    if (size == digits.size()) return Rejected("more than eight pairs");
    digits[size++] = c;
  }
  if (size != 12 && size != 16) return Rejected("neither six nor eight pairs");
  const std::string_view all(digits.data(), size);
  if (value.size() == size) {
    const bool mixed = CountDigits(all) > 0 && CountDigits(all) < size;
    return mixed ? Accepted("hexadecimal pairs without separators", -2) : Rejected("no separators");
  }
  const bool by_four = value.size() > 4 && value[4] == '.';
  const size_t group = by_four ? 4 : 2;
  const char separator = value.size() > group ? value[group] : '\0';
  if (!by_four && separator != ':' && separator != '-' && separator != ' ')
    return Rejected("no separator of addresses");
  if (value.size() != size + size / group - 1) return Rejected("groups of unequal length");
  for (size_t i = 0; i < value.size(); ++i) {
    const bool at_separator = i % (group + 1) == group;
    if (at_separator ? value[i] != separator : !IsHexDigit(value[i])) return Rejected("separators differ");
  }
  if (AllSame(all)) return Accepted("a broadcast or empty address", -1);
  // Pairs of decimal digits with spaces between are any list of numbers.
  if (separator == ' ' && CountDigits(all) == size) return Accepted("pairs of decimal digits", -1.5);
  return Accepted("pairs with one kind of separator");
}

Verdict CheckUuid(std::string_view value) {
  if (value.size() != 36) return Rejected("not 36 characters");
  for (size_t i = 0; i < value.size(); ++i) {
    const bool at_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (at_dash ? value[i] != '-' : !IsHexDigit(value[i]))
      return Rejected("not 8-4-4-4-12 hexadecimal digits");
  }
  const char version = value[14];
  const char variant = ToLower(value[19]);
  const bool standard_variant = variant == '8' || variant == '9' || variant == 'a' || variant == 'b';
  if (version >= '1' && version <= '8' && standard_variant) return Conclusive("version and variant hold");
  return Accepted("version or variant unknown", -0.5);
}

}  // namespace privet
