#include "rules/anchors.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr size_t kBasicPlane = 0x10000;
constexpr size_t kPairs = 0x10000;
// Runs of Chinese numerals shorter than this are words (一二三, 三八), not numbers.
constexpr int kMinNumeralRun = 6;

uint8_t ByteAt(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

bool IsAsciiSeparator(char c) {
  switch (c) {
    case ' ':
    case '-':
    case '.':
    case '/':
    case ':':
    case '(':
    case ')':
    case ',':
    case '+':
      return true;
    default:
      return false;
  }
}

bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

std::vector<uint8_t> BothCases(char c) {
  const uint8_t lower = static_cast<uint8_t>(c);
  const uint8_t upper = static_cast<uint8_t>(absl::ascii_toupper(static_cast<unsigned char>(c)));
  return lower == upper ? std::vector<uint8_t>{lower} : std::vector<uint8_t>{lower, upper};
}

std::vector<uint8_t> AnyByte() {
  std::vector<uint8_t> bytes(256);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  return bytes;
}

void SetBit(std::vector<uint64_t>* bits, size_t i) { (*bits)[i / 64] |= uint64_t{1} << (i % 64); }

size_t HashOf(uint32_t a, uint32_t b, uint32_t c) { return ((a | b << 8 | c << 16) * 0x9E3779B1u) >> 16; }

bool StartsWithoutCase(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

}  // namespace

AnchorScanner::AnchorScanner(std::vector<std::string> literals)
    : literals_(std::move(literals)),
      code_point_class_(kBasicPlane, kPlain),
      interesting_pairs_(kPairs / 64),
      literal_starts_(kPairs / 64) {
  for (int c = '0'; c <= '9'; ++c) byte_class_[c] = kDigit;
  for (const char c : {':', '-', '.'}) byte_class_[static_cast<uint8_t>(c)] |= kPairSeparator;
  for (const char c : {'\n', '\r'}) byte_class_[static_cast<uint8_t>(c)] = kLineBreak;
  for (int c = 0x80; c < 0x100; ++c) byte_class_[c] = kNonAscii;

  const auto mark = [&](uint32_t first, uint32_t last, uint8_t klass) {
    for (uint32_t c = first; c <= last; ++c) code_point_class_[c] |= klass;
  };
  mark(0xFF10, 0xFF19, kFoldedDigit);
  mark(0x2460, 0x2468, kFoldedDigit);  // circled
  mark(0x24EA, 0x24EA, kFoldedDigit);
  mark(0x2474, 0x247C, kFoldedDigit);  // parenthesised
  mark(0x2488, 0x2490, kFoldedDigit);  // with a full stop
  mark(0x24F5, 0x24FD, kFoldedDigit);
  mark(0x24FF, 0x24FF, kFoldedDigit);
  mark(0x2776, 0x277E, kFoldedDigit);
  mark(0x2780, 0x2788, kFoldedDigit);
  mark(0x278A, 0x2792, kFoldedDigit);
  mark(0x2070, 0x2079, kFoldedDigit);  // superscript and subscript
  mark(0x2080, 0x2089, kFoldedDigit);
  mark(0xFF21, 0xFF3A, kFoldedLetter);
  mark(0xFF41, 0xFF5A, kFoldedLetter);
  mark(0xFF20, 0xFF20, kFoldedLetter);
  mark(0x24B6, 0x24E9, kFoldedLetter);
  mark(0x2010, 0x2015, kFoldedSeparator);
  mark(0x2212, 0x2212, kFoldedSeparator);
  mark(0xFF0D, 0xFF0F, kFoldedSeparator);
  mark(0xFF08, 0xFF0B, kFoldedSeparator);
  mark(0xFE58, 0xFE58, kFoldedSeparator);
  mark(0xFE63, 0xFE63, kFoldedSeparator);
  mark(0x3000, 0x3000, kFoldedSeparator);
  mark(0x2000, 0x200A, kFoldedSeparator);
  mark(0x202F, 0x202F, kFoldedSeparator);
  mark(0x205F, 0x205F, kFoldedSeparator);
  mark(0x00A0, 0x00A0, kFoldedSeparator);
  mark(0x30FC, 0x30FC, kFoldedSeparator);  // the long-vowel mark, typed for a dash
  mark(0x4E00, 0x4E00, kNumeral);
  for (const uint32_t c : {0xFF0Eu, 0xFF1Au}) code_point_class_[c] = kFoldedSeparator;
  mark(0x00AD, 0x00AD, kInvisible);
  mark(0x200B, 0x200F, kInvisible);
  mark(0x202A, 0x202E, kInvisible);
  mark(0x2060, 0x206F, kInvisible);
  mark(0xFEFF, 0xFEFF, kInvisible);
  mark(0x180B, 0x180E, kInvisible);
  for (const uint32_t c :
       {0x3007u, 0x96F6u, 0x4E8Cu, 0x4E09u, 0x56DBu, 0x4E94u, 0x516Du, 0x4E03u, 0x516Bu, 0x4E5Du,
        0x5E7Au, 0x58F9u, 0x8D30u, 0x53C1u, 0x8086u, 0x4F0Du, 0x9646u, 0x67D2u, 0x634Cu, 0x7396u}) {
    code_point_class_[c] |= kNumeral;
  }
  mark(0x0391, 0x03C9, kLookAlike);
  mark(0x0400, 0x045F, kLookAlike);

  for (size_t i = 0; i < literals_.size(); ++i) {
    const std::string& literal = literals_[i];
    const uint16_t index = static_cast<uint16_t>(i);
    if (ByteAt(literal, 0) >= 0x80) {
      const uint32_t first = DecodeUtf8(literal, 0).value;
      if (first < kBasicPlane) code_point_class_[first] |= kWideLiteral;
      wide_buckets_[first].push_back(index);
      const size_t next = DecodeUtf8(literal, 0).length;
      for (const uint8_t byte : next < literal.size() ? BothCases(literal[next]) : AnyByte()) {
        SetBit(&literal_starts_, HashOf(first & 0xFF, first >> 8, byte));
      }
      continue;
    }
    const std::vector<uint8_t> first = BothCases(literal[0]);
    for (const uint8_t byte : first) {
      byte_class_[byte] |= kLiteralStart;
      ascii_buckets_[byte].push_back(index);
    }
    const std::vector<uint8_t> second = literal.size() > 1 ? BothCases(literal[1]) : AnyByte();
    const std::vector<uint8_t> third = literal.size() > 2 ? BothCases(literal[2]) : AnyByte();
    for (const uint8_t a : first) {
      for (const uint8_t b : second) {
        SetBit(&interesting_pairs_, a + 256u * b);
        for (const uint8_t c : third) SetBit(&literal_starts_, HashOf(a, b, c));
      }
    }
  }

  for (uint32_t a = 0; a < 256; ++a) {
    const bool alone = (byte_class_[a] & (kDigit | kNonAscii | kLineBreak)) != 0;
    for (uint32_t b = 0; b < 256; ++b) {
      const bool joins = (byte_class_[a] & kPairSeparator) != 0 &&
                         (IsHexDigit(static_cast<char>(b)) || (a == ':' && b == ':'));
      if (alone || joins) SetBit(&interesting_pairs_, a + 256 * b);
    }
  }
}

size_t AnchorScanner::SkipPlain(std::string_view text, size_t i) const {
  const uint64_t* const bits = interesting_pairs_.data();
  for (; i + 1 < text.size(); ++i) {
    const size_t pair = ByteAt(text, i) + 256u * ByteAt(text, i + 1);
    if ((bits[pair / 64] >> (pair % 64) & 1) != 0) return i;
  }
  return i;
}

bool AnchorScanner::MayStartLiteral(std::string_view text, size_t i) const {
  const size_t left = text.size() - i;
  const size_t hash =
      HashOf(ByteAt(text, i), left > 1 ? ByteAt(text, i + 1) : 0, left > 2 ? ByteAt(text, i + 2) : 0);
  return (literal_starts_[hash / 64] >> (hash % 64) & 1) != 0;
}

uint8_t AnchorScanner::ClassOf(uint32_t code_point) const {
  if (code_point < kBasicPlane) return code_point_class_[code_point];
  if (code_point >= 0x1D400 && code_point < 0x1D7CE) return kFoldedLetter;
  if (code_point >= 0x1D7CE && code_point <= 0x1D7FF) return kFoldedDigit;
  if (code_point >= 0x1F100 && code_point <= 0x1F10A) return kFoldedDigit;
  if (code_point >= 0xE0000 && code_point < 0xE1000) return kInvisible;
  return kPlain;
}

bool AnchorScanner::MatchLiterals(std::string_view text, size_t offset, const std::vector<uint16_t>& bucket,
                                  AnchorGroup* group) const {
  bool any = false;
  const std::string_view rest = text.substr(offset);
  for (const uint16_t index : bucket) {
    if (!StartsWithoutCase(rest, literals_[index])) continue;
    group->literals.push_back(index);
    any = true;
  }
  return any;
}

// "ab:cd", "ab-cd", "abcd.ef12": the hexadecimal groups of MAC and IPv6 addresses, which need hold no digit.
bool AnchorScanner::IsHexPairSeparator(std::string_view text, size_t i) const {
  if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == ':') return true;
  return i >= 2 && i + 2 < text.size() && IsHexDigit(text[i - 1]) && IsHexDigit(text[i - 2]) &&
         IsHexDigit(text[i + 1]) && IsHexDigit(text[i + 2]) &&
         (i == 2 || !absl::ascii_isalpha(ByteAt(text, i - 3)) || IsHexDigit(text[i - 3]));
}

