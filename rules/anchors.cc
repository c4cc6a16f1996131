#include "rules/anchors.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "core/code_point_folding.h"
#include "core/utf8.h"
#include "rules/code_points.h"
#include "rules/number_scan.h"

namespace privet {
namespace {

constexpr size_t kHashes = 0x10000;

uint8_t ByteAt(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }
bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

void SetBit(std::vector<uint64_t>* bits, size_t i) { (*bits)[i / 64] |= uint64_t{1} << (i % 64); }
bool HasBit(const std::vector<uint64_t>& bits, size_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }

// Of three bytes in the low end of a word, letters without regard to case; some other pairs of characters
// fall together too.
size_t AsciiHash(uint32_t word) { return ((word & 0xFFFFFF) | 0x202020) * 0x9E3779B1u >> 16; }
size_t WideHash(uint32_t code_point, uint8_t next) { return (code_point << 8 | next) * 0x9E3779B1u >> 16; }

uint32_t ThreeBytes(std::string_view text, size_t i) {
  return uint32_t{ByteAt(text, i)} | uint32_t{ByteAt(text, i + 1)} << 8 | uint32_t{ByteAt(text, i + 2)} << 16;
}

// Of the code point at `i`: an ASCII character in lower case, or the byte that differs most from one to the
// next, which is the last of three.
uint8_t TellingByte(std::string_view text, size_t i) {
  if (i >= text.size()) return 0;
  const uint8_t lead = ByteAt(text, i);
  if (lead < 0x80) return static_cast<uint8_t>(absl::ascii_tolower(lead));
  return lead >= 0xE0 && i + 2 < text.size() ? ByteAt(text, i + 2) : lead;
}

// The first three bytes at `i` in lower case.
uint32_t KeyOf(std::string_view text, size_t i) {
  const auto lower = [&](size_t k) { return uint32_t{uint8_t(absl::ascii_tolower(ByteAt(text, i + k)))}; };
  return lower(0) | lower(1) << 8 | lower(2) << 16;
}

// Whether the code point that lies around `i` in both is the same once simplified. They are alike up to `i`.
bool IsSameHan(std::string_view text, std::string_view simplified, size_t i) {
  while (IsUtf8Continuation(simplified[i])) --i;
  return SimplifiedHan(DecodeUtf8(text, i).value) == DecodeUtf8(simplified, i).value;
}

// Whether `text` starts with a literal of the scanner.
bool StartsWith(std::string_view text, std::string_view literal) {
  if (text.size() < literal.size()) return false;
  for (size_t i = 0; i < literal.size(); ++i) {
    if (absl::ascii_tolower(static_cast<unsigned char>(text[i])) == literal[i]) continue;
    if (ByteAt(literal, i) < 0x80 || !IsSameHan(text, literal, i)) return false;
    while (i + 1 < literal.size() && IsUtf8Continuation(literal[i + 1])) ++i;
  }
  return true;
}

// The ways to write the simplified character `c`, itself first.
std::vector<uint32_t> SpellingsOf(uint32_t c) {
  static const auto& traditional = *[] {
    auto* const map = new absl::flat_hash_map<uint32_t, std::vector<uint32_t>>;
    for (uint32_t han = kFirstHan; han <= kLastHan; ++han) {
      if (const uint32_t simplified = SimplifiedHan(han); simplified != han)
        (*map)[simplified].push_back(han);
    }
    return map;
  }();
  std::vector<uint32_t> spellings = {c};
  if (const auto found = traditional.find(c); found != traditional.end())
    spellings.insert(spellings.end(), found->second.begin(), found->second.end());
  return spellings;
}

// A literal with its first `code_points` characters in all their spellings, the rest as it stands.
std::vector<std::string> StartsOf(std::string_view literal, int code_points) {
  std::vector<std::string> starts = {""};
  size_t i = 0;
  for (; code_points > 0 && i < literal.size(); --code_points) {
    const CodePoint point = DecodeUtf8(literal, i);
    std::vector<std::string> longer;
    for (const std::string& start : starts) {
      for (const uint32_t c : SpellingsOf(point.value)) AppendUtf8(c, &longer.emplace_back(start));
    }
    starts = std::move(longer);
    i += point.length;
  }
  for (std::string& start : starts) start.append(literal.substr(i));
  return starts;
}

void AddOnce(uint16_t index, std::vector<uint16_t>* bucket) {
  if (bucket->empty() || bucket->back() != index) bucket->push_back(index);
}

// "ab:cd", "ab-cd", "abcd.ef12": the hexadecimal groups of MAC and IPv6 addresses, which need hold no digit.
bool IsHexPairSeparator(std::string_view text, size_t i) {
  if (text[i] == ':' && i + 1 < text.size() && text[i + 1] == ':') return true;
  return i >= 2 && i + 2 < text.size() && IsHexDigit(text[i - 1]) && IsHexDigit(text[i - 2]) &&
         IsHexDigit(text[i + 1]) && IsHexDigit(text[i + 2]) &&
         (i == 2 || !absl::ascii_isalpha(ByteAt(text, i - 3)) || IsHexDigit(text[i - 3]));
}

// Whether what is invisible at `i` may stand inside of a literal: not at the start of the text, behind an
// emoji or another symbol, as nearly all variation selectors and joiners stand, or behind another of its
// kind.
bool MayPartALiteral(std::string_view text, size_t i) {
  if (i == 0) return false;
  const uint32_t before = DecodeUtf8(text, PreviousCodePoint(text, i)).value;
  if (before < 0x80) return true;
  const bool is_symbol = (before >= 0x2190 && before <= 0x2BFF) || before >= 0x1F000;
  return !is_symbol && (CodePointClassOf(before) & kInvisible) == 0;
}

// The run of letters and digits around a digit: its length, bounded, and where it ends.
int TokenAround(std::string_view text, size_t digit, size_t* token_end) {
  constexpr size_t kLongest = 64;
  size_t begin = digit, end = digit + 1;
  while (begin > 0 && digit - begin < kLongest && IsAlnum(text[begin - 1])) --begin;
  while (end < text.size() && end - begin < kLongest && IsAlnum(text[end])) ++end;
  *token_end = end;
  return static_cast<int>(std::min(end - begin, kLongest));
}

}  // namespace

void AnchorFeatures::Add(const AnchorFeatures& other) {
  max_digits = std::max(max_digits, other.max_digits);
  max_plain_digits = std::max(max_plain_digits, other.max_plain_digits);
  max_lettered = std::max(max_lettered, other.max_lettered);
  max_runs = std::max(max_runs, other.max_runs);
  max_token = std::max(max_token, other.max_token);
  clock = clock || other.clock;
  hex_groups = hex_groups || other.hex_groups;
}

AnchorScanner::AnchorScanner(std::vector<Literal> literals, const Minima& minima)
    : literals_(std::move(literals)),
      minima_(minima),
      code_point_class_(BasicPlaneClasses().begin(), BasicPlaneClasses().end()),
      ascii_starts_(kHashes / 64),
      wide_starts_(kHashes / 64) {
  for (int c = '0'; c <= '9'; ++c) byte_class_[c] = kDigit;
  for (const char c : {':', '-', '.'}) byte_class_[static_cast<uint8_t>(c)] |= kPairSeparator;
  for (const char c : {'\n', '\r'}) byte_class_[static_cast<uint8_t>(c)] = kLineBreak;
  for (int c = 0x80; c < 0x100; ++c) byte_class_[c] = kNonAscii;
  for (size_t c = 0; c < stops_.size(); ++c) {
    stops_[c] = (byte_class_[c] & (kDigit | kLineBreak | kPairSeparator)) != 0 ? 1 : 0;
  }
  for (size_t i = 0; i < literals_.size(); ++i) {
    const uint16_t index = static_cast<uint16_t>(i);
    ByteAt(literals_[i].text, 0) < 0x80 ? AddAsciiLiteral(index) : AddWideLiteral(index);
  }
}

void AnchorScanner::AddAsciiLiteral(uint16_t index) {
  const std::string& literal = literals_[index].text;
  const uint8_t lower = ByteAt(literal, 0);
  const uint8_t upper = static_cast<uint8_t>(absl::ascii_toupper(lower));
  for (const uint8_t first : {lower, upper}) {
    byte_class_[first] |= kLiteralStart;
    if (literal.size() == 1) stops_[first] = 1;
    if (literal.size() < 3 && (first == lower || lower != upper)) short_buckets_[first].push_back(index);
  }
  if (literal.size() == 2) {
    const uint32_t start = uint32_t{lower} | uint32_t{ByteAt(literal, 1)} << 8;
    for (uint32_t third = 0; third < 0x100; ++third) SetBit(&ascii_starts_, AsciiHash(start | third << 16));
  } else if (literal.size() >= 3) {
    for (const std::string& start : StartsOf(literal, 3)) {
      AddOnce(index, &ascii_buckets_[KeyOf(start, 0)]);
      SetBit(&ascii_starts_, AsciiHash(KeyOf(start, 0)));
    }
  }
}

void AnchorScanner::AddWideLiteral(uint16_t index) {
  for (const std::string& start : StartsOf(literals_[index].text, 2)) {
    const CodePoint first = DecodeUtf8(start, 0);
    if (first.value < kBasicPlane) code_point_class_[first.value] |= kWideLiteral;
    AddOnce(index, &wide_buckets_[first.value]);
    if (first.length < start.size()) {
      SetBit(&wide_starts_, WideHash(first.value, TellingByte(start, first.length)));
    } else {
      for (uint32_t next = 0; next < 0x100; ++next)
        SetBit(&wide_starts_, WideHash(first.value, static_cast<uint8_t>(next)));
    }
  }
}

size_t AnchorScanner::SkipPlain(std::string_view text, size_t i) const {
  const uint64_t* const starts = ascii_starts_.data();
  const uint8_t* const classes = code_point_class_.data();
  while (i + 4 <= text.size()) {
    uint32_t word;
    std::memcpy(&word, text.data() + i, sizeof(word));
    if ((word & 0x80) == 0) {
      // Without a branch that letters could mislead: most begin some literal, few begin three letters of one.
      const size_t hash = AsciiHash(word);
      const uint64_t stop = stops_[word & 0xFF] | (starts[hash / 64] >> (hash % 64) & 1);
      if (stop != 0) break;
      ++i;
    } else if ((word & 0xF0) == 0xE0) {
      const uint32_t code_point = (word & 0x0F) << 12 | (word >> 2 & 0x0FC0) | (word >> 16 & 0x3F);
      const uint8_t code_point_class = classes[code_point];
      if (code_point_class == kWideLiteral
              ? HasBit(wide_starts_, WideHash(code_point, TellingByte(text, i + 3)))
              : code_point_class != kPlain) {
        break;
      }
      i += 3;
    } else {
      break;
    }
  }
  return i;
}

uint8_t AnchorScanner::ClassOf(uint32_t code_point) const {
  return code_point < kBasicPlane ? code_point_class_[code_point] : CodePointClassOf(code_point);
}

class AnchorScanner::GroupInProgress {
 public:
  GroupInProgress(const AnchorScanner& scanner, std::string_view text, AnchorGroup* group)
      : scanner_(scanner), text_(text), group_(group) {
    *group_ = AnchorGroup{{}, {}, false, std::move(group_->literals)};
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
    group_->features.hex_groups = true;
  }

