#include "training/judge/fusion_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/training_judge/sample_texts.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::array<EntityType, 3> kTypes = {PERSON, LOCATION, PHONE_NUMBER};

size_t At(FusionFeature feature) { return static_cast<size_t>(feature); }

// Spans of which both stages, and of some a rule, say something; what they are is drawn from `truth`.
std::vector<FusionSample> Draw(const FusionModel& truth, size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> log_odds(-1, 3);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<FusionSample> samples(count);
  for (FusionSample& sample : samples) {
    for (const EntityType type : kTypes) {
      FusionFeatures features{};
      features[At(FusionFeature::Stage1)] = log_odds(random);
      features[At(FusionFeature::Stage2)] = log_odds(random);
      if (type == PHONE_NUMBER && uniform(random) < 0.3) {
        features[At(FusionFeature::Rule)] = log_odds(random);
        features[At(FusionFeature::RulePresent)] = 1;
      }
      sample.types.push_back({type, features});
    }
    std::array<double, 3> logits{};
    double sum = 1;
    for (size_t i = 0; i < 3; ++i) {
      double logit = truth.bias[IndexOf(kTypes[i])];
      for (size_t f = 0; f < kFusionFeatureCount; ++f)
        logit += truth.weights[f] * sample.types[i].features[f];
      sum += logits[i] = std::exp(logit / truth.temperature[IndexOf(kTypes[i])]);
    }
    double draw = uniform(random) * sum;
    for (size_t i = 0; i < 3 && !sample.truth.has_value(); ++i) {
      if (draw < logits[i]) sample.truth = kTypes[i];
      draw -= logits[i];
    }
  }
  return samples;
}

FusionModel Known() {
  FusionModel model;
  model.weights = {0.3, 1.1, 1, 0.7, 1.5, 1};
  model.bias[IndexOf(PERSON)] = -1;
  model.bias[IndexOf(LOCATION)] = 0.5;
  return model;
}

TEST(FusionFitTest, GradientAndHessianAreThoseOfTheLoss) {
  const auto samples = Draw(Known(), 40, 1);
  FusionModel model = Known();
  model.weights = {0.7, 0.2, 1, 0.4, -0.5, 1};
  const FusionPrior prior = {.weights = 0.3, .biases = 0.7};
  const FusionLoss loss = FusionLossOf(model, samples, prior);
  const size_t parameters = loss.gradient.size();
  const auto shifted = [&](size_t i, double by) {
    FusionModel other = model;
    (i < kFusionFeatureCount ? other.weights[i] : other.bias[i - kFusionFeatureCount]) += by;
    return FusionLossOf(other, samples, prior);
  };
  constexpr double kStep = 1e-5;
  for (size_t i = 0; i < parameters; ++i) {
    const FusionLoss up = shifted(i, kStep), down = shifted(i, -kStep);
    EXPECT_NEAR(loss.gradient[i], (up.value - down.value) / (2 * kStep), 1e-5) << i;
    for (size_t j = 0; j < parameters; ++j) {
      EXPECT_NEAR(loss.hessian[i * parameters + j], (up.gradient[j] - down.gradient[j]) / (2 * kStep), 1e-4);
    }
  }
}

TEST(FusionFitTest, FindsTheWeightsThatMadeTheData) {
  const FusionModel truth = Known();
  const FusionModel fitted = FitFusion(Draw(truth, 20000, 2));
  for (const FusionFeature f : {FusionFeature::Stage1, FusionFeature::Stage2, FusionFeature::Rule})
    EXPECT_NEAR(fitted.weights[At(f)], truth.weights[At(f)], 0.05) << At(f);
  EXPECT_NEAR(fitted.weights[At(FusionFeature::RulePresent)], 1.5, 0.2);
  for (const EntityType type : kTypes)
    EXPECT_NEAR(fitted.bias[IndexOf(type)], truth.bias[IndexOf(type)], 0.15);
  // What never occurs stays.
  EXPECT_EQ(fitted.weights[At(FusionFeature::Alone)], FusionModel().weights[At(FusionFeature::Alone)]);
  EXPECT_EQ(fitted.bias[IndexOf(ADDRESS)], 0);
}

TEST(FusionFitTest, ABiasTakesMoreSamplesThanAWeight) {
  const FusionModel truth = Known();
  const FusionModel few = FitFusion(Draw(truth, 200, 5)), many = FitFusion(Draw(truth, 20000, 5));
  EXPECT_NEAR(few.weights[At(FusionFeature::Stage1)], truth.weights[At(FusionFeature::Stage1)], 0.3);
  EXPECT_LT(many.bias[IndexOf(PERSON)], 0.8 * truth.bias[IndexOf(PERSON)]) << "which is negative";
  EXPECT_GT(few.bias[IndexOf(PERSON)], 0.5 * truth.bias[IndexOf(PERSON)]);
}

