#include "core/folded_text.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/ascii.h"
#include "core/code_point_folding.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr size_t kMinNumeralRun = 4;
constexpr int kMinDigitsBesideLookAlikes = 11;
constexpr int kMostLookAlikes = 3;

bool MayBeNumeral(uint32_t han) {
  static const std::vector<bool> may = [] {
    std::vector<bool> numerals;
    for (uint32_t c = kFirstHan; c <= kLastHan; ++c) numerals.push_back(NumeralDigit(c) >= 0);
    return numerals;
  }();
  return may[han - kFirstHan];
}

constexpr bool IsLookAlikeLetter(char c) { return c == 'O' || c == 'o' || c == 'l' || c == 'I'; }

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

struct Numeral {
  size_t begin;
  size_t length;
  char digit;
  bool counts_things;
};

// 一 to 九 count things and name days; zeros, 幺 and the capital forms are only used to spell out numbers.
bool CountsThings(uint32_t numeral) {
  constexpr std::u32string_view kCounting = U"一二三四五六七八九";
  return kCounting.find(static_cast<char32_t>(numeral)) != std::u32string_view::npos;
}

// Whether numerals beside digits may be words of their own: "七" and "七八" may, longer ones spell a number.
bool BelongToProse(std::span<const Numeral> numerals) {
  constexpr size_t kMost = 2;
  return !numerals.empty() && numerals.size() <= kMost &&
         std::all_of(numerals.begin(), numerals.end(), [](const Numeral& n) { return n.counts_things; });
}

// Whether what follows at `i` can be what a numeral counts (八遍, 七点半, 三亚), and is no particle.
bool CountedFollows(std::string_view text, size_t i) {
  constexpr std::u32string_view kParticles = U"是的吧啊呀呢哦喔哈吗嘛啦哟或和转找";
  if (i >= text.size()) return false;
  const uint32_t c = DecodeUtf8(text, i).value;
  return c >= kFirstHan && c <= kLastHan &&
         kParticles.find(static_cast<char32_t>(c)) == std::u32string_view::npos;
}

// Whether the character before `i` makes a numeral at `i` an ordinal: 周一, 星期三, 第二, 其一.
bool OrdinalPrecedes(std::string_view text, size_t i) {
  constexpr std::u32string_view kOrdinals = U"周期拜第初其之";
  if (i == 0) return false;
  const uint32_t c = DecodeUtf8(text, PreviousCodePoint(text, i)).value;
  return kOrdinals.find(static_cast<char32_t>(c)) != std::u32string_view::npos;
}

// Whether all that a run holds, its numerals read as digits, is a Chinese mobile number: 一3800138000.
bool IsMobileNumber(std::string_view digits) {
  constexpr size_t kDigits = 11;
  return digits.size() == kDigits && digits[0] == '1' && digits[1] >= '3';
}

// Whether an ASCII letter or digit follows at `i`, possibly behind a few more look-alikes.
bool AsciiFollows(std::string_view original, size_t i, size_t end) {
  constexpr int kFarthest = 8;
  for (int k = 0; k < kFarthest && i < end; ++k) {
    if (IsAlnum(original[i])) return true;
    const CodePoint point = DecodeUtf8(original, i);
    if (LatinLookAlike(point.value) == 0) return false;
    i += point.length;
  }
  return false;
}

}  // namespace

void FoldedText::Assign(std::string_view original, Span region, Han han) {
  rewritten_.Clear();
  bool has_numerals = false;
  bool has_look_alikes = false;
  int digits = 0;
  const auto count = [&](char c) {
    has_look_alikes = has_look_alikes || IsLookAlikeLetter(c);
    digits += IsDigit(c) ? 1 : 0;
  };
  size_t kept = region.begin;  // what follows it is the same so far
  size_t i = region.begin;
  while (i < region.end) {
    const unsigned char lead = static_cast<unsigned char>(original[i]);
    if (lead < 0x80) {
      count(original[i]);
      ++i;
      continue;
    }
    const CodePoint point = DecodeUtf8(original, i);
    const uint32_t c = point.value;
    const size_t next = i + point.length;
    std::optional<std::string> form;
    if (c >= kFirstHan && c <= kLastHan) {
      has_numerals = has_numerals || MayBeNumeral(c);
      const uint32_t simplified = han == Han::Simplified ? SimplifiedHan(c) : c;
      if (simplified != c) AppendUtf8(simplified, &form.emplace());
    } else if (const char latin = LatinLookAlike(c); latin != 0) {
      const char before = i > kept ? original[i - 1] : text().empty() ? '\0' : text().back();
      if (IsAlnum(before) || AsciiFollows(original, next, region.end)) form = std::string(1, latin);
    } else {
      form = FoldedForm(c);
      has_numerals = has_numerals || c == 0x3007 || (form.has_value() && HasNumeral(*form));
    }
    if (form.has_value()) {
      if (form->size() == 1) count(form->front());
      rewritten_.Keep(original, kept, i);
      rewritten_.Replace(*form, i, point.length);
      kept = next;
    }
    i = next;
  }
  rewritten_.Keep(original, kept, region.end);
  if (has_numerals) FoldNumerals();
  if (has_look_alikes && digits >= kMinDigitsBesideLookAlikes - kMostLookAlikes) FoldDigitLookAlikes();
}