  void MeetFolding() { group_->folds = true; }

  NumberScan MeetNumber(size_t begin) {
    const NumberScan number = ScanNumber(text_, begin, kMaxGroup);
    if (number.digits == 0) return number;
    // "统一91350100M000100Y43": the numeral is no part of the token.
    size_t digit = begin;
    while (digit < number.end && !IsDigit(text_[digit])) ++digit;
    if (digit < number.end && digit >= token_end_) {
      const int token = TokenAround(text_, digit, &token_end_);
      if (token >= scanner_.minima_.token) {
        Anchor(begin, number.end);
        group_->features.max_token = std::max(group_->features.max_token, token);
      }
    }
    if (number.hex_groups) MeetHexGroups(begin, number.end);
    const Minima& minima = scanner_.minima_;
    const AnchorFeatures features = FeaturesOf(begin, number);
    const bool counts = features.max_plain_digits >= minima.plain_digits ||
                        features.max_lettered >= minima.lettered || number.runs >= minima.runs ||
                        (number.clock && minima.clock);
    if (counts || open_) Count(begin, number);
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
      Count(begin, number);
      waiting_.clear();
    }
    if (number.folds) MeetFolding();
    // Of the numbers near, the one with the most digits is what a literal may ask for.
    if (number.digits >= last_number_.digits || last_number_.end + kReach < begin) {
      last_number_ = number;
      last_number_begin_ = begin;
    }
    return number;
  }

