#include "rules/anchors.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "absl/container/inlined_vector.h"
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

// The first three bytes at `i` in lower case.
uint32_t KeyOf(std::string_view text, size_t i) {
  const auto lower = [&](size_t k) {
    return static_cast<uint32_t>(
        static_cast<uint8_t>(absl::ascii_tolower(static_cast<uint8_t>(text[i + k]))));
  };
  return lower(0) | lower(1) << 8 | lower(2) << 16;
}

bool StartsWithoutCase(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

}  // namespace

AnchorScanner::AnchorScanner(std::vector<Literal> literals)
    : literals_(std::move(literals)),
      code_point_class_(kBasicPlane, kPlain),
      short_pairs_(kPairs / 64),
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
    const std::string& literal = literals_[i].text;
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
    for (const uint8_t a : first) byte_class_[a] |= kLiteralStart;
    if (literal.size() == 1) {
      for (const uint8_t a : first) stops_[a] = 1;
    }
    const std::vector<uint8_t> second = literal.size() > 1 ? BothCases(literal[1]) : AnyByte();
    if (literal.size() < 3) {
      for (const uint8_t a : first) {
        short_buckets_[a].push_back(index);
        for (const uint8_t b : second) SetBit(&short_pairs_, a + 256u * b);
      }
      continue;
    }
    ascii_buckets_[KeyOf(literal, 0)].push_back(index);
    for (const uint8_t a : first) {
      for (const uint8_t b : second) {
        for (const uint8_t c : BothCases(literal[2])) SetBit(&literal_starts_, HashOf(a, b, c));
      }
    }
  }

  for (size_t a = 0; a < stops_.size(); ++a) {
    if ((byte_class_[a] & (kDigit | kNonAscii | kLineBreak | kPairSeparator)) != 0) stops_[a] = 1;
  }
}

size_t AnchorScanner::SkipPlain(std::string_view text, size_t i) const {
  const uint64_t* const starts = literal_starts_.data();
  const uint64_t* const pairs = short_pairs_.data();
  // Without a branch that letters could mislead: most begin some literal, few begin three letters of one.
  for (; i + 4 <= text.size(); ++i) {
    uint32_t word;
    std::memcpy(&word, text.data() + i, sizeof(word));
    const size_t hash = HashOf(word & 0xFF, word >> 8 & 0xFF, word >> 16 & 0xFF);
    const size_t pair = word & 0xFFFF;
    const uint64_t stop =
        stops_[word & 0xFF] | (starts[hash / 64] >> (hash % 64) & 1) | (pairs[pair / 64] >> (pair % 64) & 1);
    if (stop != 0) break;
  }
  return i;
}

