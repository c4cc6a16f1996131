#include "stage2_filter/fusion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <vector>

#include "tagging/log_odds.h"

namespace privet {
namespace {

using enum EntityType;

// A reader that knows these types and gives them these probabilities.
SpanReading Saying(const std::map<EntityType, double>& probabilities) {
  TypeSet known;
  std::array<double, kEntityTypeCount> by_type{};
  for (const auto& [type, probability] : probabilities) {
    known.set(IndexOf(type));
    by_type[IndexOf(type)] = probability;
  }
  return ReadingOf(known, by_type);
}

double Of(const FusedSpan& fused, EntityType type) { return fused.probability[IndexOf(type)]; }

double SumOf(const FusedSpan& fused) {
  return std::accumulate(fused.probability.begin(), fused.probability.end(), fused.none);
}

TypeThresholds All(double threshold) {
  TypeThresholds thresholds;
  thresholds.fill(threshold);
  return thresholds;
}

TEST(FusionFeaturesTest, SayWhichPartsSpeak) {
  const std::vector<RuleOpinion> rules = {{QQ, 0.9}};
  const double half = 0, nine = LogOddsOf(0.9);
  const SpanReading knows_qq = Saying({{QQ, 0.5}}), sure = Saying({{QQ, 0.9}}),
                    knows_other = Saying({{PERSON, 0.5}});
  struct Case {
    std::string parts;
    SpanOpinions opinions;
    FusionFeatures features;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"both stages", {knows_qq, sure, {}}, {half, nine, 0, 0, 0, 0}},
           {"stage 1", {sure, {}, {}}, {0, 0, nine, 0, 0, 0}},
           {"stage 2 did not know", {sure, knows_other, {}}, {0, 0, nine, 0, 0, 0}},
           {"stage 1 did not know", {knows_other, sure, {}}, {0, 0, nine, 0, 0, 0}},
           {"all", {sure, knows_qq, rules}, {nine, half, 0, nine, 1, 0}},
           {"stage 1 and rule", {knows_qq, {}, rules}, {0, 0, half, nine, 1, 0}},
           {"rule", {{}, {}, rules}, {0, 0, 0, 0, 0, nine}},
           {"rule, of a type that no stage knows", {knows_other, knows_other, rules}, {0, 0, 0, 0, 0, nine}},
       }) {
    const FusionFeatures features = FeaturesOf(c.opinions, QQ);
    for (size_t i = 0; i < kFusionFeatureCount; ++i) {
      EXPECT_NEAR(features[i], c.features[i], 1e-9) << c.parts << ", " << kFusionFeatureNames[i];
    }
  }
}

TEST(FusionTest, OneStageAloneGivesItsOwnProbabilities) {
  const SpanReading reading = Saying({{PERSON, 0.6}, {ORGANIZATION, 0.15}, {ADDRESS, 0.05}});
  for (const SpanOpinions& opinions : {SpanOpinions{reading, {}, {}}, SpanOpinions{{}, reading, {}}}) {
    const FusedSpan fused = Fuse(FusionModel(), opinions);
    EXPECT_NEAR(Of(fused, PERSON), 0.6, 1e-9);
    EXPECT_NEAR(Of(fused, ORGANIZATION), 0.15, 1e-9);
    EXPECT_NEAR(Of(fused, ADDRESS), 0.05, 1e-9);
    EXPECT_NEAR(fused.none, 0.2, 1e-9);
  }
}

TEST(FusionTest, ARuleAloneGivesItsScore) {
  const std::vector<RuleOpinion> rules = {{QQ, 0.7}};
  EXPECT_NEAR(Of(Fuse(FusionModel(), {{}, {}, rules}), QQ), 0.7, 1e-9);
}

TEST(FusionTest, TwoStagesGiveTheMeanOfTheirLogProbabilities) {
  const FusedSpan fused =
      Fuse(FusionModel(),
           {Saying({{PERSON, 0.5}, {ORGANIZATION, 0.2}}), Saying({{PERSON, 0.9}, {ORGANIZATION, 0.01}}), {}});
  const double person = std::sqrt(0.5 * 0.9), organization = std::sqrt(0.2 * 0.01),
               none = std::sqrt(0.3 * 0.09);
  const double sum = person + organization + none;
  EXPECT_NEAR(Of(fused, PERSON), person / sum, 1e-9);
  EXPECT_NEAR(Of(fused, ORGANIZATION), organization / sum, 1e-9);
  EXPECT_NEAR(fused.none, none / sum, 1e-9);
}