void FoldedText::FoldNumerals() {
  const std::string& folded = text();
  std::vector<Numeral> numerals;  // of the runs that are numbers
  std::string digits;             // of the run, numerals read as digits
  for (size_t in = 0; in < folded.size();) {
    // A run: digits and numerals, each behind at most one separator.
    const size_t first = numerals.size();
    size_t end = in;
    size_t leading = 0;   // numerals before the first digit
    size_t trailing = 0;  // numerals behind the last digit
    digits.clear();
    for (size_t k = in; k < folded.size();) {
      const CodePoint point = DecodeUtf8(folded, k);
      const int digit = NumeralDigit(point.value);
      if (digit >= 0 || IsDigit(folded[k])) {
        digits.push_back(digit >= 0 ? static_cast<char>('0' + digit) : folded[k]);
        if (digit >= 0) {
          numerals.push_back({k, point.length, digits.back(), CountsThings(point.value)});
          ++trailing;
        } else {
          if (trailing == numerals.size() - first && digits.size() == trailing + 1) leading = trailing;
          trailing = 0;
        }
        k += point.length;
        end = k;
      } else if ((folded[k] == ' ' || folded[k] == '-') && k == end && !digits.empty()) {
        ++k;
      } else {
        break;
      }
    }
    const bool has_digits = digits.size() > numerals.size() - first;
    if (digits.size() < kMinNumeralRun) {
      numerals.resize(first);
    } else if (has_digits) {
      // "12345七点半" is a number and a time of day; "周一13800138000" a day and a number, "张三13800138000"
      // a name and a number.
      const std::span<const Numeral> run(numerals.begin() + static_cast<ptrdiff_t>(first), numerals.end());
      if (BelongToProse(run.last(trailing)) && CountedFollows(folded, end)) {
        numerals.resize(numerals.size() - trailing);
        digits.resize(digits.size() - trailing);
      }
      if (BelongToProse(run.first(leading)) && (OrdinalPrecedes(folded, in) || !IsMobileNumber(digits))) {
        const auto run_begin = numerals.begin() + static_cast<ptrdiff_t>(first);
        numerals.erase(run_begin, run_begin + static_cast<ptrdiff_t>(leading));
      }
    }
    in = end > in ? end : in + DecodeUtf8(folded, in).length;
  }
  if (numerals.empty()) return;

  RewrittenText source;
  std::swap(source, rewritten_);
  size_t copied = 0;
  for (const Numeral& numeral : numerals) {
    rewritten_.CopyFrom(source, copied, numeral.begin);
    copied = numeral.begin + numeral.length;
    const Span origin = source.ToOriginal(numeral.begin, copied);
    rewritten_.Replace({&numeral.digit, 1}, origin.begin, origin.size());
  }
  rewritten_.CopyFrom(source, copied, source.text().size());
}

void FoldedText::FoldDigitLookAlikes() {
  const std::string& folded = text();
  for (size_t begin = 0; begin < folded.size();) {
    if (!IsAlnum(folded[begin])) {
      ++begin;
      continue;
    }
    size_t end = begin;
    int digits = 0;
    bool only_look_alikes = true;
    while (end < folded.size() && IsAlnum(folded[end])) {
      const char c = folded[end++];
      if (IsDigit(c)) {
        ++digits;
      } else if (!IsLookAlikeLetter(c)) {
        only_look_alikes = false;
      }
    }
    const int length = static_cast<int>(end - begin);
    // Mostly digits already, and long enough to be an identifier that only its look spoils.
    if (only_look_alikes && digits < length && length >= kMinDigitsBesideLookAlikes &&
        length - digits <= kMostLookAlikes) {
      for (size_t k = begin; k < end; ++k) {
        if (folded[k] == 'O' || folded[k] == 'o') rewritten_.Overwrite(k, '0');
        if (folded[k] == 'l' || folded[k] == 'I') rewritten_.Overwrite(k, '1');
      }
    }
    begin = end;
  }
}

}  // namespace privet
