#include "core/folded_text.h"

#include <gtest/gtest.h>

#include <random>

#include "core/utf8.h"

namespace privet {
namespace {

std::string Folded(std::string_view text) {
  FoldedText folded;
  folded.Assign(text, {0, text.size()});
  return folded.text();
}

TEST(FoldedTextTest, SimplifiesChineseCharactersWhereAsked) {
  constexpr std::string_view kText = "電話：13800138000，臺灣";
  FoldedText folded;
  folded.Assign(kText, {0, kText.size()}, FoldedText::Han::Simplified);
  EXPECT_EQ(folded.text(), "电话:13800138000,台湾");
  const size_t begin = folded.text().find("138");
  const Span number = folded.ToOriginal(begin, begin + 11);
  EXPECT_EQ(kText.substr(number.begin, number.size()), "13800138000");
  EXPECT_EQ(Folded("電話"), "電話");
}

TEST(FoldedTextTest, ReadsWhatTheWriterMeant) {
  struct Case {
    std::string_view what, text, folded;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"full width", "ＡＢｃ１２３＠：（）", "ABc123@:()"},
           {"circled digits", "①③⑧⓪", "1380"},
           {"parenthesised and dotted digits", "⑴⒉❸", "123"},
           {"superscripts", "x²₃", "x23"},
           {"mathematical digits", "𝟏𝟛𝟴", "138"},
           {"dashes", "1–2—3−4‐5－6", "1-2-3-4-5-6"},
           {"spaces", "1\u00A02\u30003\u20034", "1 2 3 4"},
           {"invisible characters", "1\u200B3\u00AD8\uFEFF0\u2060", "1380"},
           {"keycaps", "1\uFE0F\u20E33\u20E38", "138"},
           {"vertical signs", "1\uFE313\uFE328", "1-3-8"},
           {"circled numerals in a run", "㊀㊂㊇㊀", "1381"},
           {"quotes", "“a”‘b’", "\"a\"'b'"},
           {"Chinese numerals in a run", "一三八零〇幺", "138001"},
           {"capital numerals in a run", "壹贰叁肆", "1234"},
           {"numerals with separators", "一三八-零零零零", "138-0000"},
           {"numerals mixed with digits", "138零零13", "1380013"},
           {"a numeral that ends a number", "拨1380013800八吧", "拨13800138008吧"},
           {"a zero that ends a number", "拨1380013800零行", "拨13800138000行"},
           {"a count behind a number", "400-555-0123八遍", "400-555-0123八遍"},
           {"a time behind a number", "A12345七八点走", "A12345七八点走"},
           {"a tens count behind a number", "0123 三十次", "0123 三十次"},
           {"a weekday before a number", "周一13800138000", "周一13800138000"},
           {"a name before a number", "张三13800138000", "张三13800138000"},
           {"a name before a number with separators", "王五 202-555-0143", "王五 202-555-0143"},
           {"a name before an address", "张三192.0.2.1", "张三192.0.2.1"},
           {"a word before a code", "统一91350100M000100Y43", "统一91350100M000100Y43"},
           {"a numeral that begins a number", "拨一3800138000", "拨13800138000"},
           {"numerals in prose", "一二三，三八妇女节", "一二三，三八妇女节"},
           {"Cyrillic beside ASCII", "АВ12С", "AB12C"},
           {"Cyrillic in Russian", "Москва", "Москва"},
           {"look-alike letters in a long number", "138OO138l00", "13800138100"},
           {"look-alike letters among full-width digits", "１３８O０１３８０００", "13800138000"},
           {"letters in a short number", "1O2", "1O2"},
           {"letters in a word with digits", "Olio12345678", "Olio12345678"},
           {"line breaks", "a\r\nb", "a\r\nb"},
           {"combining marks and emoji", "e\u0301😀", "e\u0301😀"},
       }) {
    // Full-width punctuation in prose folds too; the expectation is written as it reads.
    const std::string expected = c.what == "numerals in prose" ? "一二三,三八妇女节" : std::string(c.folded);
    EXPECT_EQ(Folded(c.text), expected) << c.what;
  }
}

TEST(FoldedTextTest, EverySpanLeadsBackToTheOriginal) {
  const std::string text = "拨１３\u200B８–零零一二吧";
  FoldedText folded;
  folded.Assign(text, {0, text.size()});
  ASSERT_EQ(folded.text(), "拨138-0012吧");
  const auto original = [&](size_t begin, size_t end) {
    const Span span = folded.ToOriginal(begin, end);
    return text.substr(span.begin, span.size());
  };
  EXPECT_EQ(original(3, 6), "１３\u200B８");  // what is invisible inside belongs to it
  EXPECT_EQ(original(4, 5), "３");            // at the edge it does not
  EXPECT_EQ(original(7, 11), "零零一二");
  EXPECT_EQ(original(0, folded.text().size()), text);
}

TEST(FoldedTextTest, ARegionIsFoldedInPlaceOfTheWhole) {
  const std::string text = "前面１２３后面";
  FoldedText folded;
  folded.Assign(text, {6, 15});
  EXPECT_EQ(folded.text(), "123");
  EXPECT_EQ(folded.ToOriginal(0, 3), (Span{6, 15}));
}

TEST(FoldedTextTest, OffsetsAreSoundOnRandomText) {
  std::mt19937 random(3);
  const uint32_t kinds[] = {'1',    'O',    'a',    ' ',    '-',     0xFF11,  0x2460, 0x4E00,
                            0x96F6, 0x200B, 0x2014, 0x0410, 0x1D7CF, 0x1F600, 0x0301, '\n'};
  FoldedText folded;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) AppendUtf8(kinds[random() % std::size(kinds)], &text);
    folded.Assign(text, {0, text.size()});
    ASSERT_EQ(FindInvalidUtf8(folded.text()), std::string_view::npos);
    size_t previous = 0;
    for (size_t begin = 0; begin < folded.text().size();) {
      const size_t end = begin + DecodeUtf8(folded.text(), begin).length;
      const Span span = folded.ToOriginal(begin, end);
      ASSERT_LT(span.begin, span.end);
      ASSERT_LE(span.end, text.size());
      ASSERT_LE(previous, span.begin);
      ASSERT_FALSE(IsUtf8Continuation(text[span.begin]));
      ASSERT_TRUE(span.end == text.size() || !IsUtf8Continuation(text[span.end]));
      previous = span.begin;
      begin = end;
    }
  }
}

}  // namespace
}  // namespace privet
