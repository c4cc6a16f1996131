#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "stage2_filter/fusion.h"
#include "training/data/record_reader.h"
#include "training/data/sampler.h"
#include "training/judge/calibrate.h"
#include "training/judge/fit_fusion.h"
#include "training/judge/judge_bundle.h"
#include "training/judge/judged_text.h"
#include "training/judge/pr_curve.h"
#include "training/judge/report.h"
#include "training/judge/risk_control.h"

namespace privet {
namespace {

using testing::HasSubstr;

constexpr EntityType kPerson = EntityType::PERSON;
constexpr EntityType kAddress = EntityType::ADDRESS;

TypeSet Judged() {
  TypeSet types;
  types.set(IndexOf(kPerson));
  types.set(IndexOf(kAddress));
  return types;
}

SpanReading Reading(double person, double address = 0.001) {
  std::array<double, kEntityTypeCount> probabilities{};
  probabilities[IndexOf(kPerson)] = person;
  probabilities[IndexOf(kAddress)] = address;
  return ReadingOf(Judged(), probabilities);
}

// Proposed by stage 1 as a person.
SpanOpinion Opinion(Span span, double stage1, std::optional<double> stage2 = {}) {
  SpanOpinion opinion;
  opinion.span = span;
  opinion.proposed.set(IndexOf(kPerson));
  opinion.stage1 = Reading(stage1);
  if (stage2.has_value()) opinion.stage2 = Reading(*stage2);
  return opinion;
}

TypeThresholds Least(double score) {
  TypeThresholds scores;
  scores.fill(score);
  return scores;
}

JudgedText Text(const std::string& line, std::vector<SpanOpinion> opinions) {
  return {ParseRecord(line).value(), std::move(opinions)};
}

// ---- curves

TEST(PrCurveTest, IsThatOfCountingAtEachThreshold) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<std::pair<double, bool>> found;
  for (int i = 0; i < 200; ++i)
    found.emplace_back(std::round(uniform(random) * 20) / 20, uniform(random) < 0.5);
  for (const CurvePoint& point : PrCurve(found, 150)) {
    int count = 0;
    int right = 0;
    for (const auto& [score, is_right] : found) {
      count += score >= point.threshold;
      right += score >= point.threshold && is_right;
    }
    EXPECT_NEAR(point.precision, static_cast<double>(right) / count, 1e-12);
    EXPECT_NEAR(point.recall, right / 150.0, 1e-12);
  }
}

TEST(PrCurveTest, PicksAndSums) {
  const std::vector<CurvePoint> curve = {{0.9, 1, 0.2}, {0.5, 0.9, 0.6}, {0.1, 0.5, 0.8}};
  EXPECT_EQ(RecallAtPrecision(curve, 0.9), 0.6);
  EXPECT_EQ(RecallAtPrecision(curve, 1.1), 0);
  EXPECT_EQ(PrecisionAtRecall(curve, 0.7), 0.5);
  EXPECT_NEAR(AveragePrecision(curve), 0.2 * 1 + 0.4 * 0.9 + 0.2 * 0.5, 1e-12);
}

TEST(PrCurveTest, CalibrationErrorIsZeroWhereScoresAreShares) {
  std::vector<std::pair<double, bool>> found;
  for (int i = 0; i < 10; ++i) found.emplace_back(0.7, i < 7);
  EXPECT_NEAR(CalibrationError(found), 0, 1e-12);
  for (auto& [score, right] : found) score = 0.95;
  EXPECT_NEAR(CalibrationError(found), 0.25, 1e-12);
}

// ---- matching

TEST(MatchTest, CountsExactTouchingAndNoticed) {
  const JudgedText text =
      Text(R"({"text": "Ann Lee, Main Road 5", "spans": [[0, 7, "PERSON"], [9, 20, "ADDRESS"]]})", {});
  const auto finding = [](Span span, EntityType type) { return Finding{span, type, 0.9, false, {}}; };
  Scores scores;
  CountMatches(text.record, {finding({0, 3}, kPerson), finding({9, 20}, kPerson)}, Judged(), &scores);
  EXPECT_EQ(scores.micro.gold, 2);
  EXPECT_EQ(scores.micro.found, 2);
  EXPECT_EQ(scores.micro.exact, 0);
  EXPECT_EQ(scores.micro.gold_touched, 1);
  EXPECT_EQ(scores.micro.found_touching, 1);
  EXPECT_EQ(scores.micro.gold_noticed, 2);
  CountMatches(text.record, {finding({9, 20}, kAddress)}, Judged(), &scores);
  EXPECT_EQ(scores.by_type[kAddress].exact, 1);
}

TEST(MatchTest, WhatIsNotCoveredOrNotAskedForIsNotJudged) {
  const JudgedText text = Text(R"({"text": "Ann", "spans": [[0, 3, "PERSON"]], "covers": ["PERSON"]})", {});
  Scores scores;
  CountMatches(text.record, {{{0, 3}, kAddress, 0.9, false, {}}, {{0, 2}, EntityType::IBAN, 0.9, false, {}}},
               Judged(), &scores);
  EXPECT_EQ(scores.micro.found, 0);
  EXPECT_EQ(scores.micro.gold, 1);
}

// ---- parts and causes

TEST(DecideTest, EachPartSpeaksAlone) {
  SpanOpinion opinion = Opinion({0, 3}, 0.9, 0.1);
  opinion.rules.push_back({{0, 3}, kPerson, 0.7, false, {Evidence{"rule", 0.7, "", "", {}}}});
  const JudgedText text = Text(R"({"text": "Ann", "spans": []})", {opinion});
  const FusionModel fusion;
  const auto score = [&](Parts parts) {
    const auto findings = Decide(text, parts, fusion, Least(0.06));
    return findings.empty() ? 0.0 : findings[0].score;
  };
  EXPECT_NEAR(score(Parts::Rules), 0.7, 1e-6);
  EXPECT_NEAR(score(Parts::Stage1), 0.9, 0.01);
  EXPECT_GT(score(Parts::Stage1AndRules), 0.9);
  EXPECT_LT(score(Parts::Pipeline), score(Parts::Stage1AndRules)) << "stage 2 is against it";
}

TEST(ExplainMissesTest, EveryMissHasOneCause) {
  const FusionModel fusion;
  const auto cause = [&](std::vector<SpanOpinion> opinions, double least) {
    const JudgedText text =
        Text(R"({"text": "Ann Lee and Bob", "spans": [[0, 7, "PERSON"]]})", std::move(opinions));
    const auto findings = Decide(text, Parts::Pipeline, fusion, Least(least));
    const auto misses = ExplainMisses(text, findings, fusion, Least(least), Judged());
    return misses.empty() ? "none" : std::string(kMissCauseNames[static_cast<size_t>(misses[0].second)]);
  };
  EXPECT_EQ(cause({}, 0.5), "no candidate");
  EXPECT_EQ(cause({Opinion({12, 15}, 0.9)}, 0.5), "no candidate");
  EXPECT_EQ(cause({Opinion({0, 3}, 0.9)}, 0.5), "border");
  EXPECT_EQ(cause({Opinion({0, 7}, 0.3)}, 0.5), "threshold");
  EXPECT_EQ(cause({Opinion({0, 7}, 0.8, 0.01)}, 0.5), "stage 2");
  EXPECT_EQ(cause({Opinion({0, 7}, 0.9)}, 0.5), "none");
  SpanOpinion address = Opinion({0, 7}, 0.02);
  address.stage1 = Reading(0.02, 0.95);
  address.proposed.set(IndexOf(kAddress));
  EXPECT_EQ(cause({address}, 0.5), "type");
  EXPECT_EQ(cause({Opinion({0, 7}, 0.55), Opinion({0, 3}, 0.99)}, 0.5), "selection");
}

// ---- fusion

std::vector<FusionExample> DrawExamples(const FusionModel& truth, int count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 2);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<FusionExample> examples;
  for (int i = 0; i < count; ++i) {
    FusionExample example;
    std::vector<double> mass = {1};
    double sum = 1;
    for (const EntityType type : {kPerson, kAddress}) {
      FusionFeatures features{};
      features[static_cast<size_t>(FusionFeature::Stage1)] = normal(random);
      features[static_cast<size_t>(FusionFeature::Stage2)] = normal(random);
      double logit = truth.bias[IndexOf(type)];
      for (size_t f = 0; f < kFusionFeatureCount; ++f) logit += truth.weights[f] * features[f];
      mass.push_back(std::exp(logit));
      sum += mass.back();
      example.options.push_back({type, features});
    }
    double draw = uniform(random) * sum;
    for (int option = 0; option < 3; ++option) {
      draw -= mass[static_cast<size_t>(option)];
      if (draw < 0) {
        example.truth = option - 1;
        break;
      }
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

TEST(FitFusionTest, TheGradientIsThatOfFiniteDifferences) {
  FusionModel model;
  model.bias[IndexOf(kPerson)] = 0.3;
  model.temperature[IndexOf(kAddress)] = 1.7;
  const auto examples = DrawExamples(model, 50, 2);
  std::vector<double> gradient;
  FusionLoss(examples, model, &gradient);
  const auto check = [&](double* value, double expected) {
    const double before = *value;
    *value = before + 1e-5;
    const double above = FusionLoss(examples, model, nullptr);
    *value = before - 1e-5;
    const double below = FusionLoss(examples, model, nullptr);
    *value = before;
    EXPECT_NEAR(expected, (above - below) / 2e-5, 1e-6);
  };
  for (size_t f = 0; f < kFusionFeatureCount; ++f) check(&model.weights[f], gradient[f]);
  check(&model.bias[IndexOf(kPerson)], gradient[kFusionFeatureCount + IndexOf(kPerson)]);
  check(&model.bias[IndexOf(kAddress)], gradient[kFusionFeatureCount + IndexOf(kAddress)]);
}

TEST(FitFusionTest, FindsTheModelThatDrewTheExamples) {
  FusionModel truth;
  truth.weights[static_cast<size_t>(FusionFeature::Stage1)] = 0.3;
  truth.weights[static_cast<size_t>(FusionFeature::Stage2)] = 0.9;
  truth.bias[IndexOf(kPerson)] = -0.5;
  const FusionFit fit = FitFusion(DrawExamples(truth, 6000, 3));
  EXPECT_NEAR(fit.model.weights[static_cast<size_t>(FusionFeature::Stage1)], 0.3, 0.06);
  EXPECT_NEAR(fit.model.weights[static_cast<size_t>(FusionFeature::Stage2)], 0.9, 0.08);
  EXPECT_NEAR(fit.model.bias[IndexOf(kPerson)], -0.5, 0.12);
  EXPECT_EQ(fit.model.weights[static_cast<size_t>(FusionFeature::Rule)],
            FusionModel().weights[static_cast<size_t>(FusionFeature::Rule)])
      << "no rule spoke";
  EXPECT_LT(fit.loss_after, fit.loss_before);
}

TEST(FitFusionTest, ATemperatureCoolsWhatIsTooSure) {
  FusionModel truth;
  truth.weights[static_cast<size_t>(FusionFeature::Stage1)] = 0.25;
  truth.weights[static_cast<size_t>(FusionFeature::Stage2)] = 0.25;
  FusionModel model;  // twice as sure
  FitTemperatures(DrawExamples(truth, 3000, 4), &model);
  EXPECT_NEAR(model.temperature[IndexOf(kPerson)], 2, 0.5);
}

// ---- risk control

TEST(RiskControlTest, KeepsThePromiseOnFreshDraws) {
  // A document's loss grows with the threshold as its own random line; the promise is about the mean over
  // draws.
  constexpr double kAlpha = 0.1;
  constexpr int kThresholds = 60;
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(0, 1);
  const auto draw = [&] {
    std::vector<double> loss(kThresholds);
    const double start = uniform(random);
    for (int t = 0; t < kThresholds; ++t)
      loss[static_cast<size_t>(t)] = std::clamp((t / 60.0 - start) * 3, 0.0, 1.0);
    return loss;
  };
  double risk = 0;
  constexpr int kRepetitions = 2000;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<std::vector<double>> losses(kThresholds, std::vector<double>(30));
    for (size_t i = 0; i < 30; ++i) {
      const auto loss = draw();
      for (size_t t = 0; t < kThresholds; ++t) losses[t][i] = loss[t];
    }
    const auto chosen = HighestSafeThreshold(losses, kAlpha);
    ASSERT_TRUE(chosen.has_value());
    risk += draw()[*chosen];
  }
  EXPECT_LT(risk / kRepetitions, kAlpha + 0.01);
  EXPECT_GT(risk / kRepetitions, kAlpha / 3) << "not by reporting everything";
}

TEST(RiskControlTest, RefusesWhatTooFewDocumentsCannotShow) {
  EXPECT_EQ(LeastDocuments(0.05), 19);
  EXPECT_FALSE(HighestSafeThreshold({std::vector<double>(18, 0.0)}, 0.05).has_value());
  EXPECT_EQ(HighestSafeThreshold({std::vector<double>(19, 0.0)}, 0.05), 0U);
}

TEST(RiskControlTest, ALossThatFallsAgainIsLiftedToWhatWasBefore) {
  const std::vector<std::vector<double>> losses = {std::vector<double>(99, 0.0), std::vector<double>(99, 0.5),
                                                   std::vector<double>(99, 0.0)};
  EXPECT_EQ(HighestSafeThreshold(losses, 0.05), 0U);
}

// ---- the whole

// Documents in which stage 1 is too sure and stage 2 knows better.
std::vector<JudgedText> Documents(int count) {
  std::mt19937 random(6);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<JudgedText> texts;
  for (int i = 0; i < count; ++i) {
    const bool second_is_true = uniform(random) < 0.5;
    std::vector<SpanOpinion> opinions;
    for (const auto& [span, is_true] :
         {std::pair(Span{0, 7}, true), std::pair(Span{12, 15}, second_is_true)}) {
      const double stage1 = is_true ? 0.6 + 0.4 * uniform(random) : 0.3 + 0.6 * uniform(random);
      const double stage2 = is_true ? 0.3 + 0.7 * uniform(random) : 0.01 + 0.5 * uniform(random);
      opinions.push_back(Opinion(span, std::min(stage1, 0.999), std::min(stage2, 0.999)));
    }
    texts.push_back(Text(
        second_is_true ? R"({"text": "Ann Lee and Bob", "spans": [[0, 7, "PERSON"], [12, 15, "PERSON"]]})"
                       : R"({"text": "Ann Lee and Bob", "spans": [[0, 7, "PERSON"]]})",
        opinions));
  }
  return texts;
}

TEST(CalibrateTest, FitsAndOrdersTheOperatingPoints) {
  const auto result = Calibrate(Documents(400), Judged(), {});
  ASSERT_TRUE(result.ok()) << result.status().message();
  EXPECT_TRUE(result->bound_holds);
  EXPECT_LT(result->recall_miss, 0.05);
  EXPECT_LT(result->loss_after, result->loss_before);
  ASSERT_EQ(result->operating_points.size(), 3);
  EXPECT_LE(result->operating_points[0].min_score, MinScoreOf(result->operating_points[2], kPerson));
  EXPECT_LE(MinScoreOf(result->operating_points[1], kPerson),
            MinScoreOf(result->operating_points[2], kPerson));
  EXPECT_EQ(result->fitted_on + result->bounded_on, 400);
}

TEST(CalibrateTest, SaysHowManyDocumentsItNeeds) {
  EXPECT_THAT(std::string(Calibrate(Documents(20), Judged(), {}).status().message()),
              HasSubstr("Bring about 38 documents with entities"));
}

TEST(ManifestTest, WhatIsWrittenReadsBackTheSame) {
  const char* const yaml =
      "name: zh\nversion: \"1\"\ntypes: [PERSON, ADDRESS]\nstage1: {folder: stage1, base: ../base}\n"
      "stage2: {folder: stage2, head: span}\nwindows: {max_tokens: 256, overlap_tokens: 32}\n"
      "operating_points:\n  balanced: {description: \"a: b\", tau: 0.05, min_score: {default: 0.5, PERSON: "
      "0.4}}\n"
      "calibration:\n  fusion:\n    weights: {stage1: 0.6, stage2: 0.8, alone: 0.9, rule: 1.1, rule_present: "
      "1.7, rule_alone: 1}\n"
      "    bias: {PERSON: -0.2}\n  documents: 10\n  alpha: 0.05\n  operating_point: balanced\ncard: {data: "
      "some}\n";
  const auto manifest = ParseBundleManifest(yaml, "/bundle");
  ASSERT_TRUE(manifest.ok()) << manifest.status().message();
  const std::string written = WriteBundleManifest(*manifest, "/bundle");
  const auto again = ParseBundleManifest(written, "/bundle");
  ASSERT_TRUE(again.ok()) << again.status().message() << "\n" << written;
  EXPECT_EQ(WriteBundleManifest(*again, "/bundle"), written);
  EXPECT_EQ(again->stage1.base, manifest->stage1.base);
  EXPECT_EQ(again->calibration.fusion.weights, manifest->calibration.fusion.weights);
  EXPECT_EQ(again->calibration.fusion.bias, manifest->calibration.fusion.bias);
  EXPECT_EQ(again->windows.max_tokens, 256);
}

TEST(ReportTest, ThePageHasTextsOnlyWhenAskedAndNothingFromOutside) {
  BundleManifest manifest;
  manifest.name = "a<b";
  manifest.version = "1";
  manifest.stage2.emplace();
  OperatingPoint point;
  point.name = "balanced";
  const auto texts = Documents(10);
  const Evaluation evaluation = Evaluate(texts, manifest, point, Judged(), {"Bob"});
  const std::string without = EvaluationHtml(evaluation, {}, manifest, point, Judged());
  EXPECT_EQ(without.find("Ann"), std::string::npos);
  EXPECT_THAT(without, HasSubstr("a&lt;b"));
  EXPECT_EQ(without.find("http"), std::string::npos);
  EXPECT_THAT(EvaluationHtml(evaluation, texts, manifest, point, Judged()),
              HasSubstr("<mark class='right' title='PERSON'>Ann Lee"));
  EXPECT_EQ(EvaluationTable(evaluation).find("Ann"), std::string::npos);
  EXPECT_THAT(EvaluationTable(evaluation), HasSubstr("average of both stages"));
  EXPECT_GT(evaluation.seen.second, 0);
  EXPECT_GT(evaluation.unseen.second, 0);
  EXPECT_TRUE(EvaluationJson(evaluation).contains("misses"));
}

}  // namespace
}  // namespace privet
