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

// The values of all findings after repeats were added, in order.
std::vector<std::string> ValuesIn(std::string_view text, std::vector<Finding> findings, double least = 0.5) {
  EXPECT_TRUE(AddRepeats(text, Least(least), {}, &findings).ok());
  std::vector<std::string> values;
  for (const Finding& finding : findings)
    values.emplace_back(text.substr(finding.span.begin, finding.span.size()));
  return values;
}

TEST(RepeatsTest, ANameIsFoundWhereverItStandsAgain) {
  const std::string text = "联系人：欧阳晓棠\n晓棠不在时，欧阳晓棠的同事会接。欧阳晓棠";
  std::vector<Finding> findings = {Found(text, "欧阳晓棠", PERSON, 0.8)};
  ASSERT_TRUE(AddRepeats(text, Least(0.5), {}, &findings).ok());
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
  const std::string text = "Imogen; Imogen; Imogen";
  std::vector<Finding> findings = {Found(text, "Imogen", PERSON, 0.6), Found(text, "Imogen", PERSON, 0.95)};
  findings[1].span = {8, 14};
  ASSERT_TRUE(AddRepeats(text, Least(0.5), {}, &findings).ok());
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_DOUBLE_EQ(findings[2].score, 0.95 * kRepeatCertainty);
}

TEST(RepeatsTest, AScoreThatDoesNotReachTheLeastIsNotRepeated) {
  const std::string text = "Imogen and Imogen";
  EXPECT_THAT(ValuesIn(text, {Found(text, "Imogen", PERSON, 0.9)}, 0.76), ElementsAre("Imogen", "Imogen"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "Imogen", PERSON, 0.9)}, 0.77), ElementsAre("Imogen"));
}

TEST(RepeatsTest, WhatMeansTooMuchElseIsNotRepeated) {
  for (const std::string value : {"王", "Al", "will"}) {
    const std::string text = value + ", " + value;
    EXPECT_THAT(ValuesIn(text, {Found(text, value, PERSON)}), ElementsAre(value)) << value;
  }
  for (const std::string value : {"王一", "Ali", "will ash", "Zoë"}) {
    const std::string text = value + ", " + value;
    EXPECT_THAT(ValuesIn(text, {Found(text, value, PERSON)}), ElementsAre(value, value)) << value;
  }
}

TEST(RepeatsTest, OnlyWholeWords) {
  const std::string text = "Rose met Rosemary, and Rose's sister; ROSE; Primrose";
  EXPECT_THAT(ValuesIn(text, {Found(text, "Rose", PERSON)}), ElementsAre("Rose", "Rose"));
}

TEST(RepeatsTest, OnlyPersonsThatAModelFound) {
  const std::string text = "Delft, Delft";
  EXPECT_THAT(ValuesIn(text, {Found(text, "Delft", LOCATION)}), ElementsAre("Delft"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "Delft", PERSON, 1, "deny:0")}), ElementsAre("Delft"));
  EXPECT_THAT(ValuesIn(text, {Found(text, "Delft", PERSON, 1, "custom:ours")}), ElementsAre("Delft"));
}

TEST(RepeatsTest, WhatStandsInAnotherFindingStaysThere) {
  const std::string text = "Imogen Vale, mail Imogen@example.com or Imogen Vale Ltd, signed Imogen";
  const std::vector<Finding> findings = {Found(text, "Imogen", PERSON),
                                         Found(text, "Imogen@example.com", EMAIL_ADDRESS),
                                         Found(text, "Imogen Vale Ltd", ORGANIZATION)};
  EXPECT_THAT(ValuesIn(text, findings),
              ElementsAre("Imogen", "Imogen@example.com", "Imogen Vale Ltd", "Imogen"));
}

TEST(RepeatsTest, OfNamesThatBeginOneAnotherTheLongerIsFound) {
  const std::string text = "Imogen. Imogen Vale. Imogen Vale";
  std::vector<Finding> findings = {Found(text, "Imogen", PERSON), Found(text, "Imogen Vale", PERSON)};
  EXPECT_THAT(ValuesIn(text, findings), ElementsAre("Imogen", "Imogen Vale", "Imogen Vale"));
}

TEST(RepeatsTest, RepeatsDoNotOverlapOneAnother) {
  const std::string text = "娜娜 娜娜娜";
  EXPECT_THAT(ValuesIn(text, {Found(text, "娜娜", PERSON)}), ElementsAre("娜娜", "娜娜"));
}

TEST(RepeatsTest, StoppedItAddsNothing) {
  const std::string text = "Imogen and Imogen";
  std::vector<Finding> findings = {Found(text, "Imogen", PERSON)};
  EXPECT_TRUE(absl::IsCancelled(AddRepeats(
      text, Least(0), [] { return true; }, &findings)));
  EXPECT_THAT(findings, SizeIs(1));
}

TEST(RepeatsTest, NothingFoundNothingRepeated) { EXPECT_THAT(ValuesIn("Imogen", {}), IsEmpty()); }

}  // namespace
}  // namespace privet
