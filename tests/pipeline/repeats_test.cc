#include "pipeline/repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "pipeline/selection.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Finding Found(std::string_view text, std::string_view value, EntityType type, double score = 0.9,
              std::string_view source = kStage1Source) {
  const size_t begin = text.find(value);
  Evidence evidence;
  evidence.source = source;
  evidence.score = score;
  return {{begin, begin + value.size()}, type, score, false, {std::move(evidence)}};
}

TypeThresholds Least(double score) {
  TypeThresholds thresholds{};
  thresholds.fill(score);
  return thresholds;
}

constexpr size_t kMany = 1000;

// The values of all findings after repeats were added, in order.
std::vector<std::string> ValuesIn(std::string_view text, std::vector<Finding> findings, double least = 0.5) {
  EXPECT_TRUE(AddRepeats(text, Least(least), kMany, {}, &findings).ok());
  std::vector<std::string> values;
  for (const Finding& finding : findings)
    values.emplace_back(text.substr(finding.span.begin, finding.span.size()));
  return values;
}

TEST(RepeatsTest, ANameIsFoundWhereverItStandsAgain) {
  const std::string text = "联系人：欧阳晓棠\n晓棠不在时，欧阳晓棠的同事会接。欧阳晓棠";
  std::vector<Finding> findings = {Found(text, "欧阳晓棠", PERSON, 0.8)};
  ASSERT_TRUE(AddRepeats(text, Least(0.5), kMany, {}, &findings).ok());
  ASSERT_THAT(findings, SizeIs(3));
  const Finding& repeat = findings[1];
  EXPECT_EQ(text.substr(repeat.span.begin, repeat.span.size()), "欧阳晓棠");
  EXPECT_EQ(repeat.type, PERSON);
  EXPECT_DOUBLE_EQ(repeat.score, 0.8 * kRepeatCertainty);
  EXPECT_FALSE(repeat.conclusive);
  ASSERT_THAT(repeat.evidence, SizeIs(1));
  EXPECT_EQ(repeat.evidence[0].source, kRepeatSource);
  EXPECT_LT(findings[1].span, findings[2].span);
}

TEST(RepeatsTest, TheHighestScoreOfAValueCounts) {
  const std::string text = "Imogen Vale; Imogen Vale; Imogen Vale";
  std::vector<Finding> findings = {Found(text, "Imogen Vale", PERSON, 0.6),
                                   Found(text, "Imogen Vale", PERSON, 0.95)};
  findings[1].span = {13, 24};
  ASSERT_TRUE(AddRepeats(text, Least(0.5), kMany, {}, &findings).ok());
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_DOUBLE_EQ(findings[2].score, 0.95 * kRepeatCertainty);
}

TEST(RepeatsTest, AScoreThatDoesNotReachTheLeastIsNotRepeated) {
  const std::string text = "王晓和王晓";
  EXPECT_THAT(ValuesIn(text, {Found(text, "王晓", PERSON, 0.9)}, 0.76), ElementsAre("王晓", "王晓"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "王晓", PERSON, 0.9)}, 0.77), ElementsAre("王晓"));
}

TEST(RepeatsTest, WhatMeansTooMuchElseIsNotRepeated) {
  for (const std::string value : {"王", "𠮷", "Al", "Will", "zoë", "mr.", "123 456"}) {
    const std::string text = value + ", " + value;
    EXPECT_THAT(ValuesIn(text, {Found(text, value, PERSON)}), ElementsAre(value)) << value;
  }
  for (const std::string value : {"王一", "𠮷野", "will ash", "Zoë Vale", "王 Ann"}) {
    const std::string text = value + ", " + value;
    EXPECT_THAT(ValuesIn(text, {Found(text, value, PERSON)}), ElementsAre(value, value)) << value;
  }
}

TEST(RepeatsTest, LatinNamesBeginAndEndWhereWordsDo) {
  const std::string text =
      "Ann Rose met Ann Rosemary, Ann Roseé, Ann Rose\u0301 and éAnn Rose; Ann Rose's; ANN ROSE; 叫Ann "
      "Rose的";
  EXPECT_THAT(ValuesIn(text, {Found(text, "Ann Rose", PERSON)}),
              ElementsAre("Ann Rose", "Ann Rose", "Ann Rose"));
}

TEST(RepeatsTest, NamesThatModelsAloneFound) {
  const std::string text = "Delft Hill, Delft Hill";
  EXPECT_THAT(ValuesIn(text, {Found(text, "Delft Hill", LOCATION)}), ElementsAre("Delft Hill"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "Delft Hill", ADDRESS)}), ElementsAre("Delft Hill"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "Delft Hill", PERSON, 1, "deny:0")}), ElementsAre("Delft Hill"));
  Finding both = Found(text, "Delft Hill", PERSON, 1, "custom:ours");
  both.evidence.push_back(Found(text, "Delft Hill", PERSON, 0.4).evidence[0]);
  EXPECT_THAT(ValuesIn(text, {both}), ElementsAre("Delft Hill"));
}

