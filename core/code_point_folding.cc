#include "core/code_point_folding.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <vector>

#include "core/utf8.h"

namespace privet {
namespace {

bool IsInvisible(uint32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x061C || (c >= 0x180B && c <= 0x180E) ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         (c >= 0x20DD && c <= 0x20E0) || (c >= 0x20E2 && c <= 0x20E4) || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || (c >= 0xE0000 && c <= 0xE0FFF);
}

// Punctuation and spaces that keyboards and word processors put in place of ASCII's; 0 when it is none.
char PlainSign(uint32_t c) {
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2043 || c == 0x2212 || c == 0xFE58 || c == 0xFE63 ||
      c == 0xFF0D || c == 0x30FC) {
    return '-';
  }
  if (c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
      c == 0x3000) {
    return ' ';
  }
  if (c >= 0x2018 && c <= 0x201B) return '\'';
  if (c >= 0x201C && c <= 0x201F) return '"';
  return 0;
}

// Circled, parenthesised and dotted digits. NFKC would give "(1)" and "1." for some.
int EnclosedDigit(uint32_t c) {
  struct Range {
    uint32_t first, last;
    int digit;
  };
  constexpr Range kRanges[] = {{0x2460, 0x2468, 1},   {0x2474, 0x247C, 1},  {0x2488, 0x2490, 1},
                               {0x24F5, 0x24FD, 1},   {0x2776, 0x277E, 1},  {0x2780, 0x2788, 1},
                               {0x278A, 0x2792, 1},   {0x24EA, 0x24EA, 0},  {0x24FF, 0x24FF, 0},
                               {0x1F101, 0x1F10A, 0}, {0x1F100, 0x1F100, 0}};
  for (const Range& range : kRanges) {
    if (c >= range.first && c <= range.last) return range.digit + static_cast<int>(c - range.first);
  }
  return -1;
}

// Code points whose NFKC form differs and is neither Han nor letters in use: only these are worth asking ICU.
bool MayHaveCompatibilityForm(uint32_t c) {
  return (c >= 0x00B2 && c <= 0x00BE) || (c >= 0x2024 && c <= 0x2026) || (c >= 0x2070 && c <= 0x209C) ||
         (c >= 0x2100 && c <= 0x214F) || (c >= 0x2460 && c <= 0x24FF) || (c >= 0x3200 && c <= 0x33FF) ||
         (c >= 0xFB00 && c <= 0xFB06) || (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF01 && c <= 0xFFEE) ||
         (c >= 0x1D400 && c <= 0x1D7FF) || (c >= 0x1F100 && c <= 0x1F169);
}

// The signs that a form is made of are folded too: a vertical dash is a dash.
std::optional<std::string> CompatibilityForm(uint32_t c) {
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(error);
  icu::UnicodeString decomposed;
  if (nfkc == nullptr || !nfkc->getDecomposition(static_cast<UChar32>(c), decomposed)) return std::nullopt;
  std::string form;
  for (int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const uint32_t part = static_cast<uint32_t>(decomposed.char32At(i));
    const char sign = PlainSign(part);
    AppendUtf8(sign != 0 ? static_cast<uint32_t>(sign) : part, &form);
  }
  return form;
}

}  // namespace

std::optional<std::string> FoldedForm(uint32_t c) {
  if (IsInvisible(c)) return std::string();
  if (const char sign = PlainSign(c); sign != 0) return std::string(1, sign);
  if (const int digit = EnclosedDigit(c); digit >= 0) return std::string(1, static_cast<char>('0' + digit));
  if (c >= 0xFF01 && c <= 0xFF5E) return std::string(1, static_cast<char>(c - 0xFEE0));
  if (MayHaveCompatibilityForm(c)) return CompatibilityForm(c);
  return std::nullopt;
}

int NumeralDigit(uint32_t c) {
  switch (c) {
    case 0x3007:  // 〇
    case 0x96F6:  // 零
      return 0;
    case 0x4E00:  // 一
    case 0x58F9:  // 壹
    case 0x5E7A:  // 幺
      return 1;
    case 0x4E8C:  // 二
    case 0x8D30:  // 贰
      return 2;
    case 0x4E09:  // 三
    case 0x53C1:  // 叁
      return 3;
    case 0x56DB:  // 四
    case 0x8086:  // 肆
      return 4;
    case 0x4E94:  // 五
    case 0x4F0D:  // 伍
      return 5;
    case 0x516D:  // 六
    case 0x9646:  // 陆
      return 6;
    case 0x4E03:  // 七
    case 0x67D2:  // 柒
      return 7;
    case 0x516B:  // 八
    case 0x634C:  // 捌
      return 8;
    case 0x4E5D:  // 九
    case 0x7396:  // 玖
      return 9;
    default:
      return -1;
  }
}

bool HasNumeral(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = DecodeUtf8(text, i);
    if (NumeralDigit(point.value) >= 0) return true;
    i += point.length;
  }
  return false;
}

char LatinLookAlike(uint32_t c) {
  struct Pair {
    uint32_t code_point;
    char latin;
  };
  constexpr Pair kPairs[] = {
      {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'},
      {0x039C, 'M'}, {0x039D, 'N'}, {0x039F, 'O'}, {0x03A1, 'P'}, {0x03A4, 'T'}, {0x03A5, 'Y'}, {0x03A7, 'X'},
      {0x03BF, 'o'}, {0x03BD, 'v'}, {0x0405, 'S'}, {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'},
      {0x0415, 'E'}, {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'},
      {0x0422, 'T'}, {0x0425, 'X'}, {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
      {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}};
  if (c < 0x0391 || c > 0x0458) return 0;
  for (const Pair& pair : kPairs) {
    if (pair.code_point == c) return pair.latin;
  }
  return 0;
}

uint32_t SimplifiedHan(uint32_t c) {
  static const std::vector<uint16_t>& table = *[] {
    static constexpr uint16_t kPairs[][2] = {
#include "core/simplified_han.inc"
    };
    auto* const simplified = new std::vector<uint16_t>;
    for (uint32_t han = kFirstHan; han <= kLastHan; ++han) simplified->push_back(static_cast<uint16_t>(han));
    for (const auto& [from, to] : kPairs) (*simplified)[from - kFirstHan] = to;
    return simplified;
  }();
  return c >= kFirstHan && c <= kLastHan ? table[c - kFirstHan] : c;
}

std::string SimplifiedHan(std::string_view text) {
  constexpr size_t kBytes = 3;  // of such a character
  std::string simplified;
  simplified.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const bool may_be_han = (text[i] & 0xF0) == 0xE0 && i + kBytes <= text.size() &&
                            IsUtf8Continuation(text[i + 1]) && IsUtf8Continuation(text[i + 2]);
    if (may_be_han) {
      AppendUtf8(SimplifiedHan(DecodeUtf8(text, i).value), &simplified);
      i += kBytes;
    } else {
      simplified.push_back(text[i++]);
    }
  }
  return simplified;
}

}  // namespace privet