TEST(FusionFitTest, AStageThatMisleadsGetsNoWeightInsteadOfANegativeOne) {
  FusionModel truth = Known();
  truth.weights[At(FusionFeature::Stage2)] = -0.5;
  const auto samples = Draw(truth, 3000, 3);
  const FusionModel fitted = FitFusion(samples);
  EXPECT_EQ(fitted.weights[At(FusionFeature::Stage2)], 0);
  // The best within the bounds: along every other parameter the loss is flat.
  const FusionLoss loss = FusionLossOf(fitted, samples, FusionPrior());
  EXPECT_GT(loss.gradient[At(FusionFeature::Stage2)], 0);
  for (size_t i = 0; i < loss.gradient.size(); ++i) {
    if (i != At(FusionFeature::Stage2)) EXPECT_NEAR(loss.gradient[i], 0, 1e-2) << i;
  }
}

TEST(FusionFitTest, DataThatCanBePartedHasAFiniteFitAndNoDataTheDefaults) {
  FusionSample yes, no;
  FusionFeatures high{}, low{};
  high[At(FusionFeature::Stage1)] = 5;
  low[At(FusionFeature::Stage1)] = -5;
  yes.types = {{PERSON, high}};
  yes.truth = PERSON;
  no.types = {{PERSON, low}};
  const FusionModel fitted = FitFusion(std::vector<FusionSample>{yes, no, yes, no});
  EXPECT_GE(fitted.weights[At(FusionFeature::Stage1)], 0.5);
  EXPECT_LT(fitted.weights[At(FusionFeature::Stage1)], 2);
  EXPECT_EQ(FitFusion({}).weights, FusionModel().weights);
}

TEST(FusionFitTest, TemperatureIsTheOneThatMadeTheData) {
  FusionModel truth = Known();
  truth.temperature[IndexOf(PERSON)] = 2.5;
  truth.temperature[IndexOf(LOCATION)] = 0.6;
  const auto samples = Draw(truth, 20000, 4);
  FusionModel model = Known();
  const double before = MeanLoss(model, samples);
  FitTemperatures(samples, 50, &model);
  EXPECT_NEAR(model.temperature[IndexOf(PERSON)], 2.5, 0.2);
  EXPECT_NEAR(model.temperature[IndexOf(LOCATION)], 0.6, 0.05);
  EXPECT_NEAR(model.temperature[IndexOf(PHONE_NUMBER)], 1, 0.1);
  EXPECT_LT(MeanLoss(model, samples), before);
  FusionModel rare = Known();
  FitTemperatures(samples, 100000, &rare);
  EXPECT_EQ(rare.temperature, FusionModel().temperature);
}

TEST(FusionFitTest, ALossIsWhatFuseGives) {
  const std::string text = "王小明 13800138000";
  ProposedSpan person = ProposedBy(text, "王小明", PERSON, 0.7, 0.9);
  ProposedSpan phone = ProposedBy(text, "13800138000", PHONE_NUMBER, 0.4);
  phone.stage1 = Says(PHONE_NUMBER, 0.4, {PERSON, PHONE_NUMBER});
  phone.rules = {FindingOf(text, "13800138000", PHONE_NUMBER, 0.8)};
  const JudgedText judged = {RecordOf(text, {{"13800138000", PHONE_NUMBER}}), {person, phone}};
  std::vector<FusionSample> samples;
  AppendSamples(judged, BothStages(0.5), TypeSet().set(IndexOf(PERSON)).set(IndexOf(LOCATION)), &samples);
  ASSERT_THAT(samples, SizeIs(2));
  const FusionModel model = Known();
  const std::vector<RuleOpinion> rules = {{PHONE_NUMBER, 0.8}};
  const double none = Fuse(model, {person.stage1, person.stage2, {}}).none;
  const double number = Fuse(model, {phone.stage1, {}, rules}).probability[IndexOf(PHONE_NUMBER)];
  EXPECT_NEAR(MeanLoss(model, samples), -(std::log(none) + std::log(number)) / 2, 1e-9);
}

TEST(FusionFitTest, OfWhatARecordDoesNotCoverOnlyMarkedEntitiesTeach) {
  const std::string text = "王小明和北京市";
  JudgedText judged = {RecordOf(text, {}), {ProposedBy(text, "王小明", PERSON, 0.7, 0.9)}};
  judged.record.covers = TypeSet().set(IndexOf(LOCATION));
  std::vector<FusionSample> samples;
  AppendSamples(judged, BothStages(0.5), TypeSet(), &samples);
  EXPECT_THAT(samples, IsEmpty());
  judged.record.spans = {{SpanOf(text, "王小明"), PERSON}};
  AppendSamples(judged, BothStages(0.5), TypeSet(), &samples);
  EXPECT_THAT(samples, SizeIs(1));
}

}  // namespace
}  // namespace privet
