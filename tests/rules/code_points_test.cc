#include "rules/code_points.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "core/folded_text.h"
#include "core/utf8.h"
#include "rules/anchors.h"
#include "rules/number_scan.h"

namespace privet {
namespace {

constexpr uint32_t kCodePoints = 0x110000;

std::string Utf8(uint32_t code_point) {
  std::string text;
  AppendUtf8(code_point, &text);
  return text;
}

std::string Folded(std::string_view text) {
  FoldedText folded;
  folded.Assign(text, {0, text.size()});
  return folded.text();
}

bool IsSurrogate(uint32_t code_point) { return code_point >= 0xD800 && code_point < 0xE000; }

NumberScan Scanned(std::string_view text) { return ScanNumber(text, 0, text.size()); }

// A comma other than ASCII's ends a clause, and so a number.
bool FoldsToComma(uint32_t code_point) { return code_point >= 0x80 && Folded(Utf8(code_point)) == ","; }

TEST(CodePointClassTest, TheScanSeesEveryNumberThatFoldingUncovers) {
  for (uint32_t c = 0; c < kCodePoints; ++c) {
    if (IsSurrogate(c) || FoldsToComma(c)) continue;
    const std::string text = "138" + Utf8(c) + "0013";
    const std::string folded = Folded(text);
    const int digits = Scanned(text).digits;
    ASSERT_GE(digits, Scanned(folded).digits) << std::hex << c << " reads " << folded;
    if (folded == text || digits < 7) continue;
    ASSERT_TRUE(Scanned(text).folds) << std::hex << c;
  }
}

TEST(CodePointClassTest, LettersThatFoldingUncoversAndWhatItRemovesAreLookedAtAgain) {
  AnchorScanner::Minima minima;
  minima.plain_digits = 4;
  const AnchorScanner scanner({}, minima);
  const auto is_letter = [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '@';
  };
  for (uint32_t c = 0x80; c < kCodePoints; ++c) {
    if (IsSurrogate(c)) continue;
    const std::string form = Folded("x" + Utf8(c)).substr(1);
    if (form == Utf8(c) || (!form.empty() && std::none_of(form.begin(), form.end(), is_letter))) continue;
    AnchorGroup group;
    size_t position = 0;
    const std::string text = "x" + Utf8(c) + "y";
    ASSERT_TRUE(scanner.Next(text, &position, text.size(), &group)) << std::hex << c;
    ASSERT_TRUE(group.folds) << std::hex << c;
  }
}

TEST(CodePointClassTest, ProseIsPlain) {
  constexpr std::string_view kText = "，。！？；、“”‘’《》…·的字";
  for (size_t i = 0; i < kText.size();) {
    const CodePoint point = DecodeUtf8(kText, i);
    EXPECT_EQ(CodePointClassOf(point.value), kPlain) << std::hex << point.value;
    i += point.length;
  }
}

}  // namespace
}  // namespace privet
