#include "tagging/token_range.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace privet {
namespace {

// One token a piece, side by side.
std::vector<Span> TokensOfPieces(const std::vector<std::string>& pieces, std::string* text) {
  std::vector<Span> tokens;
  for (const std::string& piece : pieces) {
    tokens.push_back({text->size(), text->size() + piece.size()});
    *text += piece;
  }
  return tokens;
}

TEST(TokenRangeTest, BytesLeaveOutTheWhiteSpaceAroundAndKeepTheOneInside) {
  std::string text;
  const std::vector<Span> tokens =
      TokensOfPieces({"Ask", " Ann", " Lee", "\n\n", "\u3000王", "小明", " "}, &text);
  const auto quoted = [&](TokenRange range) {
    const Span bytes = BytesOf(text, tokens, range);
    return text.substr(bytes.begin, bytes.size());
  };
  EXPECT_EQ(quoted({1, 3}), "Ann Lee");
  EXPECT_EQ(quoted({1, 4}), "Ann Lee");
  EXPECT_EQ(quoted({4, 7}), "王小明");
  EXPECT_EQ(quoted({3, 4}), "");
  EXPECT_EQ(quoted({2, 2}), "");
  EXPECT_EQ(quoted({0, 0}), "");
}

TEST(TokenRangeTest, BytesHoldWholeCodePointsWhereTokensPartThem) {
  std::string text;
  const std::vector<Span> tokens = TokensOfPieces({"a", "\xF0\x9F", "\x98", "\x80", "b"}, &text);
  for (size_t i = 1; i <= 3; ++i) EXPECT_EQ(BytesOf(text, tokens, {i, i + 1}), (Span{1, 5})) << i;
  EXPECT_EQ(BytesOf(text, tokens, {0, 2}), (Span{0, 5}));
  EXPECT_EQ(BytesOf(text, tokens, {3, 5}), (Span{1, 6}));
}

TEST(TokenRangeTest, BytesThatNoTokenHasGoWithTheTokenBefore) {
  // As the tokenizer sees "e" and U+0301: one character, whose range is that of the letter.
  const std::string text = "Re\u0301ne\u0301 Roy";
  const std::vector<Span> tokens = {{0, 2}, {4, 6}, {8, 12}};
  EXPECT_EQ(BytesOf(text, tokens, {0, 1}), (Span{0, 4}));
  EXPECT_EQ(BytesOf(text, tokens, {0, 2}), (Span{0, 8}));
  EXPECT_EQ(BytesOf("Re\u0301", std::vector<Span>{{0, 2}}, {0, 1}), (Span{0, 4}));
}

TEST(TokenRangeTest, NoMentionEndsInsideOfALatinWord) {
  const std::string_view text = "KafkaConsumer of 王Li\\nAnn";
  const auto mention = [&](size_t begin, size_t end) {
    const std::vector<Span> tokens = {{begin, end}, {end, text.size()}};
    return MentionBytesOf(text, tokens, {0, 1});
  };
  EXPECT_EQ(mention(0, 13), (Span{0, 13}));
  EXPECT_TRUE(mention(0, 5).empty());          // Kafka
  EXPECT_TRUE(mention(5, 13).empty());         // Consumer
  EXPECT_EQ(mention(17, 20), (Span{17, 20}));  // 王, beside a Latin letter
  EXPECT_EQ(mention(24, 27), (Span{24, 27}));  // Ann, behind an escaped line break
}

TEST(TokenRangeTest, WhatOnlyStandsBesideAMentionIsNoneOfIt) {
  const auto mention = [](const std::string& text) {
    const std::vector<Span> tokens = {{0, text.size()}};
    const Span bytes = MentionBytesOf(text, tokens, {0, 1});
    return text.substr(bytes.begin, bytes.size());
  };
  EXPECT_EQ(mention(",+1 603-555-0142"), "+1 603-555-0142");
  EXPECT_EQ(mention("，王小明、"), "王小明");
  EXPECT_EQ(mention(" | Ann Lee;"), "Ann Lee");
  EXPECT_EQ(mention("=ann"), "ann");
  EXPECT_EQ(mention("\":\"+447700900123"), "+447700900123");
  EXPECT_EQ(mention("：王小明"), "王小明");
  EXPECT_EQ(mention("198.51.100.9]:25"), "198.51.100.9");
  EXPECT_EQ(mention("Ann) and (Lee"), "Ann");
  EXPECT_EQ(mention("(Ann) Lee"), "(Ann) Lee");
  EXPECT_EQ(mention("\uFEFF王小明"), "王小明");
  EXPECT_EQ(mention("\uFEFF"), "");
  EXPECT_EQ(mention("(202-555-0147"), "202-555-0147");
  EXPECT_EQ(mention("(202) 555-0147"), "(202) 555-0147");
  EXPECT_EQ(mention("王小明（"), "王小明");
  EXPECT_EQ(mention("王小明（经理）"), "王小明（经理）");
  EXPECT_EQ(mention("\"Ann\""), "\"Ann\"");
  EXPECT_EQ(mention("\"Ann"), "Ann");
  EXPECT_EQ(mention("O'Brien'"), "O'Brien'");  // two of a kind make a pair
  EXPECT_EQ(mention("‘Abd al-Rahman"), "‘Abd al-Rahman");
  EXPECT_EQ(mention("c2VjcmV0Cg=="), "c2VjcmV0Cg==");
}

TEST(TokenRangeTest, TokensAreAllThatShareAByte) {
  const std::vector<Span> tokens = {
      {0, 3}, {3, 5}, {5, 8}, {5, 8}, {10, 12}};  // two share, two bytes have none
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    const size_t begin = random() % 13;
    const Span bytes = {begin, begin + 1 + random() % 5};
    std::vector<size_t> expected;
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].Overlaps(bytes)) expected.push_back(i);
    }
    const TokenRange range = TokensOf(tokens, bytes);
    ASSERT_EQ(range.size(), expected.size());
    if (!expected.empty()) {
      ASSERT_EQ(range.begin, expected.front());
    }
  }
  EXPECT_EQ(TokensOf({}, {0, 1}).size(), 0u);
}

}  // namespace
}  // namespace privet
