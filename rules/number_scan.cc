#include "rules/number_scan.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "core/utf8.h"
#include "rules/code_points.h"

namespace privet {
namespace {

// Runs of Chinese numerals shorter than this are words (一二三, 三八), not numbers.
constexpr int kMinNumeralRun = 6;
constexpr int kMostSeparators = 2;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }
bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsAlpha(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool JoinsRuns(char c) { return c == '-' || c == '.' || c == '/'; }

// Reads a shape from left to right; a failed read leaves the position where it was.
class ShapeReader {
 public:
  explicit ShapeReader(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }

  // A run of `fewest` to `most` digits, all of the run, with a value of at most `largest`.
  bool Number(size_t fewest, size_t most, int largest) {
    size_t size = 0;
    int value = 0;
    while (size < rest_.size() && IsDigit(rest_[size])) {
      if (++size > most) return false;
      value = value * 10 + (rest_[size - 1] - '0');
    }
    if (size < fewest || value > largest) return false;
    rest_.remove_prefix(size);
    return true;
  }

  bool OneOf(std::string_view signs, char* met = nullptr) {
    if (rest_.empty() || signs.find(rest_.front()) == std::string_view::npos) return false;
    if (met != nullptr) *met = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  bool Date() {
    ShapeReader year_first = *this, year_last = *this;
    char sign = 0;
    if (year_first.Number(4, 4, kLastYear) && year_first.OneOf("-./", &sign) && year_first.Number(1, 2, 12) &&
        year_first.OneOf({&sign, 1}) && year_first.Number(1, 2, 31)) {
      *this = year_first;
      return true;
    }
    if (year_last.Number(1, 2, 31) && year_last.OneOf("-./", &sign) && year_last.Number(1, 2, 31) &&
        year_last.OneOf({&sign, 1}) && year_last.Number(4, 4, kLastYear)) {
      *this = year_last;
      return true;
    }
    return false;
  }

  bool Clock() {
    ShapeReader clock = *this;
    if (!clock.Number(1, 2, 24) || !clock.OneOf(":") || !clock.Number(2, 2, 59)) return false;
    ShapeReader seconds = clock;
    if (seconds.OneOf(":") && seconds.Number(2, 2, 60)) {
      clock = seconds;
      ShapeReader fraction = clock;
      if (fraction.OneOf(".,") && fraction.Number(1, 9, kAnyNumber)) clock = fraction;
    }
    ShapeReader zone = clock;
    zone.OneOf(" ");
    if (zone.OneOf("+-") && zone.Number(2, 2, 14)) {
      zone.OneOf(":");
      if (zone.Number(2, 2, 59)) clock = zone;
    }
    *this = clock;
    return true;
  }

  bool Ipv4() {
    ShapeReader address = *this;
    for (int octet = 0; octet < 4; ++octet) {
      if ((octet > 0 && !address.OneOf(".")) || !address.Number(1, 3, 255)) return false;
    }
    ShapeReader suffix = address;
    if (suffix.OneOf(":/") && suffix.Number(1, 5, 65535)) address = suffix;
    *this = address;
    return true;
  }

 private:
  static constexpr int kLastYear = 2199;
  static constexpr int kAnyNumber = 999'999'999;

  std::string_view rest_;
};

// Follows the runs of ASCII digits of one number and what joins them.
class Runs {
 public:
  // A digit at `i` of `text`.
  void MeetDigit(std::string_view text, size_t i) {
    if (i != next_digit_) {
      const bool joined = length_ > 0 && i == next_digit_ + 1 && JoinsRuns(text[i - 1]);
      length_ = joined ? length_ + 1 : 1;
      most_ = std::max(most_, length_);
    }
    next_digit_ = i + 1;
  }
  int most() const { return most_; }

 private:
  size_t next_digit_ = static_cast<size_t>(-2);  // where the run would go on
  int length_ = 0;
  int most_ = 0;
};

// "0000.5e00": the number ends in a group that hexadecimal digits continue.
bool HexDigitsContinue(std::string_view text, size_t begin, const NumberScan& scan) {
  if (scan.end < 2 || scan.end >= text.size() || !IsHexDigit(text[scan.end]) || scan.digits <= 1)
    return false;
  size_t group = scan.end;
  while (group > begin && IsDigit(text[group - 1])) --group;
  const char joint = group > begin ? text[group - 1] : ' ';
  return joint == ':' || joint == '-' || joint == '.';
}

// Whether the backslash at `i` stands in a path behind its first folder: C:\new\.
bool IsInPath(std::string_view text, size_t i) {
  constexpr size_t kLongestPath = 128;
  bool folder = false;
  for (size_t k = i; k > 1 && i - k < kLongestPath; --k) {
    const char c = text[k - 1];
    if (c == ':')
      return folder && text[k] == '\\' && IsAlpha(text[k - 2]) && (k == 2 || !IsAlnum(text[k - 3]));
    const bool of_name = IsAlnum(c) || c == '_' || c == '-' || c == '.' || c == '~' || (c & 0x80) != 0;
    if (!of_name && c != '\\') return false;
    folder = folder || of_name;
  }
  return false;
}

// ESC[01;31m and ESC[K, the ESC itself or as programs write it: \x1b, \u001b, \033, \e.
size_t ColourEndingAt(std::string_view text, size_t i) {
  constexpr size_t kLongestColour = 16;
  size_t begin = i - 1;
  while (begin > 0 && i - begin < kLongestColour && (IsDigit(text[begin - 1]) || text[begin - 1] == ';'))
    --begin;
  if (begin < 2 || text[begin - 1] != '[') return 0;
  const std::string_view before = text.substr(0, begin - 1);
  const bool escaped = before.ends_with('\x1B') || before.ends_with("1b") || before.ends_with("1B") ||
                       before.ends_with("\\033") || before.ends_with("\\e");
  return escaped ? i - (begin - 2) : 0;
}

int HexValue(char c) {
  return IsDigit(c) ? c - '0' : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
}
int ByteOfHex(std::string_view text, size_t i) { return HexValue(text[i]) * 16 + HexValue(text[i + 1]); }

bool IsAsciiSign(int c) { return c < 0x80 && !IsAlnum(static_cast<char>(c)); }

// "%E6", "=EF": `mark` and two hexadecimal digits at `i`, capital ones behind '='.
bool IsHexPair(std::string_view text, size_t i, char mark) {
  const auto is_hex = [&](char c) {
    return IsHexDigit(c) && (mark != '=' || !absl::ascii_islower(static_cast<unsigned char>(c)));
  };
  return text[i] == mark && is_hex(text[i + 1]) && is_hex(text[i + 2]);
}

// Of the escapes that end in two hexadecimal digits.
size_t HexEscapeEndingAt(std::string_view text, size_t i) {
  constexpr size_t kPair = 3, kBackslashX = 4, kCodeUnit = 6;
  if (i < kPair) return 0;
  const size_t begin = i - kPair;
  const int byte = ByteOfHex(text, i - 2);
  // Many bytes make one character, and what stands alone may be a part of a number: id=2013800138000.
  const char mark = text[begin];
  if (mark == '%' || mark == '=') {
    if (!IsHexPair(text, begin, mark)) return 0;
    const bool follows_another = begin >= kPair && IsHexPair(text, begin - kPair, mark);
    const bool alone = mark == '%' ? IsAsciiSign(byte) : byte == '=';
    return alone || (follows_another && (byte >= 0x80 || IsAsciiSign(byte))) ? kPair : 0;
  }
  if (i >= kBackslashX && mark == 'x' && text[i - kBackslashX] == '\\')
    return byte >= 0x80 || IsAsciiSign(byte) ? kBackslashX : 0;
  if (i < kCodeUnit || text[i - 5] != 'u' || !IsHexDigit(text[i - 4]) || !IsHexDigit(text[i - 3])) return 0;
  const bool of_ascii = ByteOfHex(text, i - 4) == 0 && byte < 0x80;
  const bool marked = text[i - kCodeUnit] == '\\' || text[i - kCodeUnit] == '%';
  return marked && (!of_ascii || IsAsciiSign(byte)) ? kCodeUnit : 0;
}

}  // namespace

size_t EscapeEndingAt(std::string_view text, size_t i) {
  if (i < 2 || i > text.size() || !IsAlnum(text[i - 1])) return 0;
  const char last = text[i - 1];
  if (text[i - 2] == '\\') {
    constexpr std::string_view kLetters = "nrtbf";
    return kLetters.find(last) != std::string_view::npos && !IsInPath(text, i - 2) ? 2 : 0;
  }
  if (last == 'm' || last == 'K') return ColourEndingAt(text, i);
  return IsHexDigit(last) && IsHexDigit(text[i - 2]) ? HexEscapeEndingAt(text, i) : 0;
}

bool IsDateTimeOrIpv4(std::string_view number) {
  ShapeReader date_time(number), address(number);
  if (date_time.Date()) {
    if (date_time.AtEnd()) return true;
    date_time.OneOf(" ");
  }
  return (date_time.Clock() && date_time.AtEnd()) || (address.Ipv4() && address.AtEnd());
}

NumberScan ScanNumber(std::string_view text, size_t begin, size_t max_bytes) {
  NumberScan scan;
  Runs runs;
  int numerals = 0, run_of_numerals = 0;
  int separators = 0;
  int colons = 0, dashes = 0;
  size_t i = begin;
  const size_t limit = std::min(text.size(), begin + max_bytes);
  while (i < limit) {
    const char c = text[i];
    if (IsDigit(c)) {
      runs.MeetDigit(text, i);
      ++scan.digits;
      separators = 0;
      scan.end = ++i;
      continue;
    }
    if (static_cast<uint8_t>(c) < 0x80) {
      if (!SeparatesDigits(c) || ++separators > kMostSeparators) break;
      dashes += c == '-' ? 1 : 0;
      if (c == ':') {
        ++colons;
        if (i > begin && text[i - 1] == ':') scan.hex_groups = true;
        if (i > begin && i + 2 < text.size() && IsDigit(text[i - 1]) && IsDigit(text[i + 1]) &&
            IsDigit(text[i + 2])) {
          scan.clock = true;
        }
      }
      ++i;
      continue;
    }
    const CodePoint point = DecodeUtf8(text, i);
    const uint8_t code_point_class = CodePointClassOf(point.value);
    if ((code_point_class & kFoldedDigit) != 0) {
      scan.digits += (code_point_class & kTwoDigits) != 0 ? 2 : 1;
      scan.folds = true;
    } else if ((code_point_class & kNumeral) != 0) {
      ++numerals;
      ++run_of_numerals;
    } else if ((code_point_class & kInvisible) != 0) {
      scan.folds = true;
      i += point.length;
      continue;
    } else if ((code_point_class & kFoldedSeparator) != 0 && ++separators <= kMostSeparators) {
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
  if (run_of_numerals >= kMinNumeralRun) scan.folds = true;
  constexpr int kJoinsOfAnAddress = 5;
  scan.hex_groups = scan.hex_groups || colons >= kJoinsOfAnAddress || dashes >= kJoinsOfAnAddress - 1 ||
                    HexDigitsContinue(text, begin, scan);
  if (scan.digits + numerals >= kMinNumeralRun) {
    if (numerals > 0) scan.folds = true;
    scan.digits += numerals;
  }
  scan.runs = runs.most();
  constexpr int kRunsOfADate = 3;
  if (!scan.folds && (scan.clock || scan.runs >= kRunsOfADate)) {
    scan.shaped = IsDateTimeOrIpv4(text.substr(begin, scan.end - begin));
  }
  return scan;
}

}  // namespace privet