AnchorScanner::NumberScan AnchorScanner::ScanNumber(std::string_view text, size_t begin) const {
  NumberScan scan;
  int run_of_numerals = 0;
  int separators = 0;
  int colons = 0, dashes = 0;
  size_t i = begin;
  const auto close_run = [&] {
    if (run_of_numerals >= kMinNumeralRun) scan.folds = true;
    run_of_numerals = 0;
  };
  const size_t limit = std::min(text.size(), begin + kMaxGroup);
  while (i < limit) {
    const char c = text[i];
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ++scan.digits;
      separators = 0;
      scan.end = ++i;
      continue;
    }
    if (static_cast<uint8_t>(c) < 0x80) {
      if (!IsAsciiSeparator(c) || ++separators > 2) break;
      colons += c == ':' ? 1 : 0;
      dashes += c == '-' ? 1 : 0;
      if (c == ':' && i > begin && text[i - 1] == ':') scan.hex_groups = true;
      ++i;
      continue;
    }
    const CodePoint point = DecodeUtf8(text, i);
    const uint8_t klass = ClassOf(point.value);
    if ((klass & kFoldedDigit) != 0) {
      ++scan.digits;
      scan.folds = true;
    } else if ((klass & kNumeral) != 0) {
      ++scan.numerals;
      ++run_of_numerals;
    } else if ((klass & kInvisible) != 0) {
      scan.folds = true;
      i += point.length;
      continue;
    } else if ((klass & kFoldedSeparator) != 0 && ++separators <= 2) {
      i += point.length;
      if (scan.digits > 0) scan.folds = true;
      continue;
    } else {
      break;
    }
    separators = 0;
    i += point.length;
    scan.end = i;
  }
  close_run();
  constexpr int kJoinsOfAnAddress = 5;
  scan.hex_groups = scan.hex_groups || colons >= kJoinsOfAnAddress || dashes >= kJoinsOfAnAddress - 1;
  // "0000.5e00": the number ends in a group that hexadecimal digits continue.
  const bool continues =
      scan.end < text.size() && scan.end >= 2 && IsHexDigit(text[scan.end]) && scan.digits > 1;
  if (continues) {
    size_t group = scan.end;
    while (group > begin && absl::ascii_isdigit(ByteAt(text, group - 1))) --group;
    const char joint = group > begin ? text[group - 1] : ' ';
    scan.hex_groups = scan.hex_groups || joint == ':' || joint == '-' || joint == '.';
  }
  if (scan.digits + scan.numerals >= kMinNumeralRun) {
    if (scan.numerals > 0) scan.folds = true;
    scan.digits += scan.numerals;
  }
  return scan;
}

