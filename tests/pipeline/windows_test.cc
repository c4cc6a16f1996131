#include "pipeline/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/field_error.h"
#include "core/utf8.h"

namespace privet {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::IsEmpty;

// A token each code point, but ASCII words, with the space before them, as one: much like Qwen's.
std::vector<Span> Tokenise(std::string_view text) {
  std::vector<Span> tokens;
  const auto is_letter = [&](size_t i) {
    return i < text.size() && std::isalpha(static_cast<unsigned char>(text[i]));
  };
  for (size_t at = 0; at < text.size();) {
    size_t end = at + DecodeUtf8(text, at).length;
    if (is_letter(at) || text[at] == ' ') {
      while (is_letter(end)) ++end;
    }
    tokens.push_back({at, end});
    at = end;
  }
  return tokens;
}

std::string_view TextOf(std::string_view text, std::span<const Span> tokens, TokenRange range) {
  return text.substr(tokens[range.begin].begin, tokens[range.end - 1].end - tokens[range.begin].begin);
}

std::string RandomText(size_t pieces, bool with_sentences, std::mt19937* random) {
  static const std::vector<std::string> kWords = {"王", "小明",    "，",     " Lee", " at",
                                                  " 7", "1380013", "北京市", "é",    "3.14"};
  static const std::vector<std::string> kEnds = {"。", "！", "？”",  "；", ". ",
                                                 "! ", "\n", "\n\n", "……", ".) "};
  std::string text;
  for (size_t i = 0; i < pieces; ++i) {
    text += kWords[(*random)() % kWords.size()];
    if (with_sentences && (*random)() % 9 == 0) text += kEnds[(*random)() % kEnds.size()];
  }
  return text;
}

TEST(WindowsTest, AShortTextIsOneWindowAndAnEmptyOneNone) {
  EXPECT_THAT(CutWindows("", {}, WindowSizes()), IsEmpty());
  for (const size_t tokens : {size_t{1}, size_t{511}, size_t{512}}) {
    const std::string text(tokens, '7');
    const std::vector<Window> windows = CutWindows(text, Tokenise(text), WindowSizes());
    ASSERT_EQ(windows.size(), 1u);
    EXPECT_EQ(windows[0].tokens, (TokenRange{0, tokens}));
    EXPECT_EQ(windows[0].core, (TokenRange{0, tokens}));
    EXPECT_TRUE(Owns(windows[0], {0, tokens}));
    EXPECT_TRUE(Owns(windows[0], {tokens - 1, tokens}));
  }
}

TEST(WindowsTest, EndBehindSentencesAndBeginAtThem) {
  struct Case {
    std::string sentence;
    std::string end;
  };
  for (const Case& c : std::initializer_list<Case>{{"王小明住在北京。", "。"},
                                                   {"他说：“我姓王。”", "。”"},
                                                   {"真的？！", "？！"},
                                                   {"姓名：王小明\n", "\n"},
                                                   {"\r\nline of words", "\n"},
                                                   {" Ann Lee called.", "."},
                                                   {" He said \"no.\"", ".\""}}) {
    std::string text;
    while (Tokenise(text).size() < 300) text += c.sentence;
    const std::vector<Span> tokens = Tokenise(text);
    const std::vector<Window> windows = CutWindows(text, tokens, {100, 20});
    ASSERT_GT(windows.size(), 3u);
    for (size_t i = 0; i + 1 < windows.size(); ++i) {
      EXPECT_THAT(std::string(TextOf(text, tokens, windows[i].tokens)), EndsWith(c.end));
      EXPECT_THAT(std::string(TextOf(text, tokens, {0, windows[i + 1].tokens.begin})), EndsWith(c.end));
    }
  }
}

TEST(WindowsTest, DoNotTakeEveryDotForTheEndOfASentence) {
  std::string text;
  while (text.size() < 400) text += "3.14,";
  const std::vector<Window> windows = CutWindows(text, Tokenise(text), {100, 20});
  EXPECT_EQ(windows[0].tokens.end, 100u);  // no better place, so as long as can be
  EXPECT_EQ(windows[1].tokens.begin, 80u);
}

class WindowsOfRandomTexts : public ::testing::Test {
 protected:
  template <typename Check>
  void ForEach(Check check) {
    std::mt19937 random(1);
    for (int round = 0; round < 400; ++round) {
      const size_t most = 8 + random() % 120;
      const WindowSizes sizes = {most, random() % (most / 4 + 1)};
      ASSERT_TRUE(ValidateWindowSizes(sizes).ok());
      const std::string text = RandomText(random() % 900, round % 3 != 0, &random);
      const std::vector<Span> tokens = Tokenise(text);
      const std::vector<Window> windows = CutWindows(text, tokens, sizes);
      SCOPED_TRACE(round);
      check(sizes, tokens, windows);
      if (HasFatalFailure()) return;
    }
  }
};

TEST_F(WindowsOfRandomTexts, CoresTileTheTextAndLieInTheirWindows) {
  ForEach([](const WindowSizes& sizes, std::span<const Span> tokens, std::span<const Window> windows) {
    size_t at = 0;
    for (const Window& window : windows) {
      ASSERT_LE(window.tokens.size(), sizes.max_tokens);
      ASSERT_EQ(window.core.begin, at);
      ASSERT_LT(window.core.begin, window.core.end);
      ASSERT_LE(window.tokens.begin, window.core.begin);
      ASSERT_LE(window.core.end, window.tokens.end);
      at = window.core.end;
    }
    ASSERT_EQ(at, tokens.size());
  });
}

TEST_F(WindowsOfRandomTexts, NeighboursShareTheOverlapAndWindowsAreHalfFullAtLeast) {
  ForEach([](const WindowSizes& sizes, std::span<const Span>, std::span<const Window> windows) {
    for (size_t i = 1; i < windows.size(); ++i) {
      ASSERT_GE(windows[i - 1].tokens.end, windows[i].tokens.begin + sizes.overlap_tokens);
      ASSERT_LE(windows[i - 1].tokens.end, windows[i].tokens.begin + 2 * sizes.overlap_tokens);
      ASSERT_GT(windows[i - 1].tokens.size(), sizes.max_tokens / 2);
      ASSERT_LT(windows[i - 1].tokens.begin, windows[i].tokens.begin);
    }
  });
}

TEST_F(WindowsOfRandomTexts, EverySpanHasOneOwnerAndIsWholeInItWhereItFitsTheOverlap) {
  ForEach([](const WindowSizes& sizes, std::span<const Span> tokens, std::span<const Window> windows) {
    std::mt19937 random(2);
    for (int i = 0; i < 300 && !tokens.empty(); ++i) {
      const size_t begin = random() % tokens.size();
      const size_t most =
          std::min(tokens.size() - begin, i % 4 == 0 ? tokens.size() : sizes.overlap_tokens + 1);
      const TokenRange span = {begin, begin + 1 + random() % most};
      size_t owners = 0, owner = 0;
      for (size_t w = 0; w < windows.size(); ++w) {
        if (!Owns(windows[w], span)) continue;
        owner = w;
        ++owners;
      }
      ASSERT_EQ(owners, 1u);
      ASSERT_EQ(OwnerOf(windows, span), owner);
      if (span.size() > std::max<size_t>(sizes.overlap_tokens, 1)) continue;
      ASSERT_LE(windows[owner].tokens.begin, span.begin);
      ASSERT_GE(windows[owner].tokens.end, span.end);
    }
  });
}

TEST_F(WindowsOfRandomTexts, APieceThatAnEdgeCutCountsOnlyFromTheOverlapsLengthOn) {
  ForEach([](const WindowSizes& sizes, std::span<const Span>, std::span<const Window> windows) {
    for (size_t w = 0; w < windows.size(); ++w) {
      const TokenRange& tokens = windows[w].tokens;
      for (size_t length = 1; length < sizes.overlap_tokens; ++length) {
        const bool right = w + 1 < windows.size() && Owns(windows[w], {tokens.end - length, tokens.end});
        const bool left = w > 0 && Owns(windows[w], {tokens.begin, tokens.begin + length});
        ASSERT_FALSE(left || right) << length;
      }
    }
  });
}

TEST(WindowsTest, TextBehindDoesNotChangeTheWindowsBefore) {
  std::mt19937 random(3);
  const std::string text = RandomText(1000, true, &random);
  const std::string longer = text + RandomText(1000, true, &random);
  const std::vector<Window> windows = CutWindows(text, Tokenise(text), {100, 20});
  const std::vector<Window> more = CutWindows(longer, Tokenise(longer), {100, 20});
  ASSERT_GT(windows.size(), 5u);
  for (size_t i = 0; i + 1 < windows.size(); ++i) EXPECT_EQ(windows[i].tokens, more[i].tokens);
}

TEST(WindowsTest, TakeTokensThatPartOrShareACodePoint) {
  std::string text;
  std::vector<Span> tokens;
  for (int i = 0; i < 100; ++i) {
    const size_t at = text.size();
    text += "😀。";
    tokens.insert(tokens.end(),
                  {{at, at + 2}, {at + 2, at + 3}, {at + 3, at + 4}, {at, at + 4}, {at + 4, at + 7}});
  }
  for (const Window& window : CutWindows(text, tokens, {64, 16})) {
    EXPECT_THAT(window.tokens.end % 5, AnyOf(0u, 3u));
  }
}

TEST(WindowsTest, ReadNothingBeforeATextWhoseFirstCodePointIsManyTokens) {
  // U+1D160 is three code points of four bytes each in NFC.
  const std::string line = "\n\xF0\x9D\x85\xA0" + std::string(40, 'x');
  const std::string_view text = std::string_view(line).substr(1);
  std::vector<Span> tokens(12, Span{0, 4});
  for (size_t at = 4; at < text.size(); ++at) tokens.push_back({at, at + 1});
  EXPECT_EQ(CutWindows(text, tokens, {16, 4})[0].tokens, (TokenRange{0, 16}));
}

TEST(WindowsTest, SizesThatCannotWorkAreErrors) {
  EXPECT_TRUE(ValidateWindowSizes({8, 2}).ok());
  EXPECT_EQ(ViolationOf(ValidateWindowSizes({7, 0})).field, "max_tokens");
  EXPECT_EQ(ViolationOf(ValidateWindowSizes({100000, 0})).field, "max_tokens");
  EXPECT_EQ(ValidateWindowSizes({512, 129}).message(),
            "overlap_tokens: must be at most a quarter of max_tokens, here 128");
}

TEST(WindowsTest, AMebibyteTakesItsStride) {
  std::string text;
  while (text.size() < 1 << 20) text += "没有标点的一行文字";  // every search for a sentence fails
  const std::vector<Span> tokens = Tokenise(text);
  const std::vector<Window> windows = CutWindows(text, tokens, WindowSizes());
  EXPECT_EQ(windows.size(), (tokens.size() - 64 + 447) / 448);
}

}  // namespace
}  // namespace privet
