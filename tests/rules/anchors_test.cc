#include "rules/anchors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<AnchorGroup> GroupsIn(std::string_view text, std::vector<std::string> literals = {},
                                  int min_digits = 4, int digits_beside_literal = 0) {
  std::vector<AnchorScanner::Literal> wanted;
  for (std::string& literal : literals) wanted.push_back({std::move(literal), digits_beside_literal});
  AnchorScanner::Minima minima;
  minima.plain_digits = min_digits;
  minima.runs = 3;
  minima.token = 20;
  const AnchorScanner scanner(std::move(wanted), minima);
  std::vector<AnchorGroup> groups;
  AnchorGroup group;
  for (size_t position = 0; position < text.size();) {
    if (scanner.Next(text, &position, 1 << 20, &group)) groups.push_back(group);
  }
  return groups;
}

int DigitsIn(std::string_view text) {
  int most = 0;
  for (const AnchorGroup& group : GroupsIn(text, {}, 1)) most = std::max(most, group.features.max_digits);
  return most;
}

TEST(AnchorScannerTest, ProseHasNoAnchor) {
  EXPECT_THAT(GroupsIn("昨天下午我们去了一趟图书馆，一二三楼都坐满了人。"), IsEmpty());
  EXPECT_THAT(GroupsIn("The quick brown fox, the lazy dog - and 3 hens."), IsEmpty());
}

TEST(AnchorScannerTest, FindsALiteralInTraditionalCharacters) {
  for (const std::string_view text :
       {"电话 1380", "電話 1380", "電话 1380", "見V號 1380", "见v号 1380", "pin碼 1380"}) {
    EXPECT_THAT(GroupsIn(text, {"电话", "v号", "pin码"}),
                ElementsAre(::testing::Field(&AnchorGroup::literals, ::testing::SizeIs(1))))
        << text;
  }
  EXPECT_THAT(GroupsIn("電視 1380", {"电话"}),
              ElementsAre(::testing::Field(&AnchorGroup::literals, IsEmpty())));
}

TEST(AnchorScannerTest, CountsTheDigitsOfANumberAcrossSeparators) {
  struct Case {
    std::string_view text;
    int digits;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"电话13800138000。", 11},
           {"138 0013 8000", 11},
           {"+86 (10) 5555-0123", 12},
           {"１３８００１３８０００", 11},        // full width
           {"①③⑧⓪⓪①③⑧⓪⓪⓪", 11},                   // circled
           {"一三八零零一三八零零零", 11},        // Chinese numerals
           {"138零零一三八000", 11},              // a mixture
           {"1\u200b3\u200b8\u200b0\u200b0", 5},  // zero-width spaces
           {"138\u20130013\u20138000", 11},       // en dashes
           {"1    2", 1},                         // too far apart to be one number
           {"三八妇女节", 0},                     // a word, not a number
       }) {
    EXPECT_EQ(DigitsIn(c.text), c.digits) << c.text;
  }
}

TEST(AnchorScannerTest, SaysWhenFoldingMayChangeWhatIsThere) {
  EXPECT_FALSE(GroupsIn("13800138000").at(0).folds);
  for (const std::string_view text :
       {"１３８００１３８０００", "138\u200b00138000", "一三八零零一三八零零零", "138\u201300138000"}) {
    const std::vector<AnchorGroup> groups = GroupsIn(text);
    ASSERT_EQ(groups.size(), 1u) << text;
    EXPECT_TRUE(groups[0].folds) << text;
  }
}

TEST(AnchorScannerTest, AnInvisibleCharacterIsAnAnchorWhereItMayPartALiteral) {
  EXPECT_THAT(GroupsIn("好的❤\uFE0F👨\u200D👩，再见☺\uFE0F"), IsEmpty());
  for (const std::string_view text : {"pass\u200Bword", "密\uFE0F\u200B码", "密码：❤\uFE0Fpass\uFE0Fword"}) {
    const std::vector<AnchorGroup> groups = GroupsIn(text);
    ASSERT_EQ(groups.size(), 1u) << text;
    EXPECT_TRUE(groups[0].folds) << text;
  }
}

TEST(AnchorScannerTest, FindsLiteralsWithoutCaseAndInChinese) {
  const std::vector<AnchorGroup> groups = GroupsIn("PassWord 与 密码", {"password", "密码", "token"});
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_THAT(groups[0].literals, ElementsAre(0, 1));
}

TEST(AnchorScannerTest, AShortNumberCountsOnlyBesideALiteral) {
  EXPECT_THAT(GroupsIn("共 12 人", {"分机"}, 4, 2), IsEmpty());
  EXPECT_THAT(GroupsIn("没有号码的分机", {"分机"}, 4, 2), IsEmpty());
  EXPECT_THAT(GroupsIn("分机 1 号", {"分机"}, 4, 2), IsEmpty());
  for (const std::string_view text : {"分机 12", "12 号分机"}) {
    const std::vector<AnchorGroup> groups = GroupsIn(text, {"分机"}, 4, 2);
    ASSERT_EQ(groups.size(), 1u) << text;
    EXPECT_EQ(groups[0].features.max_digits, 2) << text;
    EXPECT_EQ(text.substr(groups[0].span.begin, 2), text.starts_with("12") ? "12" : text.substr(0, 2))
        << text;
  }
}

