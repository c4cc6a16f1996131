// What a run makes of evaluations whose results are given.
#include "training/learn/training_run.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/training/tiny_run.h"
#include "training/learn/tagging_task.h"

namespace privet {
namespace {

// Learns as a tagger does, and is judged as `results` say, one after the other.
class JudgedAsTold : public LearningTask {
 public:
  JudgedAsTold(const TrainingConfig& config, std::vector<DevResult> results, size_t* judged)
      : tagging_(MakeTaggingTask(config)), results_(std::move(results)), judged_(judged) {}

  absl::Status Load(const std::shared_ptr<const Tokenizer>& tokenizer,
                    const std::function<void(const std::string&)>& say,
                    const std::atomic<bool>* stop) override {
    return tagging_->Load(tokenizer, say, stop);
  }
  uint64_t Fingerprint() const override { return tagging_->Fingerprint(); }
  absl::StatusOr<std::unique_ptr<TrainableModel>> CreateModel(int64_t vocabulary_size,
                                                              int cuda_index) override {
    return tagging_->CreateModel(vocabulary_size, cuda_index);
  }
  std::vector<Sampler::Source> Sources() const override { return tagging_->Sources(); }
  Batch MakeBatch(std::vector<Sampler::Draw> draws, uint64_t seed) const override {
    return tagging_->MakeBatch(std::move(draws), seed);
  }
  std::string OriginOf(const Sampler::Draw& draw) const override { return tagging_->OriginOf(draw); }
  double Weight(const Batch& batch) const override { return tagging_->Weight(batch); }
  at::Tensor SummedLoss(const Batch& batch, TrainableModel* model) const override {
    return tagging_->SummedLoss(batch, model);
  }
  bool has_dev() const override { return true; }
  absl::StatusOr<DevResult> Judge(int64_t /*step*/, TrainableModel* /*model*/,
                                  EventFile* /*events*/) const override {
    if (*judged_ == results_.size()) return absl::InternalError("judged once more than told");
    DevResult result = results_[(*judged_)++];
    result.json = "{}";
    return result;
  }

 private:
  std::unique_ptr<LearningTask> tagging_;
  std::vector<DevResult> results_;
  size_t* judged_;
};

class TrainingRunTest : public TinyRun {
 protected:
  // Evaluates after each step.
  TrainingConfig ConfigOf(const std::string& output, int64_t steps, int64_t patience = 0) const {
    TrainingConfig config = Config(output);
    config.steps = steps;
    config.evaluate_every = 1;
    config.patience = patience;
    return WithAbsolutePaths(config);
  }
  TrainResult Run(const TrainingConfig& config, std::vector<DevResult> results,
                  const TrainOptions& options = {}) {
    judged_ = 0;
    const auto result = RunTraining(config, options, ProcessPlace(), nullptr,
                                    std::make_unique<JudgedAsTold>(config, std::move(results), &judged_));
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.ok() ? *result : TrainResult();
  }

  size_t judged_ = 0;  // how often in the last run
};

TEST_F(TrainingRunTest, OfModelsWithTheSameMetricTheOneWithMoreOfTheOtherIsBest) {
  const TrainResult result = Run(ConfigOf("ties", 4), {{0, 0.2}, {0, 0.4}, {0, 0.3}, {0, 0.4}});
  EXPECT_EQ(result.best_metric, 0);
  EXPECT_EQ(result.best_step, 2);
  EXPECT_EQ(Run(ConfigOf("metric_first", 3), {{0.1, 0.9}, {0.2, 0.1}, {0.1, 1}}).best_step, 2);
}

TEST_F(TrainingRunTest, TheBestOfEqualsIsKnownToARunThatGoesOn) {
  const TrainingConfig config = ConfigOf("parted", 4);
  std::atomic<bool> stop = false;
  TrainOptions options;
  options.stop = &stop;
  int steps = 0;
  options.progress = [&](const std::string&) { stop = ++steps == 2; };
  EXPECT_TRUE(Run(config, {{0, 0.2}, {0, 0.4}}, options).interrupted);
  EXPECT_EQ(Run(config, {{0, 0.3}, {0, 0.4}}).best_step, 2);
}

TEST_F(TrainingRunTest, ARunThatRanOutOfPatienceStaysWhereItIs) {
  const TrainingConfig config = ConfigOf("patient", 9, /*patience=*/2);
  EXPECT_EQ(Run(config, {{0.3}, {0.2}, {0.1}}).steps, 3);
  EXPECT_EQ(Run(config, {{0.1}}).steps, 3);
}

TEST_F(TrainingRunTest, PatienceIsNotLostAsLongAsTheMetricIsZero) {
  EXPECT_EQ(
      Run(ConfigOf("zeros", 6, 2), {{0, 0.5}, {0, 0.4}, {0, 0.3}, {0, 0.2}, {0.1, 0.5}, {0.2, 0.5}}).steps,
      6);
  EXPECT_EQ(Run(ConfigOf("worse", 6, 2), {{0, 0.5}, {0.3, 0.5}, {0.2, 0.6}, {0.1, 0.7}}).steps, 4);
}

TEST_F(TrainingRunTest, AFinishedRunThatIsStartedAgainDoesNothingTwice) {
  const TrainingConfig config = ConfigOf("finished", 3);
  Run(config, {{0.1}, {0.3}, {0.2}});
  const std::string log = Bytes(folder_ / "finished/log.jsonl");
  const auto saved = std::filesystem::last_write_time(folder_ / "finished/last/model.safetensors");
  const TrainResult again = Run(config, {});
  EXPECT_EQ(judged_, 0);
  EXPECT_EQ(again.steps, 3);
  EXPECT_EQ(again.best_metric, 0.3);
  EXPECT_FALSE(again.interrupted);
  EXPECT_EQ(Bytes(folder_ / "finished/log.jsonl"), log);
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "finished/last/model.safetensors"), saved);
}

TEST_F(TrainingRunTest, ARunThatFailsAfterItsLastStepMakesWhatIsMissing) {
  TrainingConfig config = ConfigOf("judged_badly", 3);
  config.evaluate_every = 0;
  EXPECT_FALSE(RunTraining(config, {}, ProcessPlace(), nullptr,
                           std::make_unique<JudgedAsTold>(config, std::vector<DevResult>(), &judged_))
                   .ok());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "judged_badly/last"));
  const TrainResult again = Run(config, {{0.5}});
  EXPECT_EQ(again.tokens_per_second, 0) << "no step was lost";
  EXPECT_EQ(again.best_step, 3);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "judged_badly/last"));
}

TEST_F(TrainingRunTest, MorePatienceTakesAFinishedRunOn) {
  TrainingConfig config = ConfigOf("taken_on", 4, /*patience=*/1);
  EXPECT_EQ(Run(config, {{0.3}, {0.2}}).steps, 2);
  config.patience = 2;
  EXPECT_EQ(Run(config, {{0.4}, {0.3}}).steps, 4);
  EXPECT_EQ(judged_, 2);
  EXPECT_EQ(Run(config, {}).best_step, 3);
}

}  // namespace
}  // namespace privet