  void MeetLiteral(size_t offset, uint16_t index) {
    const int needed = scanner_.literals_[index].min_digits;
    const bool number_near =
        last_number_.digits > 0 && last_number_.digits >= needed && offset < last_number_.end + kReach;
    if (needed > 0 && group_->features.max_digits < needed && !number_near) {
      if (waiting_.size() == kMostWaiting) waiting_.erase(waiting_.begin());
      waiting_.push_back({offset, index});
      return;
    }
    // Some rule of the literal may want more digits than the one that wants the fewest.
    if (number_near && scanner_.literals_[index].with_numbers) Count(last_number_begin_, last_number_);
    Anchor(offset, offset + 1);
    group_->literals.push_back(index);
  }

  void EndLine() {
    waiting_.clear();
    last_number_ = {};
  }

 private:
  struct Waiting {
    size_t offset;
    uint16_t index;
  };
  static constexpr size_t kMostWaiting = 32;

  AnchorFeatures FeaturesOf(size_t begin, const NumberScan& number) const {
    AnchorFeatures features;
    features.max_digits = number.digits;
    features.max_plain_digits = number.shaped ? 0 : number.digits;
    if (FollowsLetter(begin)) features.max_lettered = features.max_plain_digits;
    features.max_runs = number.runs;
    features.clock = number.clock;
    return features;
  }

