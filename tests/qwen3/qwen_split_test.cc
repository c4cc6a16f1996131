#include "qwen3/qwen_split.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace privet {
namespace {

using Words = std::vector<std::string>;

Words WordsOf(std::string_view text) {
  Words words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = QwenWordEnd(text, begin);
    words.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

TEST(QwenSplitTest, CutsAsThePatternDoes) {
  struct Case {
    const char* what;
    std::string_view text;
    Words words;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"letters take one sign before them", "say (hello world", {"say", " (", "hello", " world"}},
           {"a sign glued to letters", "中文，英文", {"中文", "，英文"}},
           {"a line break is no such sign", "\nabc", {"\n", "abc"}},
           {"a digit stands alone, of any script", "a12٣", {"a", "1", "2", "٣"}},
           {"contractions in either case", "I'Ve he'LL", {"I", "'Ve", " he", "'LL"}},
           {"a long s contracts too", "it'ſx", {"it", "'ſ", "x"}},
           {"an apostrophe before other letters", "O'Brien 'l", {"O", "'Brien", " '", "l"}},
           {"a contraction ends before more letters", "'save", {"'s", "ave"}},
           {"signs run together with a space before and breaks behind",
            "a !?\r\n\nb",
            {"a", " !?\r\n\n", "b"}},
           {"a tab before signs stands alone", "\t!", {"\t", "!"}},
           {"spaces up to the last break", " \n \n  x", {" \n \n", " ", " x"}},
           {"the last space goes to the next word", "a   b", {"a", "  ", " b"}},
           {"but not to a digit", "a  1", {"a", " ", " ", "1"}},
           {"spaces at the end", "a  ", {"a", "  "}},
           {"ideographic and no-break spaces are spaces", "\u00A0\u3000中", {"\u00A0", "\u3000中"}},
           {"marks are signs, not letters", "e\u0301", {"e", "\u0301"}},
           {"private use and unassigned are signs", "\uE000\U0010FFFFa", {"\uE000\U0010FFFF", "a"}},
           {"astral Han are letters, Unicode 15.1's too", "𠀀\U0002EBF0 x", {"𠀀\U0002EBF0", " x"}},
       }) {
    EXPECT_EQ(WordsOf(c.text), c.words) << c.what;
  }
}

// A MiB each of what a careless scanner would look at again and again.
TEST(QwenSplitTest, IsLinearInRunsOfAnything) {
  for (const std::string_view unit : {" ", "\n", " \n", "'", "'s", "a", "!", "\u3000", "1", " 1", "\t!"}) {
    std::string text;
    while (text.size() < (1 << 20)) text += unit;
    size_t covered = 0;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = QwenWordEnd(text, begin);
      ASSERT_GT(end, begin);
      covered += end - begin;
      begin = end;
    }
    EXPECT_EQ(covered, text.size());
  }
}

}  // namespace
}  // namespace privet
