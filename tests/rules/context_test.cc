#include "rules/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MATCHER_P2(Hit, word, shift, "") { return arg.word == word && arg.shift == shift; }

// The context of the part of `text` between ⟦ and ⟧.
std::vector<ContextHit> HitsIn(std::string text, const std::vector<ContextGroup>& groups) {
  const std::string open = "⟦", close = "⟧";
  const size_t begin = text.find(open);
  text.erase(begin, open.size());
  const size_t end = text.find(close);
  text.erase(end, close.size());
  return Context(groups).HitsAround(text, {begin, end});
}

const std::vector<ContextGroup>& PhoneWords() {
  static const std::vector<ContextGroup> groups = {{{"电话", "tel", "手机", "手机号码", "号码"}, 2.0, 12},
                                                   {{"订单号", "order"}, -4.0, 12}};
  return groups;
}

TEST(ContextTest, AWordBeforeCountsInFullAndOneAfterHalf) {
  EXPECT_THAT(HitsIn("电话：⟦138⟧", PhoneWords()), ElementsAre(Hit("电话", 2.0)));
  EXPECT_THAT(HitsIn("⟦138⟧（手机）", PhoneWords()), ElementsAre(Hit("手机", 1.0)));
}

TEST(ContextTest, TraditionalCharactersAreReadAsSimplifiedOnes) {
  EXPECT_THAT(HitsIn("電話：⟦138⟧（手機）", PhoneWords()), ElementsAre(Hit("电话", 2.0), Hit("手机", 1.0)));
  EXPECT_THAT(HitsIn("车號⟦138⟧", {{{"車號"}, 2.0, 12}}), ElementsAre(Hit("车号", 2.0)));
}

TEST(ContextTest, TheNearestWordBeforeDecides) {
  EXPECT_THAT(HitsIn("订单号1 电话⟦138⟧", PhoneWords()), ElementsAre(Hit("电话", 2.0)));
  EXPECT_THAT(HitsIn("电话查订单号⟦138⟧", PhoneWords()), ElementsAre(Hit("订单号", -4.0)));
}

TEST(ContextTest, TheLongestOfWordsThatEndAtOnePlaceCounts) {
  EXPECT_THAT(HitsIn("手机号码⟦138⟧", PhoneWords()), ElementsAre(Hit("手机号码", 2.0)));
}

TEST(ContextTest, LinesFieldsAndSentencesEndTheView) {
  for (const std::string text :
       {"电话\n⟦138⟧", "电话\t⟦138⟧", "电话|⟦138⟧", "打电话了。⟦138⟧", R"("电话":"x","no":"⟦138⟧")"}) {
    EXPECT_THAT(HitsIn(text, PhoneWords()), IsEmpty()) << text;
  }
}

TEST(ContextTest, ACommaEndsTheViewBehindAMatchButNotBeforeIt) {
  EXPECT_THAT(HitsIn("电话, ⟦138⟧", PhoneWords()), ElementsAre(Hit("电话", 2.0)));
  EXPECT_THAT(HitsIn("⟦138⟧，电话另给", PhoneWords()), IsEmpty());
}

TEST(ContextTest, WordsBeyondTheWindowDoNotCount) {
  EXPECT_THAT(HitsIn("电话一二三四五六七八九十⟦138⟧", PhoneWords()), ElementsAre(Hit("电话", 2.0)));
  EXPECT_THAT(HitsIn("电话一二三四五六七八九十甲乙丙⟦138⟧", PhoneWords()), IsEmpty());
}

TEST(ContextTest, AsciiWordsStandAloneAndIgnoreCase) {
  EXPECT_THAT(HitsIn("TEL ⟦138⟧", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("my_tel=⟦138⟧", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("ｔｅｌ：⟦138⟧", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("hotel ⟦138⟧", PhoneWords()), IsEmpty());
  EXPECT_THAT(HitsIn("border ⟦138⟧", PhoneWords()), IsEmpty());
  EXPECT_THAT(HitsIn("orders ⟦138⟧", PhoneWords()), ElementsAre(Hit("order", -4.0)));
}

TEST(ContextTest, AChangeOfCaseBeginsAWord) {
  EXPECT_THAT(HitsIn(R"("homeTel":"⟦138⟧")", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("telOffice=⟦138⟧", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("HTTPTel ⟦138⟧", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("TELNumber=⟦138⟧", PhoneWords()), ElementsAre(Hit("tel", 2.0)));
  EXPECT_THAT(HitsIn("myOrdersOf=⟦138⟧", PhoneWords()), ElementsAre(Hit("order", -4.0)));
  for (const std::string text : {"HOTEL ⟦138⟧", "Hotel ⟦138⟧", "TELCO ⟦138⟧", "Teller=⟦138⟧"})
    EXPECT_THAT(HitsIn(text, PhoneWords()), IsEmpty()) << text;
}

TEST(ContextTest, ABlankOfAPhraseMayBeAJoinerOrAChangeOfCase) {
  const std::vector<ContextGroup> groups = {{{"order no"}, -4.0, 12}};
  for (const std::string text : {"order no ⟦138⟧", "order_no=⟦138⟧", "order-no=⟦138⟧", "orderNo=⟦138⟧",
                                 "ORDER_NO=⟦138⟧", "myOrderNo=⟦138⟧"}) {
    EXPECT_THAT(HitsIn(text, groups), ElementsAre(Hit("order no", -4.0))) << text;
  }
  for (const std::string text : {"orderno=⟦138⟧", "order.no=⟦138⟧", "orderNow=⟦138⟧", "border no ⟦138⟧"})
    EXPECT_THAT(HitsIn(text, groups), IsEmpty()) << text;
}

TEST(ContextTest, AQuestionAndItsAnswerAreOneSentence) {
  for (const std::string text : {"手机？答：⟦138⟧", "手机？ 答⟦138⟧", "tel？A：⟦138⟧", "tel? A: ⟦138⟧"})
    EXPECT_THAT(HitsIn(text, PhoneWords()), ElementsAre(testing::_)) << text;
  for (const std::string text : {"有手机？⟦138⟧", "手机。答：⟦138⟧", "手机？那么：⟦138⟧"})
    EXPECT_THAT(HitsIn(text, PhoneWords()), IsEmpty()) << text;
}

}  // namespace
}  // namespace privet
