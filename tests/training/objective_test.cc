#include "training/learn/objective.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>
#include <string>

namespace privet {
namespace {

const std::vector<EntityType> kTypes = {EntityType::PERSON, EntityType::ADDRESS};

class ObjectiveTest : public testing::Test {
 protected:
  ObjectiveTest() : scheme_(LabelScheme::FromLabels(BioesLabels(kTypes)).value()) {
    // "O B-PERSON E-PERSON", and "S-ADDRESS O" of a source that marks no persons.
    one_.labels = {0, 1, 3};
    one_.ids = {0, 0, 0};
    two_.labels = {8, 0};
    two_.ids = {0, 0};
    two_.open_types.set(IndexOf(EntityType::PERSON));
  }

  LabelObjective Make(const TrainingConfig& config) {
    return LabelObjective::Create(config, scheme_, std::vector<double>(9, 1.0 / 9)).value();
  }
  static TrainingConfig Config(const char* kind) {
    TrainingConfig config;
    config.objective = kind;
    return config;
  }

  LabelScheme scheme_;
  Example one_;
  Example two_;
};

TEST_F(ObjectiveTest, CrossEntropyIsTheMeanOfNegativeLogProbabilities) {
  const at::Tensor logits = at::randn({3, 9});
  const Targets targets = TargetsOf({&one_}, scheme_);
  const LabelObjective objective = Make(Config("cross_entropy"));
  const at::Tensor log_p = at::log_softmax(logits, 1);
  const double expected = -(log_p[0][0] + log_p[1][1] + log_p[2][3]).item<double>();
  EXPECT_NEAR(objective.SummedLoss(logits, targets).item<double>(), expected, 1e-5);
  EXPECT_EQ(objective.Weight(targets), 3);
}

TEST_F(ObjectiveTest, OutsideOfAnOpenTypeAlsoAllowsThatType) {
  const at::Tensor logits = at::randn({2, 9});
  const Targets targets = TargetsOf({&two_}, scheme_);
  const at::Tensor p = logits.softmax(1);
  const double open = (p[1][0] + p[1][1] + p[1][2] + p[1][3] + p[1][4]).item<double>();
  EXPECT_NEAR(Make(Config("cross_entropy")).SummedLoss(logits, targets).item<double>(),
              -std::log(p[0][8].item<double>()) - std::log(open), 1e-5);
}

TEST_F(ObjectiveTest, AnUnknownLabelCostsNothing) {
  Example unknown = one_;
  unknown.labels = {kAnyLabel, kAnyLabel, kAnyLabel};
  for (const char* const kind : {"cross_entropy", "chain"}) {
    const double loss =
        Make(Config(kind)).SummedLoss(at::randn({3, 9}), TargetsOf({&unknown}, scheme_)).item<double>();
    EXPECT_NEAR(loss, 0, 1e-5) << kind;
  }
}

TEST_F(ObjectiveTest, WeightsMultiply) {
  TrainingConfig config = Config("cross_entropy");
  config.entity_weight = 3;
  config.type_weights = {"PERSON=2"};
  EXPECT_EQ(Make(config).Weight(TargetsOf({&one_}, scheme_)), 1 + 6 + 6);
}

// "O B-PERSON E-PERSON", in which a model took the first for an entity, and half missed the person.
TEST_F(ObjectiveTest, WhatAModelGotWrongWeighsMoreByItsDoubt) {
  TrainingConfig config = Config("cross_entropy");
  config.hard_negative_weight = 4;
  config.hard_positive_weight = 3;
  Example hard = one_;
  hard.doubt = {0.75, 0.5, 0.5};
  EXPECT_DOUBLE_EQ(Make(config).Weight(TargetsOf({&hard}, scheme_)), (1 + 3 * 0.75) + 2 * (1 + 2 * 0.5));
  // Beside one that no model was asked about.
  EXPECT_DOUBLE_EQ(Make(config).Weight(TargetsOf({&one_, &hard, &one_}, scheme_)), 3 + 7.25 + 3);
  EXPECT_DOUBLE_EQ(Make(Config("cross_entropy")).Weight(TargetsOf({&hard}, scheme_)), 3);

  const at::Tensor logits = at::randn({3, 9});
  const at::Tensor log_p = at::log_softmax(logits, 1);
  EXPECT_NEAR(Make(config).SummedLoss(logits, TargetsOf({&hard}, scheme_)).item<double>(),
              -(3.25 * log_p[0][0] + 2 * log_p[1][1] + 2 * log_p[2][3]).item<double>(), 1e-5);
}

TEST_F(ObjectiveTest, ClassWeightsAreOneOnAverageOverTheTrainingTokens) {
  TrainingConfig config = Config("cross_entropy");
  config.class_weights = "counts";
  const LabelObjective objective =
      LabelObjective::Create(config, scheme_, {0.9, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.03}).value();
  Example frequent = one_;
  frequent.labels = {0};
  Example rare = one_;
  rare.labels = {1};
  const double outside = objective.Weight(TargetsOf({&frequent}, scheme_));
  const double entity = objective.Weight(TargetsOf({&rare}, scheme_));
  EXPECT_NEAR(entity / outside, std::sqrt(90.0), 1e-3);
  EXPECT_LT(outside, 1);
}

// Focal with gamma 0 and label smoothing 0 is cross-entropy; larger gammas count the sure less.
TEST_F(ObjectiveTest, FocalCountsTheSureLess) {
  TrainingConfig config = Config("focal");
  config.focal_gamma = 0;
  const at::Tensor logits = at::randn({3, 9});
  const Targets targets = TargetsOf({&one_}, scheme_);
  const double plain = Make(Config("cross_entropy")).SummedLoss(logits, targets).item<double>();
  EXPECT_NEAR(Make(config).SummedLoss(logits, targets).item<double>(), plain, 1e-5);
  config.focal_gamma = 2;
  EXPECT_LT(Make(config).SummedLoss(logits, targets).item<double>(), plain);
}

TEST_F(ObjectiveTest, TheSurerTheRightLabelTheSmallerTheLoss) {
  Example person = one_;
  person.labels = {1};
  person.ids = {0};
  const Targets targets = TargetsOf({&person}, scheme_);
  for (const char* const kind : {"cross_entropy", "focal", "asymmetric", "dice"}) {
    double before = std::numeric_limits<double>::infinity();
    for (int step = -8; step <= 8; ++step) {
      at::Tensor logits = at::zeros({1, 9});
      logits[0][1] = step;
      const double loss = Make(Config(kind)).SummedLoss(logits, targets).item<double>();
      EXPECT_LT(loss, before) << kind << " " << step;
      before = loss;
    }
  }
}

TEST_F(ObjectiveTest, SmoothingLeavesAloneWhatIsNotKnown) {
  Example unknown = one_;
  unknown.labels = {kAnyLabel, kAnyLabel, kAnyLabel};
  TrainingConfig config = Config("cross_entropy");
  config.label_smoothing = 0.1;
  const at::Tensor logits = at::randn({3, 9});
  EXPECT_NEAR(Make(config).SummedLoss(logits, TargetsOf({&unknown}, scheme_)).item<double>(), 0, 1e-5);
  EXPECT_NE(Make(config).SummedLoss(logits, TargetsOf({&one_}, scheme_)).item<double>(),
            Make(Config("cross_entropy")).SummedLoss(logits, TargetsOf({&one_}, scheme_)).item<double>());
}

TEST_F(ObjectiveTest, EveryGradientIsThatOfFiniteDifferences) {
  const Targets targets = TargetsOf({&one_, &two_}, scheme_);
  for (const char* const kind : {"cross_entropy", "focal", "asymmetric", "dice", "chain"}) {
    TrainingConfig config = Config(kind);
    if (std::string(kind) != "chain") config.label_smoothing = 0.1;
    config.entity_weight = 2;
    const LabelObjective objective = Make(config);
    const at::Tensor logits = at::randn({5, 9});
    const at::Tensor leaf = logits.clone().requires_grad_(true);
    const at::Tensor gradient = torch::autograd::grad({objective.SummedLoss(leaf, targets)}, {leaf})[0];
    for (int64_t t = 0; t < 5; ++t) {
      for (int64_t l = 0; l < 9; ++l) {
        const auto loss = [&](double change) {
          const at::Tensor moved = logits.clone();
          moved[t][l] += change;
          return objective.SummedLoss(moved, targets).item<double>();
        };
        EXPECT_NEAR(gradient[t][l].item<double>(), (loss(1e-2) - loss(-1e-2)) / 2e-2, 3e-3)
            << kind << " " << t << " " << l;
      }
    }
  }
}

}  // namespace
}  // namespace privet