bool AnchorScanner::MayStartLiteral(size_t hash) const {
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

class AnchorScanner::GroupInProgress {
 public:
  GroupInProgress(const AnchorScanner& scanner, std::string_view text, AnchorGroup* group)
      : scanner_(scanner), text_(text), group_(group) {
    *group_ = AnchorGroup{{}, 0, 0, false, false, std::move(group_->literals)};
    group_->literals.clear();
  }

  bool open() const { return open_; }

  // Whether an anchor at `i` would belong to another group.
  bool IsBeyond(size_t i) const {
    return i > group_->span.end + kReach || i > group_->span.begin + kMaxGroup;
  }

  void Anchor(size_t begin, size_t end) {
    if (!open_) group_->span.begin = begin;
    open_ = true;
    group_->span.begin = std::min(group_->span.begin, begin);
    group_->span.end = std::max(group_->span.end, end);
  }

  void MeetHexGroups(size_t begin, size_t end) {
    Anchor(begin, end);
    group_->hex_groups = true;
  }

  void MeetFolding() { group_->folds = true; }

  void MeetNumber(size_t begin, const NumberScan& number) {
    if (begin >= token_end_ && absl::ascii_isdigit(ByteAt(text_, begin))) {
      const int token = TokenAround(text_, begin, &token_end_);
      if (token >= scanner_.min_token_) {
        Anchor(begin, number.end);
        group_->max_token = std::max(group_->max_token, token);
      }
    }
    if (number.hex_groups) MeetHexGroups(begin, number.end);
    if (number.digits >= scanner_.min_digits_ || (open_ && number.digits > 0)) CountNumber(begin, number);
    // Literals that waited for a number.
    bool waited = false;
    for (const Waiting& literal : waiting_) {
      if (literal.offset + kReach < begin || scanner_.literals_[literal.index].min_digits > number.digits)
        continue;
      Anchor(literal.offset, literal.offset + 1);
      group_->literals.push_back(literal.index);
      waited = true;
    }
    if (waited) {
      CountNumber(begin, number);
      waiting_.clear();
    }
    if (number.digits > 0) {
      last_number_ = {begin, number.end};
      last_digits_ = number.digits;
    }
  }

  void MeetLiteral(size_t offset, uint16_t index) {
    const int needed = scanner_.literals_[index].min_digits;
    const bool number_near = last_digits_ >= needed && offset < last_number_.end + kReach;
    if (needed > 0 && group_->max_digits < needed && !number_near) {
      if (waiting_.size() == kMostWaiting) waiting_.erase(waiting_.begin());
      waiting_.push_back({offset, index});
      return;
    }
    if (needed > 0 && number_near) {
      Anchor(last_number_.begin, last_number_.end);
      group_->max_digits = std::max(group_->max_digits, last_digits_);
    }
    Anchor(offset, offset + 1);
    group_->literals.push_back(index);
  }

  void EndLine() {
    waiting_.clear();
    last_digits_ = 0;
  }

 private:
  struct Waiting {
    size_t offset;
    uint16_t index;
  };
  static constexpr size_t kMostWaiting = 32;

  void CountNumber(size_t begin, const NumberScan& number) {
    Anchor(begin, number.end);
    group_->max_digits = std::max(group_->max_digits, number.digits);
  }

  const AnchorScanner& scanner_;
  const std::string_view text_;
  AnchorGroup* const group_;
  bool open_ = false;
  size_t token_end_ = 0;  // of the token measured last
  Span last_number_;      // on this line; it counts if a literal follows near
  int last_digits_ = 0;
  absl::InlinedVector<Waiting, 8> waiting_;  // literals on this line that count if a number follows near
};

void AnchorScanner::MatchLiterals(std::string_view text, size_t offset, const std::vector<uint16_t>& bucket,
                                  GroupInProgress* group) const {
  const std::string_view rest = text.substr(offset);
  for (const uint16_t index : bucket) {
    if (StartsWithoutCase(rest, literals_[index].text)) group->MeetLiteral(offset, index);
  }
}

void AnchorScanner::TakeLiterals(std::string_view text, size_t i, GroupInProgress* group) const {
  const std::vector<uint16_t>& short_bucket = short_buckets_[ByteAt(text, i)];
  if (!short_bucket.empty()) MatchLiterals(text, i, short_bucket, group);
  if (text.size() - i < 3) return;
  if (!MayStartLiteral(HashOf(ByteAt(text, i), ByteAt(text, i + 1), ByteAt(text, i + 2)))) return;
  const auto bucket = ascii_buckets_.find(KeyOf(text, i));
  if (bucket != ascii_buckets_.end()) MatchLiterals(text, i, bucket->second, group);
}

size_t AnchorScanner::TakeNonAscii(std::string_view text, size_t i, GroupInProgress* group) const {
  const CodePoint point = DecodeUtf8(text, i);
  const size_t next = i + point.length;
  const uint8_t point_class = ClassOf(point.value);
  if (point_class == kPlain) return next;
  if ((point_class & kWideLiteral) != 0) {
    const size_t start =
        HashOf(point.value & 0xFF, point.value >> 8, next < text.size() ? ByteAt(text, next) : 0);
    const auto bucket = MayStartLiteral(start) ? wide_buckets_.find(point.value) : wide_buckets_.end();
    if (bucket != wide_buckets_.end()) MatchLiterals(text, i, bucket->second, group);
  }
  if ((point_class & (kFoldedDigit | kNumeral)) != 0) {
    const NumberScan number = ScanNumber(text, i);
    // Only what folding turns into digits needs a second look; a lone numeral is a word.
    if (number.digits > 0) {
      group->MeetNumber(i, number);
      if (number.folds) group->MeetFolding();
    }
    return std::max(number.end, next);
  }
  if ((point_class & (kFoldedLetter | kInvisible)) != 0) {
    group->Anchor(i, next);
    group->MeetFolding();
  } else if ((point_class & kLookAlike) != 0) {
    const bool beside_ascii = (i > 0 && absl::ascii_isalnum(ByteAt(text, i - 1))) ||
                              (next < text.size() && absl::ascii_isalnum(ByteAt(text, next)));
    if (beside_ascii) {
      group->Anchor(i, next);
      group->MeetFolding();
    }
  }
  return next;
}

bool AnchorScanner::Next(std::string_view text, size_t* position, size_t max_bytes,
                         AnchorGroup* group) const {
  GroupInProgress progress(*this, text, group);
  size_t i = *position;
  const size_t give_up = max_bytes < text.size() - i ? i + max_bytes : text.size();
  while (i < text.size()) {
    if (ByteAt(text, i) < 0x80) i = SkipPlain(text, i);
    if (progress.open() ? progress.IsBeyond(i) : i >= give_up) break;
    const uint8_t klass = byte_class_[ByteAt(text, i)];
    if ((klass & kLineBreak) != 0) {
      ++i;
      if (progress.open()) break;
      progress.EndLine();
    } else if ((klass & kNonAscii) != 0) {
      i = TakeNonAscii(text, i, &progress);
    } else {
      if ((klass & kLiteralStart) != 0) TakeLiterals(text, i, &progress);
      if ((klass & kDigit) != 0) {
        const NumberScan number = ScanNumber(text, i);
        progress.MeetNumber(i, number);
        if (number.folds) progress.MeetFolding();
        i = number.end;
      } else {
        if ((klass & kPairSeparator) != 0 && IsHexPairSeparator(text, i)) progress.MeetHexGroups(i, i + 1);
        ++i;
      }
    }
  }
  *position = i;
  return progress.open();
}

}  // namespace privet
