#include "qwen3/character_classes.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <algorithm>
#include <map>
#include <string>

namespace privet {
namespace {

constexpr uint32_t kCodePoints = 0x110000;

struct Range {
  uint32_t first, last;
};

// Unicode 15.1 and 16.0, DerivedGeneralCategory.txt: what they added to \p{L} and \p{N}.
constexpr Range kLaterLetters[] = {
    {0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3}, {0x10D4A, 0x10D65},
    {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389}, {0x1138B, 0x1138B}, {0x1138E, 0x1138E},
    {0x11390, 0x113B5}, {0x113B7, 0x113B7}, {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0},
    {0x13460, 0x143FA}, {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
    {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D},
};
constexpr Range kLaterNumbers[] = {
    {0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9}, {0x16130, 0x16139},
    {0x16D70, 0x16D79}, {0x1CCF0, 0x1CCF9}, {0x1E5F1, 0x1E5FA},
};

bool IsNfcActive(uint32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  return (u_getCombiningClass(code_point) != 0 ||
          u_getIntPropertyValue(code_point, UCHAR_NFC_QUICK_CHECK) != UNORM_YES) &&
         IsKnownToNfc(c);
}

std::vector<uint8_t> ClassOfEveryCodePoint() {
  std::vector<uint8_t> classes(kCodePoints, 0);
  const auto mark = [](const void* context, UChar32 first, UChar32 limit, UCharCategory category) -> UBool {
    auto& all = *static_cast<std::vector<uint8_t>*>(const_cast<void*>(context));
    const uint32_t mask = U_MASK(category);
    if ((mask & (U_GC_CN_MASK | U_GC_CO_MASK | U_GC_CS_MASK)) != 0) return true;
    const uint8_t by_category =
        (mask & U_GC_L_MASK) != 0 ? kLetter : ((mask & U_GC_N_MASK) != 0 ? kNumber : 0);
    for (UChar32 c = first; c < limit; ++c) {
      all[static_cast<size_t>(c)] =
          static_cast<uint8_t>(by_category | (IsNfcActive(static_cast<uint32_t>(c)) ? kNfcActive : 0));
    }
    return true;
  };
  u_enumCharTypes(mark, &classes);
  for (const Range& range : kLaterLetters) {
    std::fill(classes.begin() + range.first, classes.begin() + range.last + 1, kLetter);
  }
  for (const Range& range : kLaterNumbers) {
    std::fill(classes.begin() + range.first, classes.begin() + range.last + 1, kNumber);
  }
  constexpr uint32_t kEndOfSpaces = 0x3001;
  for (uint32_t c = 0; c < kEndOfSpaces; ++c) {
    if (u_isUWhiteSpace(static_cast<UChar32>(c))) classes[c] |= kSpace;
  }
  return classes;
}

}  // namespace

bool IsKnownToNfc(uint32_t code_point) {
  constexpr uint8_t kUnicodeOfNfc = 9;
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(code_point), age);
  return age[0] != 0 && age[0] <= kUnicodeOfNfc;
}

CharacterClasses::CharacterClasses() : block_of_() {
  const std::vector<uint8_t> classes = ClassOfEveryCodePoint();
  std::map<std::string, uint16_t> known;
  for (size_t block = 0; block < block_of_.size(); ++block) {
    const auto begin = classes.begin() + static_cast<std::ptrdiff_t>(block << 8);
    const auto [entry, is_new] =
        known.try_emplace(std::string(begin, begin + 256), static_cast<uint16_t>(known.size()));
    block_of_[block] = entry->second;
    if (is_new) blocks_.insert(blocks_.end(), begin, begin + 256);
  }
}

const CharacterClasses& CharacterClasses::Get() {
  static const CharacterClasses* const table = new CharacterClasses();
  return *table;
}

}  // namespace privet