TEST(RepeatsTest, NumbersAndCodesThatALabelGaveAway) {
  const std::string text = "QQ：482913377。后来482913377又来加我，1482913377不是，482913377a也不是";
  std::vector<Finding> findings = {Found(text, "482913377", QQ, 0.9, "qq_number")};
  ASSERT_TRUE(AddRepeats(text, Least(0.5), kMany, {}, &findings).ok());
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[1].type, QQ);
  EXPECT_DOUBLE_EQ(findings[1].score, 0.9 * kRepeatCertainty);

  for (const std::string value : {"Tr0ub4dor-77", "550123", "12-34-56", "幸福路3号院北楼"}) {
    const std::string twice = value + " / " + value;
    EXPECT_THAT(ValuesIn(twice, {Found(twice, value, SECRET, 0.9, "password_assignment")}),
                ElementsAre(value, value))
        << value;
  }
  for (const std::string value : {"summertime", "5501", "k9", "55012", "3号院北楼"}) {
    const std::string twice = value + " / " + value;
    EXPECT_THAT(ValuesIn(twice, {Found(twice, value, SECRET, 0.9, "password_assignment")}),
                ElementsAre(value))
        << value;
  }
}

TEST(RepeatsTest, NotADateNorWhatStaysReadableAnyway) {
  const std::string text = "1984-03-12 1984-03-12";
  EXPECT_THAT(ValuesIn(text, {Found(text, "1984-03-12", DATE_OF_BIRTH)}), ElementsAre("1984-03-12"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "1984-03-12", CN_TAX_ID)}), ElementsAre("1984-03-12"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "1984-03-12", OTHER_ID, 1, "custom:ours")}),
              ElementsAre("1984-03-12"));
}

TEST(RepeatsTest, OfTwoTypesOfAValueTheLikelier) {
  const std::string text = "20991231 20991231 20991231";
  std::vector<Finding> findings = {Found(text, "20991231", PHONE_NUMBER, 0.7),
                                   Found(text, "20991231", QQ, 0.9)};
  findings[1].span = {9, 17};
  ASSERT_TRUE(AddRepeats(text, Least(0.5), kMany, {}, &findings).ok());
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_EQ(findings[2].type, QQ);
}

TEST(RepeatsTest, WhatStandsInAnotherFindingStaysThere) {
  const std::string text = "王晓，邮箱王晓@example.com，王晓诊所；王晓";
  const std::vector<Finding> findings = {Found(text, "王晓", PERSON),
                                         Found(text, "王晓@example.com", EMAIL_ADDRESS),
                                         Found(text, "王晓诊所", ORGANIZATION)};
  EXPECT_THAT(ValuesIn(text, findings), ElementsAre("王晓", "王晓@example.com", "王晓诊所", "王晓"));
}

TEST(RepeatsTest, OfNamesThatBeginOneAnotherTheLongerIsFound) {
  const std::string text = "王晓。王晓棠。王晓棠";
  std::vector<Finding> findings = {Found(text, "王晓", PERSON), Found(text, "王晓棠", PERSON)};
  EXPECT_THAT(ValuesIn(text, findings), ElementsAre("王晓", "王晓棠", "王晓棠"));
}

TEST(RepeatsTest, RepeatsDoNotOverlapOneAnother) {
  const std::string text = "娜娜 娜娜娜";
  EXPECT_THAT(ValuesIn(text, {Found(text, "娜娜", PERSON)}), ElementsAre("娜娜", "娜娜"));
}

TEST(RepeatsTest, NoMoreThanAsked) {
  const std::string text = "王晓 王晓 王晓 王晓";
  for (const size_t most : {0u, 2u, 3u}) {
    std::vector<Finding> findings = {Found(text, "王晓", PERSON)};
    const auto more = AddRepeats(text, Least(0.5), most, {}, &findings);
    ASSERT_TRUE(more.ok());
    EXPECT_EQ(*more, most < 3);
    EXPECT_THAT(findings, SizeIs(1 + most));
  }
}

TEST(RepeatsTest, StoppedItAddsNothing) {
  const std::string text = "王晓和王晓";
  std::vector<Finding> findings = {Found(text, "王晓", PERSON)};
  EXPECT_TRUE(absl::IsCancelled(AddRepeats(
                                    text, Least(0), kMany, [] { return true; }, &findings)
                                    .status()));
  EXPECT_THAT(findings, SizeIs(1));
}

TEST(RepeatsTest, NothingFoundNothingRepeated) { EXPECT_THAT(ValuesIn("Imogen", {}), IsEmpty()); }

}  // namespace
}  // namespace privet