  bool FollowsLetter(size_t begin) const {
    if (begin > 1 && text_[begin - 1] == ' ') --begin;
    return begin > 0 && (absl::ascii_isalpha(ByteAt(text_, begin - 1)) || text_[begin - 1] == '_');
  }

  void Count(size_t begin, const NumberScan& number) {
    Anchor(begin, number.end);
    group_->features.Add(FeaturesOf(begin, number));
  }

  const AnchorScanner& scanner_;
  const std::string_view text_;
  AnchorGroup* const group_;
  bool open_ = false;
  size_t token_end_ = 0;    // of the token measured last
  NumberScan last_number_;  // on this line; it counts if a literal follows near
  size_t last_number_begin_ = 0;
  absl::InlinedVector<Waiting, 8> waiting_;  // literals on this line that count if a number follows near
};

void AnchorScanner::MatchLiterals(std::string_view text, size_t offset, const std::vector<uint16_t>& bucket,
                                  GroupInProgress* group) const {
  const std::string_view rest = text.substr(offset);
  for (const uint16_t index : bucket) {
    if (StartsWith(rest, literals_[index].text)) group->MeetLiteral(offset, index);
  }
}

void AnchorScanner::TakeLiterals(std::string_view text, size_t i, GroupInProgress* group) const {
  const std::vector<uint16_t>& short_bucket = short_buckets_[ByteAt(text, i)];
  if (!short_bucket.empty()) MatchLiterals(text, i, short_bucket, group);
  if (text.size() - i < 3 || !HasBit(ascii_starts_, AsciiHash(ThreeBytes(text, i)))) return;
  const auto bucket = ascii_buckets_.find(KeyOf(text, i));
  if (bucket != ascii_buckets_.end()) MatchLiterals(text, i, bucket->second, group);
}

size_t AnchorScanner::TakeNumber(std::string_view text, size_t i, GroupInProgress* group) const {
  const NumberScan number = group->MeetNumber(i);
  if (number.digits == 0) return number.end;
  // Commas and spaces join what a CSV row or a log line holds side by side, so a literal may begin at any run
  // of digits ("34,400-555-0123"), at a sign ("34,+44 20 7946 0018") and at the last digit ("5pm"). A date,
  // a time or an address holds nothing but itself.
  for (size_t k = number.shaped ? number.end - 1 : i + 1; k < number.end; ++k) {
    const bool in_run = k + 1 < number.end && IsDigit(text[k]) && IsDigit(text[k - 1]);
    if (!in_run && (byte_class_[ByteAt(text, k)] & kLiteralStart) != 0) TakeLiterals(text, k, group);
  }
  return number.end;
}

size_t AnchorScanner::TakeNonAscii(std::string_view text, size_t i, GroupInProgress* group) const {
  const CodePoint point = DecodeUtf8(text, i);
  const size_t next = i + point.length;
  const uint8_t code_point_class = ClassOf(point.value);
  if ((code_point_class & kWideLiteral) != 0 &&
      HasBit(wide_starts_, WideHash(point.value, TellingByte(text, next)))) {
    const auto bucket = wide_buckets_.find(point.value);
    if (bucket != wide_buckets_.end()) MatchLiterals(text, i, bucket->second, group);
  }
  // Only what folding turns into digits needs a second look; a lone numeral is a word.
  if ((code_point_class & (kFoldedDigit | kNumeral)) != 0) return std::max(TakeNumber(text, i, group), next);
  if ((code_point_class & kInvisible) != 0 && !MayPartALiteral(text, i)) return next;
  if ((code_point_class & (kFoldedLetter | kInvisible)) != 0) {
    group->Anchor(i, next);
    group->MeetFolding();
  } else if ((code_point_class & kLookAlike) != 0) {
    const bool beside_ascii = (i > 0 && IsAlnum(text[i - 1])) || (next < text.size() && IsAlnum(text[next]));
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
    i = SkipPlain(text, i);
    if (progress.open() ? progress.IsBeyond(i) : i >= give_up) break;
    const uint8_t byte_class = byte_class_[ByteAt(text, i)];
    if ((byte_class & kLineBreak) != 0) {
      ++i;
      if (progress.open()) break;
      progress.EndLine();
    } else if ((byte_class & kNonAscii) != 0) {
      i = TakeNonAscii(text, i, &progress);
    } else {
      if ((byte_class & kLiteralStart) != 0) TakeLiterals(text, i, &progress);
      if ((byte_class & kDigit) != 0) {
        i = TakeNumber(text, i, &progress);
      } else {
        if ((byte_class & kPairSeparator) != 0 && IsHexPairSeparator(text, i))
          progress.MeetHexGroups(i, i + 1);
        ++i;
      }
    }
  }
  *position = i;
  return progress.open();
}

}  // namespace privet