int AnchorScanner::TokenAround(std::string_view text, size_t digit, size_t* token_end) {
  constexpr size_t kLongest = 64;
  size_t begin = digit, end = digit + 1;
  while (begin > 0 && digit - begin < kLongest && absl::ascii_isalnum(ByteAt(text, begin - 1))) --begin;
  while (end < text.size() && end - begin < kLongest && absl::ascii_isalnum(ByteAt(text, end))) ++end;
  *token_end = end;
  return static_cast<int>(std::min(end - begin, kLongest));
}

bool AnchorScanner::Next(std::string_view text, size_t* position, size_t max_bytes,
                         AnchorGroup* group) const {
  group->span = Span();
  group->max_digits = 0;
  group->max_token = 0;
  group->hex_groups = false;
  group->folds = false;
  group->literals.clear();

  size_t i = *position;
  const size_t give_up = max_bytes < text.size() - i ? i + max_bytes : text.size();
  bool open = false;
  // A short number met before any anchor: it counts if a literal follows near.
  Span short_number;
  int short_digits = 0;
  const auto anchor = [&](size_t begin, size_t end) {
    if (!open) {
      group->span.begin = begin;
      if (short_digits > 0 && begin < short_number.end + kReach) {
        group->span.begin = std::min(begin, short_number.begin);
        group->max_digits = std::max(group->max_digits, short_digits);
      }
    }
    open = true;
    group->span.end = std::max(group->span.end, end);
  };

  size_t token_end = 0;  // of the token measured last
  const auto number_met = [&](size_t begin, const NumberScan& number) {
    if (begin >= token_end && absl::ascii_isdigit(ByteAt(text, begin))) {
      const int token = TokenAround(text, begin, &token_end);
      if (token >= min_token_) {
        anchor(begin, number.end);
        group->max_token = std::max(group->max_token, token);
      }
    }
    if (number.hex_groups) {
      anchor(begin, number.end);
      group->hex_groups = true;
    }
    if (number.digits >= min_digits_ || (open && number.digits >= min_digits_beside_literal_)) {
      anchor(begin, number.end);
      group->max_digits = std::max(group->max_digits, number.digits);
    } else if (number.digits >= min_digits_beside_literal_) {
      short_number = {begin, number.end};
      short_digits = number.digits;
    }
  };

  while (i < text.size()) {
    if (ByteAt(text, i) < 0x80) i = SkipPlain(text, i);
    const uint8_t klass = byte_class_[ByteAt(text, i)];
    if (open ? (i > group->span.end + kReach || i > group->span.begin + kMaxGroup) : i >= give_up) break;

    if ((klass & kLineBreak) != 0) {
      ++i;
      short_digits = 0;
      if (open) break;
      continue;
    }
    if ((klass & kNonAscii) != 0) {
      const CodePoint point = DecodeUtf8(text, i);
      const uint8_t point_class = ClassOf(point.value);
      if (point_class == kPlain) {
        i += point.length;
        continue;
      }
      if ((point_class & kWideLiteral) != 0) {
        const auto bucket = wide_buckets_.find(point.value);
        if (bucket != wide_buckets_.end() && MatchLiterals(text, i, bucket->second, group))
          anchor(i, i + point.length);
      }
      if ((point_class & (kFoldedDigit | kNumeral)) != 0) {
        const NumberScan number = ScanNumber(text, i);
        number_met(i, number);
        // Only what folding turns into digits needs a second look; a lone numeral is a word.
        group->folds = group->folds || (number.digits > 0 && number.folds);
        i = std::max(number.end, i + point.length);
        continue;
      }
      if ((point_class & (kFoldedLetter | kInvisible)) != 0) {
        anchor(i, i + point.length);
        group->folds = true;
      } else if ((point_class & kLookAlike) != 0) {
        const bool beside_ascii =
            (i > 0 && absl::ascii_isalnum(ByteAt(text, i - 1))) ||
            (i + point.length < text.size() && absl::ascii_isalnum(ByteAt(text, i + point.length)));
        if (beside_ascii) {
          anchor(i, i + point.length);
          group->folds = true;
        }
      }
      i += point.length;
      continue;
    }
    if ((klass & kDigit) != 0) {
      const NumberScan number = ScanNumber(text, i);
      // Literals such as "400" may begin with a digit.
      if ((klass & kLiteralStart) != 0 && MatchLiterals(text, i, ascii_buckets_[ByteAt(text, i)], group)) {
        anchor(i, i + 1);
      }
      number_met(i, number);
      group->folds = group->folds || number.folds;
      i = number.end;
      continue;
    }
    if ((klass & kLiteralStart) != 0) {
      if (MayStartLiteral(text, i) && MatchLiterals(text, i, ascii_buckets_[ByteAt(text, i)], group)) {
        anchor(i, i + 1);
      }
    }
    if ((klass & kPairSeparator) != 0 && IsHexPairSeparator(text, i)) {
      anchor(i, i + 1);
      group->hex_groups = true;
    }
    ++i;
  }
  *position = i;
  return open;
}

}  // namespace privet
