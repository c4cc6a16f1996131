#include "training/learn/schedule.h"

#include <gtest/gtest.h>

namespace privet {
namespace {

TrainingConfig Config(const char* schedule) {
  TrainingConfig config;
  config.steps = 100;
  config.warmup_share = 0.1;
  config.schedule = schedule;
  return config;
}

TEST(ScheduleTest, EveryScheduleWarmsUpLinearlyToItsHighest) {
  for (const char* const name : {"constant", "linear", "cosine", "cosine_restarts", "wsd"}) {
    const TrainingConfig config = Config(name);
    EXPECT_NEAR(LearningRateShare(config, 0), 1.0 / 11, 1e-12) << name;
    EXPECT_NEAR(LearningRateShare(config, 9), 10.0 / 11, 1e-12) << name;
    EXPECT_NEAR(LearningRateShare(config, 10), 1, 1e-12) << name;
  }
}

TEST(ScheduleTest, LinearAndCosineFallToTheFinalShare) {
  for (const char* const name : {"linear", "cosine"}) {
    TrainingConfig config = Config(name);
    config.final_share = 0.1;
    EXPECT_NEAR(LearningRateShare(config, 55), 0.55, 1e-12) << name << ", half way";
    EXPECT_NEAR(LearningRateShare(config, 100), 0.1, 1e-12) << name;
  }
}

TEST(ScheduleTest, RestartsComeBackToTheHighest) {
  TrainingConfig config = Config("cosine_restarts");
  config.cycles = 3;
  EXPECT_NEAR(LearningRateShare(config, 25), 0.5, 1e-12);
  EXPECT_NEAR(LearningRateShare(config, 40), 1, 1e-9);
  EXPECT_NEAR(LearningRateShare(config, 70), 1, 1e-9);
}

TEST(ScheduleTest, WsdStaysThenFalls) {
  TrainingConfig config = Config("wsd");
  config.decay_share = 0.2;
  EXPECT_NEAR(LearningRateShare(config, 79), 1, 1e-12);
  EXPECT_NEAR(LearningRateShare(config, 90), 0.5, 1e-12);
  EXPECT_NEAR(LearningRateShare(config, 99), 0.05, 1e-12);
}

}  // namespace
}  // namespace privet