TEST(AnchorScannerTest, TellsALiteralThatNeedsNoNumberOfTheNumberBefore) {
  const std::vector<AnchorGroup> groups = GroupsIn("1952年出生", {"出生"}, 7);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].features.max_digits, 4);
}

TEST(AnchorScannerTest, FindsHexadecimalGroupsWithoutAnyDigit) {
  for (const std::string_view text :
       {"dev aa:bb:cc:dd:ee:ff up", "from fe::ab", "00:00:00:00:00:01", "2001::1"}) {
    const std::vector<AnchorGroup> groups = GroupsIn(text);
    ASSERT_EQ(groups.size(), 1u) << text;
    EXPECT_TRUE(groups[0].features.hex_groups) << text;
  }
  EXPECT_FALSE(GroupsIn("2024-03-05 10:22:33").at(0).features.hex_groups);
}

TEST(AnchorScannerTest, ADateATimeOrAnAddressIsNoPlainNumber) {
  for (const std::string_view text :
       {"2024-03-05", "5.3.2024", "10:22:33.123", "2024/03/05 10:22", "203.0.113.7:8080"}) {
    const AnchorFeatures features =
        GroupsIn(text, {}, 1).empty() ? AnchorFeatures() : GroupsIn(text, {}, 1).at(0).features;
    EXPECT_EQ(features.max_plain_digits, 0) << text;
  }
  for (const std::string_view text : {"2024-13-05", "138-0013-8000", "10:99", "203.0.113.700"}) {
    EXPECT_GT(GroupsIn(text, {}, 1).at(0).features.max_plain_digits, 0) << text;
  }
}

TEST(AnchorScannerTest, CountsRunsOfDigitsThatOneSignJoins) {
  struct Case {
    std::string_view text;
    int runs;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"2024-03-05", 3}, {"192.0.2.1", 4}, {"1 2 3", 1}, {"1--2", 1}, {"5/3/2024 10", 3}}) {
    EXPECT_EQ(GroupsIn(c.text, {}, 1).at(0).features.max_runs, c.runs) << c.text;
  }
}

TEST(AnchorScannerTest, KnowsNumbersBehindAWord) {
  struct Case {
    std::string_view text;
    int digits;
  };
  for (const Case& c : std::initializer_list<Case>{{"E12345678", 8},
                                                   {"A 123456", 6},
                                                   {"x_13800138000", 11},
                                                   {"护照12345678", 0},
                                                   {"id: 12345678", 0}}) {
    EXPECT_EQ(GroupsIn(c.text, {}, 1).at(0).features.max_lettered, c.digits) << c.text;
  }
}

TEST(AnchorScannerTest, MeasuresLongTokensWithADigit) {
  EXPECT_EQ(GroupsIn("key=abcdefghijklmnopqrs1tuvwx;").at(0).features.max_token, 25);
  EXPECT_THAT(GroupsIn("abcdefghijklmnopqrstuvwxyz"), IsEmpty());
}

TEST(AnchorScannerTest, ANumeralBeforeATokenIsNoPartOfIt) {
  EXPECT_EQ(GroupsIn("统一91350100M000100Y43xx", {}, 40).at(0).features.max_token, 20);
}

TEST(AnchorScannerTest, FindsLiteralsInsideOfWhatLooksLikeOneNumber) {
  for (const std::string_view text : {"34,+442079460018", "1:+33 1 23 45 67 89", "2024-01-05 10:22,+4420",
                                      "三 +44 20", "34,0044 20", "34 0044 20"}) {
    const std::vector<AnchorGroup> groups = GroupsIn(text, {"+", "00"}, 40);
    ASSERT_EQ(groups.size(), 1u) << text;
    EXPECT_THAT(groups[0].literals, Contains(text.find('+') == std::string_view::npos ? 1 : 0)) << text;
  }
  EXPECT_THAT(GroupsIn("10:22:33+08:00", {"+", "00"}, 40), IsEmpty());  // a time is nothing but a time
}

TEST(AnchorScannerTest, GroupsEndAtLineBreaksAndWhereAnchorsAreFarApart) {
  const std::string gap(AnchorScanner::kReach + 10, 'x');
  EXPECT_EQ(GroupsIn("12345 67890").size(), 1u);
  EXPECT_EQ(GroupsIn("12345\n67890").size(), 2u);
  EXPECT_EQ(GroupsIn("12345 " + gap + " 67890").size(), 2u);
}

TEST(AnchorScannerTest, AGroupOnAnEndlessLineIsBounded) {
  std::string text;
  while (text.size() < 100'000) text += "12345;x ";
  for (const AnchorGroup& group : GroupsIn(text)) EXPECT_LE(group.span.size(), AnchorScanner::kMaxGroup + 64);
}

}  // namespace
}  // namespace privet