TEST(FusionTest, AMatchingRuleSpeaksForItsType) {
  const std::vector<RuleOpinion> rules = {{QQ, 0.5}};
  const SpanReading doubtful = Saying({{QQ, 0.3}, {PHONE_NUMBER, 0.3}});
  const FusedSpan without = Fuse(FusionModel(), {doubtful, doubtful, {}});
  const FusedSpan with = Fuse(FusionModel(), {doubtful, doubtful, rules});
  EXPECT_GT(Of(with, QQ), 0.6);
  EXPECT_LT(Of(with, PHONE_NUMBER), Of(without, PHONE_NUMBER));
}

TEST(FusionTest, ModelsDoNotHushUpATrustedRule) {
  // A card number in a cell of a table: nothing around it tells the models what it is.
  const SpanReading nothing = Saying({{CREDIT_CARD, 0}, {PHONE_NUMBER, 0}});
  const std::vector<RuleOpinion> trusted = {{CREDIT_CARD, 0.8}}, doubtful = {{CREDIT_CARD, 0.4}};
  EXPECT_NEAR(Of(Fuse(FusionModel(), {nothing, nothing, trusted}), CREDIT_CARD), 0.8, 1e-4);
  EXPECT_LT(Of(Fuse(FusionModel(), {nothing, nothing, doubtful}), CREDIT_CARD), 0.01);
  // Where they know better, they name it.
  const SpanReading phone = Saying({{CREDIT_CARD, 0}, {PHONE_NUMBER, 0.99}});
  EXPECT_GT(Of(Fuse(FusionModel(), {phone, phone, trusted}), PHONE_NUMBER), 0.9);
}

// https://deploy:word@host/ is a URL to every reader, and a secret to a rule.
TEST(FusionTest, ModelsDoNotMakeReadableWhatATrustedRuleHides) {
  const SpanReading sure = Saying({{URL, 0.99}, {SECRET, 0.001}});
  const std::vector<RuleOpinion> rules = {{SECRET, 0.96}, {URL, 0.9}};
  const FusedSpan fused = Fuse(FusionModel(), {sure, sure, rules});
  EXPECT_EQ(Of(fused, URL), 0);
  EXPECT_NEAR(Of(fused, SECRET), 0.96, 1e-4);
  const std::vector<RuleOpinion> doubtful = {{SECRET, 0.4}, {URL, 0.9}};
  EXPECT_GT(Of(Fuse(FusionModel(), {sure, sure, doubtful}), URL), 0.9);
}

TEST(FusionTest, APasswordMayLookLikeAnything) {
  const SpanReading sure = Saying({{USERNAME, 0.99}, {PERSON, 0.005}, {SECRET, 0.001}});
  const std::vector<RuleOpinion> rules = {{SECRET, 0.8}};
  const FusedSpan fused = Fuse(FusionModel(), {sure, sure, rules});
  EXPECT_GT(Of(fused, SECRET), 0.99);
  EXPECT_EQ(Of(fused, USERNAME), 0);
  EXPECT_NEAR(SumOf(fused), 1, 1e-9);
  const std::vector<RuleOpinion> doubtful = {{SECRET, 0.4}};
  EXPECT_GT(Of(Fuse(FusionModel(), {sure, sure, doubtful}), USERNAME), 0.9);
}

TEST(FusionTest, BiasMovesOneTypeAndTemperatureFlattensIt) {
  const SpanOpinions opinions = {Saying({{PERSON, 0.8}}), {}, {}};
  FusionModel model;
  model.bias[IndexOf(PERSON)] = -1;
  EXPECT_NEAR(Of(Fuse(model, opinions), PERSON), ProbabilityOf(LogOddsOf(0.8) - 1), 1e-9);
  model.temperature[IndexOf(PERSON)] = 2;
  EXPECT_NEAR(Of(Fuse(model, opinions), PERSON), ProbabilityOf((LogOddsOf(0.8) - 1) / 2), 1e-9);
}

struct RandomOpinions {
  SpanOpinions opinions;
  std::vector<RuleOpinion> rules;
};
constexpr EntityType kTypes[] = {PERSON, ORGANIZATION, QQ, PHONE_NUMBER};

FusionModel RandomModel(std::mt19937* random) {
  std::uniform_real_distribution<double> weight(0, 2);
  FusionModel model;
  for (double& w : model.weights) w = weight(*random);
  for (double& b : model.bias) b = weight(*random) - 1;
  for (double& t : model.temperature) t = 0.1 + weight(*random);
  return model;
}

SpanReading RandomReading(std::mt19937* random) {
  SpanReading reading;
  std::uniform_real_distribution<double> log_odds(-kMostLogOdds, kMostLogOdds);
  for (const EntityType type : kTypes) {
    if ((*random)() % 4 == 0) continue;
    reading.known.set(IndexOf(type));
    reading.log_odds[IndexOf(type)] = log_odds(*random);
  }
  return reading;
}

