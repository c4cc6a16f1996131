#include "rules/code_points.h"

namespace privet {
namespace {

std::array<uint8_t, kBasicPlane>* MakeBasicPlaneClasses() {
  auto* const classes = new std::array<uint8_t, kBasicPlane>{};
  const auto mark = [&](uint32_t first, uint32_t last, uint8_t code_point_class) {
    for (uint32_t c = first; c <= last; ++c) (*classes)[c] |= code_point_class;
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
  for (const uint32_t c : {0xFF0Eu, 0xFF1Au}) (*classes)[c] = kFoldedSeparator;
  mark(0x00AD, 0x00AD, kInvisible);
  mark(0x200B, 0x200F, kInvisible);
  mark(0x202A, 0x202E, kInvisible);
  mark(0x2060, 0x206F, kInvisible);
  mark(0xFEFF, 0xFEFF, kInvisible);
  mark(0x180B, 0x180E, kInvisible);
  for (const uint32_t c :
       {0x3007u, 0x96F6u, 0x4E8Cu, 0x4E09u, 0x56DBu, 0x4E94u, 0x516Du, 0x4E03u, 0x516Bu, 0x4E5Du,
        0x5E7Au, 0x58F9u, 0x8D30u, 0x53C1u, 0x8086u, 0x4F0Du, 0x9646u, 0x67D2u, 0x634Cu, 0x7396u}) {
    (*classes)[c] |= kNumeral;
  }
  mark(0x0391, 0x03C9, kLookAlike);
  mark(0x0400, 0x045F, kLookAlike);
  return classes;
}

}  // namespace

const std::array<uint8_t, kBasicPlane>& BasicPlaneClasses() {
  static const std::array<uint8_t, kBasicPlane>& classes = *MakeBasicPlaneClasses();
  return classes;
}

uint8_t CodePointClassOf(uint32_t code_point) {
  if (code_point < kBasicPlane) return BasicPlaneClasses()[code_point];
  if (code_point >= 0x1D400 && code_point < 0x1D7CE) return kFoldedLetter;
  if (code_point >= 0x1D7CE && code_point <= 0x1D7FF) return kFoldedDigit;
  if (code_point >= 0x1F100 && code_point <= 0x1F10A) return kFoldedDigit;
  if (code_point >= 0xE0000 && code_point < 0xE1000) return kInvisible;
  return kPlain;
}

}  // namespace privet
