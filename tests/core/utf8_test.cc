#include "core/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace privet {
namespace {

TEST(Utf8Test, TakesWhatIsWellFormed) {
  for (const std::string_view text :
       {"", "plain", "é", "中文", "😀", "\u0301", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "a\0b"}) {
    EXPECT_EQ(FindInvalidUtf8(text), std::string_view::npos);
  }
}

TEST(Utf8Test, NamesTheFirstByteOfWhatIsNot) {
  struct Case {
    std::string text;
    size_t offset;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"\x80", 0},                  // a continuation alone
           {"ab\xC0\xAF", 2},            // overlong
           {"中\xE0\x80\xAF", 3},        // overlong
           {"中文\xED\xA0\x80", 6},      // a surrogate
           {"\xF4\x90\x80\x80", 0},      // above U+10FFFF
           {"abc\xE4\xB8", 3},           // cut short
           {"\xF8\x88\x80\x80\x80", 0},  // five bytes
           {std::string(100, 'x') + "\xFF", 100},
           {std::string(30, 'x') + "中文中文中文中文\xFE" + std::string(40, 'y'), 54},
       }) {
    EXPECT_EQ(FindInvalidUtf8(c.text), c.offset);
  }
}

// Damage to one byte of valid text is found within the sequence that it hits, or leaves valid text; what is
// before is sound.
TEST(Utf8Test, FindsDamageWhereItIs) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    while (text.size() < 60) {
      const uint32_t c = random() % 4 == 0 ? random() % 0x80 : random() % 0x10FFFF;
      if (c < 0xD800 || c > 0xDFFF) AppendUtf8(c, &text);
    }
    ASSERT_EQ(FindInvalidUtf8(text), std::string_view::npos);
    const size_t at = random() % text.size();
    text[at] = static_cast<char>(random());
    const size_t bad = FindInvalidUtf8(text);
    if (bad != std::string_view::npos) {
      EXPECT_LE(bad, at + 3);  // the last byte of the longest sequence that began there
      EXPECT_EQ(FindInvalidUtf8(text.substr(0, bad)), std::string_view::npos);
    }
  }
}

TEST(Utf8Test, DecodesWhatItAppends) {
  for (const uint32_t c :
       {0x0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0x4E2Du, 0xFFFFu, 0x10000u, 0x1F600u, 0x10FFFFu}) {
    std::string text;
    AppendUtf8(c, &text);
    EXPECT_EQ(DecodeUtf8(text, 0).value, c);
    EXPECT_EQ(DecodeUtf8(text, 0).length, text.size());
    EXPECT_EQ(PreviousCodePoint(text, text.size()), 0u);
  }
}

TEST(Utf8Test, KnowsChineseCharactersOfAllBlocks) {
  for (const char* text : {"王", "Ann, 王", "㐀", "𠮷", "\U00031350"}) EXPECT_TRUE(HasHan(text)) << text;
  for (const char* text : {"", "Ann", "Zoë, Łódź", "，。「」", "かな", "한글", "😀", "①"}) {
    EXPECT_FALSE(HasHan(text)) << text;
  }
}

}  // namespace
}  // namespace privet