void Fill(RandomOpinions* all, std::mt19937* random) {
  if ((*random)() % 3 != 0) all->opinions.stage1 = RandomReading(random);
  if ((*random)() % 3 != 0) all->opinions.stage2 = RandomReading(random);
  for (const EntityType type : kTypes) {
    if ((*random)() % 3 == 0)
      all->rules.push_back({type, std::uniform_real_distribution<double>(0, 1)(*random)});
  }
  all->opinions.rules = all->rules;
}

TEST(FusionTest, GivesProbabilitiesThatSumToOne) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    FusionModel model = RandomModel(&random);
    if (round % 5 == 0)
      model.weights.fill(100), model.temperature.fill(0.05);  // the most that a file may say
    RandomOpinions all;
    Fill(&all, &random);
    const FusedSpan fused = Fuse(model, all.opinions);
    ASSERT_NEAR(SumOf(fused), 1, 1e-9);
    for (const double probability : fused.probability) ASSERT_TRUE(probability >= 0 && probability <= 1);
  }
}

TEST(FusionTest, MoreEvidenceForATypeNeverLowersItNorRaisesAnother) {
  std::mt19937 random(2);
  size_t raised = 0;
  for (int round = 0; round < 5000; ++round) {
    const FusionModel model = RandomModel(&random);
    RandomOpinions all;
    Fill(&all, &random);
    const FusedSpan before = Fuse(model, all.opinions);
    const EntityType type = kTypes[random() % 4];
    const double step = std::uniform_real_distribution<double>(0, 5)(random);
    const auto raise = [&](std::optional<SpanReading>* stage) {
      if (!stage->has_value() || !(*stage)->known.test(IndexOf(type))) return;
      (*stage)->log_odds[IndexOf(type)] += step;
      ++raised;
    };
    if (round % 3 == 0) raise(&all.opinions.stage1);
    if (round % 3 == 1) raise(&all.opinions.stage2);
    for (RuleOpinion& rule : all.rules) {
      // Where a rule becomes trusted, it decides which types are in question.
      const double most = rule.score < kTrustedRuleScore ? kTrustedRuleScore - 1e-9 : 1;
      if (round % 3 == 2 && rule.type == type) rule.score += (most - rule.score) / 2, ++raised;
    }
    const FusedSpan after = Fuse(model, all.opinions);
    for (const EntityType other : kTypes) {
      if (other == type) {
        ASSERT_GE(Of(after, other), Of(before, other) - 1e-12);
      } else {
        ASSERT_LE(Of(after, other), Of(before, other) + 1e-12);
      }
    }
  }
  EXPECT_GT(raised, 1000u);
}

TEST(JudgeTest, NamesTheMostProbableTypeThatReachesItsThreshold) {
  FusedSpan fused;
  fused.probability[IndexOf(PERSON)] = 0.3;
  fused.probability[IndexOf(ORGANIZATION)] = 0.6;
  fused.none = 0.1;
  TypeThresholds thresholds = All(0.2);
  std::optional<Judgement> judgement = Judge(fused, thresholds);
  ASSERT_TRUE(judgement.has_value());
  EXPECT_EQ(judgement->type, ORGANIZATION);
  EXPECT_EQ(judgement->probability, 0.6);

  thresholds[IndexOf(ORGANIZATION)] = 0.7;
  judgement = Judge(fused, thresholds);
  ASSERT_TRUE(judgement.has_value());
  EXPECT_EQ(judgement->type, PERSON);
  EXPECT_EQ(judgement->probability, 0.3);

  thresholds[IndexOf(PERSON)] = 0.5;
  EXPECT_FALSE(Judge(fused, thresholds).has_value());
}

TEST(JudgeTest, WhatATrustedRuleFoundIsReportedWhereReadersDisagreeOnItsNameAlone) {
  FusedSpan fused;
  fused.probability[IndexOf(BANK_CARD)] = 0.46;
  fused.probability[IndexOf(CN_RESIDENT_ID)] = 0.44;
  fused.none = 0.1;
  EXPECT_FALSE(Judge(fused, All(0.5)).has_value());
  const std::optional<Judgement> judgement = JudgeTrusted(fused, All(0.5));
  ASSERT_TRUE(judgement.has_value());
  EXPECT_EQ(judgement->type, BANK_CARD);
  EXPECT_DOUBLE_EQ(judgement->probability, 0.9);
  EXPECT_FALSE(JudgeTrusted(fused, All(0.91)).has_value());
  const std::optional<Judgement> named = JudgeTrusted(fused, All(0.45));
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(named->probability, 0.46);
  EXPECT_FALSE(JudgeTrusted(FusedSpan(), All(0)).has_value());
}

TEST(JudgeTest, NeverNamesATypeThatNobodySpokeOf) { EXPECT_FALSE(Judge(FusedSpan(), All(0)).has_value()); }

}  // namespace
}  // namespace privet
