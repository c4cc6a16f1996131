#include "training/learn/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <iterator>
#include <vector>

#include "qwen3/safetensors.h"
#include "tests/training/tiny_run.h"

namespace privet {
namespace {

using testing::HasSubstr;

class TrainTest : public TinyRun {
 protected:
  static TrainResult Run(const TrainingConfig& config, const TrainOptions& options = {}) {
    const auto result = Train(config, options);
    EXPECT_TRUE(result.ok()) << result.status().message();
    return result.ok() ? *result : TrainResult();
  }

  // Largest difference of any weight of two models.
  static double Difference(const TrainingConfig& a, const TrainingConfig& b) {
    const auto one = SafetensorsFolder::Open(std::filesystem::path(a.output) / "last").value();
    const auto two = SafetensorsFolder::Open(std::filesystem::path(b.output) / "last").value();
    double largest = 0;
    for (const auto& [name, tensor] : one->tensors()) {
      std::vector<float> x(static_cast<size_t>(tensor.elements()));
      std::vector<float> y(x.size());
      ReadAsFloat(tensor, x.data());
      ReadAsFloat(*two->Find(name), y.data());
      for (size_t i = 0; i < x.size(); ++i) largest = std::max<double>(largest, std::abs(x[i] - y[i]));
    }
    return largest;
  }
};

TEST_F(TrainTest, LearnsThirtyTwoSentencesByHeart) {
  for (const char* const objective : {"cross_entropy", "focal", "asymmetric", "dice", "chain"}) {
    TrainingConfig config = Config(objective);
    config.steps = 70;
    config.objective = objective;
    EXPECT_EQ(Run(config).best_metric, 1) << objective;
  }
}

TEST_F(TrainTest, MuonLearnsThemToo) {
  TrainingConfig config = Config("muon");
  config.steps = 70;
  config.optimizer = "muon";
  EXPECT_EQ(Run(config).best_metric, 1);
}

TEST_F(TrainTest, AnAverageIsOfWhatWasLearnedFromTheFirstStepsOn) {
  TrainingConfig config = Config("average");
  config.steps = 70;
  config.ema = 0.999;
  EXPECT_GT(Run(config).best_metric, 0.9);
}

TEST_F(TrainTest, AnAdapterLearnsThemOnAFrozenBase) {
  // A base that has seen other labels.
  TrainingConfig base = Config("base");
  base.steps = 10;
  Run(base);
  for (const char* const kind : {"lora", "dora"}) {
    TrainingConfig config = Config(kind);
    config.base_folder = base.output + "/last";
    config.base_tokenizer.clear();
    config.method = "lora";
    config.adapter_kind = kind;
    config.adapter_rank = 8;
    config.adapter_ranks = {"v_proj=4"};
    config.adapter_plus_ratio = 4;
    config.steps = 100;
    EXPECT_EQ(Run(config).best_metric, 1) << kind;
    EXPECT_TRUE(std::filesystem::exists(config.output + "/best/adapter_model.safetensors"));
    EXPECT_TRUE(std::filesystem::exists(config.output + "/best/tokenizer.json"));
  }
}

TEST_F(TrainTest, FrozenLayersStayAsTheyAre) {
  TrainingConfig base = Config("base");
  base.steps = 2;
  Run(base);
  TrainingConfig config = Config("freeze");
  config.base_folder = base.output + "/last";
  config.method = "freeze";
  config.frozen_layers = 1;
  config.steps = 5;
  Run(config);
  const auto before = SafetensorsFolder::Open(base.output + "/last").value();
  const auto after = SafetensorsFolder::Open(config.output + "/last").value();
  const auto same = [&](const char* name) {
    const TensorRef* const a = before->Find(name);
    const TensorRef* const b = after->Find(name);
    return std::memcmp(a->data, b->data, a->bytes) == 0;
  };
  EXPECT_TRUE(same("model.embed_tokens.weight"));
  EXPECT_TRUE(same("model.layers.0.mlp.up_proj.weight"));
  EXPECT_FALSE(same("model.layers.1.mlp.up_proj.weight"));
  EXPECT_FALSE(same("score.weight"));
}

TEST_F(TrainTest, TheSameSeedGivesTheSameModelAndAnotherAnother) {
  const TrainingConfig one = [&] {
    TrainingConfig config = Config("one");
    config.steps = 5;
    return config;
  }();
  TrainingConfig two = one;
  two.output = (folder_ / "two").string();
  TrainingConfig other = one;
  other.output = (folder_ / "other").string();
  other.seed = 2;
  Run(one);
  Run(two);
  Run(other);
  EXPECT_TRUE(Model(one) == Model(two));
  EXPECT_FALSE(Model(one) == Model(other));
}

TEST_F(TrainTest, ARunThatWasStoppedGoesOnBitForBit) {
  TrainingConfig whole = Config("whole");
  whole.steps = 12;
  whole.batch_tokens = 128;
  whole.mask_share = 0.1;
  whole.ema = 0.9;
  ExpectGoesOnBitForBit(whole, 5, Run);
}

TEST_F(TrainTest, MuonGoesOnBitForBitToo) {
  TrainingConfig whole = Config("muon");
  whole.steps = 12;
  whole.batch_tokens = 128;
  whole.optimizer = "muon";
  ExpectGoesOnBitForBit(whole, 5, Run);
}

TEST_F(TrainTest, WhatIsDrawnAnewGoesOnBitForBitToo) {
  std::ofstream(folder_ / "snippets.txt")
      << "{PER_EN} calls {NUM}\na letter {NUM} from {PER_EN}\nnobody calls\n";
  TrainingConfig whole = Config("whole");
  whole.steps = 12;
  whole.batch_tokens = 128;
  whole.train.push_back({(folder_ / "snippets.txt").string(), 2, {}, /*templates=*/true});
  whole.train.push_back({whole.train[0].path, 1, {}, /*templates=*/false, /*swap=*/true});
  ExpectGoesOnBitForBit(whole, 7, Run);
}

TEST_F(TrainTest, AccumulationChangesNothingButRounding) {
  // Every batch holds the same sentence, so four of them in a step weigh as much as one.
  TrainingConfig one = Config("one_batch");
  one.steps = 3;
  one.learning_rate = 1e-3;
  TrainingConfig many = one;
  many.output = (folder_ / "micro_batches").string();
  std::ofstream(folder_ / "one.jsonl") << R"({"text": "Ann calls 100", "spans": [[0, 3, "PERSON"]]})"
                                       << "\n";
  one.train = many.train = {{(folder_ / "one.jsonl").string(), 1, {}}};
  one.dev = many.dev = {};
  one.batch_tokens = 64;
  many.batch_tokens = 64;
  many.accumulate = 4;
  Run(one);
  Run(many);
  EXPECT_LT(Difference(one, many), 2e-5);
}

TEST_F(TrainTest, CheckpointedLayersLearnTheSame) {
  TrainingConfig plain = Config("plain");
  plain.steps = 4;
  TrainingConfig checkpointed = plain;
  checkpointed.output = (folder_ / "checkpointed").string();
  checkpointed.gradient_checkpointing = true;
  Run(plain);
  Run(checkpointed);
  EXPECT_LT(Difference(plain, checkpointed), 1e-6);
}

TEST_F(TrainTest, SaysWhatIsWrongInOneLine) {
  const auto error = [](const TrainingConfig& config) {
    return std::string(Train(config, {}).status().message());
  };
  TrainingConfig config = Config("wrong");
  config.train[0].path = (folder_ / "missing.jsonl").string();
  EXPECT_THAT(error(config), HasSubstr("missing.jsonl: cannot be read"));

  std::ofstream(folder_ / "empty.jsonl") << R"({"text": "nobody", "spans": []})"
                                         << "\n";
  config.train[0].path = (folder_ / "empty.jsonl").string();
  EXPECT_THAT(error(config), HasSubstr("no record has an entity"));

  config = Config("wrong");
  config.base_tokenizer = (folder_ / "nothing").string();
  EXPECT_THAT(error(config), HasSubstr("nothing"));

  config = Config("wrong");
  config.steps = 1;
  Run(config);
  config.learning_rate = 0.5;
  EXPECT_THAT(error(config),
              HasSubstr("another configuration: optimizer.learning_rate is 0.01, not 0.5; take another"));
  config.base_folder = (folder_ / "nothing").string();  // said before anything is read
  EXPECT_THAT(error(config), HasSubstr("another configuration"));
}

TEST_F(TrainTest, ARunThatCannotBeginLeavesTheEarlierOneAsItWas) {
  TrainingConfig config = Config("kept");
  config.steps = 2;
  Run(config);
  const std::string before = Bytes(folder_ / "kept/config.yaml");
  TrainingConfig wrong = config;
  wrong.train[0].path = (folder_ / "missing.jsonl").string();
  EXPECT_FALSE(Train(wrong, {.restart = true}).ok());
  // A base whose tokenizer can be read, and whose weights cannot.
  wrong = config;
  wrong.base_folder = wrong.base_tokenizer;
  EXPECT_FALSE(Train(wrong, {.restart = true}).ok());
  // Its own model.
  wrong.base_folder = config.output + "/best";
  EXPECT_THAT(Train(wrong, {.restart = true}).status().message(),
              HasSubstr("best: is what --restart would remove"));
  EXPECT_EQ(Bytes(folder_ / "kept/config.yaml"), before);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "kept/checkpoints/step-00000002"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "kept/best/config.json"));
}

TEST_F(TrainTest, ARestartRemovesWhatTheEarlierRunMadeAndNothingElse) {
  TrainingConfig config = Config("again");
  config.steps = 3;
  Run(config);
  std::ofstream(folder_ / "again/notes.txt") << "mine";
  std::ofstream(folder_ / "again/events.out.tfevents.1.host") << "another program's";
  config.seed = 9;
  std::atomic<bool> stop = false;
  TrainOptions options = {.restart = true, .stop = &stop};
  options.progress = [&](const std::string&) { stop = true; };  // before any evaluation
  EXPECT_TRUE(Run(config, options).interrupted);

  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "again")) {
    const std::string name = entry.path().filename().string();
    left.push_back(name.ends_with(".privet") ? "events" : name);
  }
  EXPECT_THAT(left, testing::UnorderedElementsAre("checkpoints", "config.yaml", "events",
                                                  "events.out.tfevents.1.host", "log.jsonl", "notes.txt",
                                                  "run.lock"));
  EXPECT_EQ(Bytes(folder_ / "again/log.jsonl").find("\"step\":2"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "again/checkpoints/step-00000001"));
}

TEST_F(TrainTest, WithoutDevTextsBestIsThereBeforeLast) {
  TrainingConfig config = Config("no_dev");
  config.steps = 2;
  config.dev = {};
  Run(config);
  EXPECT_TRUE(Model(config, "best") == Model(config));
  EXPECT_LT(std::filesystem::last_write_time(folder_ / "no_dev/best/config.json"),
            std::filesystem::last_write_time(folder_ / "no_dev/last/config.json"));
}

TEST_F(TrainTest, ARunGoesOnInAFolderThatWasRenamed) {
  TrainingConfig config = Config("before");
  config.steps = 2;
  Run(config);
  std::filesystem::rename(folder_ / "before", folder_ / "after");
  config.output = (folder_ / "after").string();
  EXPECT_EQ(Run(config).steps, 2);
  EXPECT_THAT(Bytes(folder_ / "after/config.yaml"), HasSubstr("/after"));
}

TEST_F(TrainTest, AStepIsInTheLogOnceItIsDone) {
  TrainingConfig config = Config("watched");
  config.steps = 3;
  int steps = 0;
  TrainOptions options;
  options.progress = [&](const std::string&) {
    EXPECT_THAT(Bytes(folder_ / "watched/log.jsonl"),
                HasSubstr("{\"step\":" + std::to_string(++steps) + ",\"loss\""));
  };
  Run(config, options);
  EXPECT_EQ(steps, 3);
}

TEST_F(TrainTest, OneRunAtATimeInAFolder) {
  TrainingConfig config = Config("taken");
  config.steps = 2;
  absl::Status second;
  TrainOptions options;
  options.progress = [&](const std::string&) { second = Train(config, {.restart = true}).status(); };
  Run(config, options);
  EXPECT_THAT(second.message(), HasSubstr("run.lock: another trainer is at work in this folder"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "taken/last/config.json")) << "the first is not disturbed";
  EXPECT_EQ(Run(config).steps, 2) << "a run that ended holds nothing";
}

TEST_F(TrainTest, WithoutItsConfigurationARunDoesNotGoOn) {
  TrainingConfig config = Config("lost");
  config.steps = 2;
  Run(config);
  std::ofstream(folder_ / "lost/config.yaml", std::ios::trunc) << "steps: many\n";
  EXPECT_THAT(std::string(Train(config, {}).status().message()), HasSubstr("not what it was started with"));
  std::filesystem::remove(folder_ / "lost/config.yaml");
  EXPECT_THAT(std::string(Train(config, {}).status().message()), HasSubstr("config.yaml: cannot be read"));
}

TEST_F(TrainTest, ARunWithoutACheckpointIsNotTakenOverEither) {
  TrainingConfig config = Config("begun");
  config.steps = 4;
  config.evaluate_every = 2;
  Run(config);
  // As if it had been killed before its first checkpoint.
  for (const char* const name : {"checkpoints", "last"})
    std::filesystem::remove_all(folder_ / "begun" / name);
  TrainingConfig other = config;
  other.base_hidden_size = 48;
  const std::string before = Bytes(folder_ / "begun/config.yaml");
  const auto refused = HasSubstr("another configuration: base.hidden_size is 64, not 48; take another");
  EXPECT_THAT(std::string(Train(other, {}).status().message()), refused);
  std::filesystem::remove_all(folder_ / "begun/best");  // and before its first evaluation
  EXPECT_THAT(std::string(Train(other, {}).status().message()), refused);
  EXPECT_EQ(Bytes(folder_ / "begun/config.yaml"), before);
  EXPECT_EQ(Run(config).steps, 4);
}

TEST_F(TrainTest, WarnsWhereARunGoesOnWithOtherData) {
  TrainingConfig config = Config("grown");
  config.steps = 20;
  const auto warned = [&] {  // by a run that is stopped after one more step
    bool warning = false;
    std::atomic<bool> stop = false;
    TrainOptions options;
    options.stop = &stop;
    options.progress = [&](const std::string&) { stop = true; };
    options.say = [&](const std::string& line) {
      warning = warning || line.starts_with("warning: data.train");
    };
    Run(config, options);
    return warning;
  };
  EXPECT_FALSE(warned());
  std::ofstream(folder_ / "train.jsonl", std::ios::app)
      << R"({"text": "Eve calls 7", "spans": [[0, 3, "PERSON"]]})"
      << "\n";
  EXPECT_TRUE(warned());
  EXPECT_FALSE(warned());
  std::string records = Bytes(folder_ / "train.jsonl");
  records.insert(records.rfind('}'), R"(, "proposals": [[0, 3, "PERSON", 0.5]])");
  std::ofstream(folder_ / "train.jsonl") << records;
  EXPECT_TRUE(warned()) << "what is learned from is more than texts and labels";
  records.insert(records.rfind('}'), R"(, "covers": ["PERSON"])");
  std::ofstream(folder_ / "train.jsonl") << records;
  EXPECT_TRUE(warned());
}

TEST_F(TrainTest, GoesOnWithFewerRecords) {
  TrainingConfig config = Config("shrunk");
  config.steps = 8;
  config.batch_tokens = 128;
  std::atomic<bool> stop = false;
  TrainOptions options;
  options.stop = &stop;
  int steps = 0;
  options.progress = [&](const std::string&) { stop = ++steps == 2; };
  EXPECT_TRUE(Run(config, options).interrupted);
  std::ofstream(folder_ / "train.jsonl", std::ios::trunc)
      << R"({"text": "Eve calls 7", "spans": [[0, 3, "PERSON"]]})"
      << "\n";
  EXPECT_EQ(Run(config).steps, 8);
}

TEST_F(TrainTest, ALossThatIsNotFiniteEndsTheRunWithStepAndRecords) {
  TrainingConfig base = Config("base");
  base.steps = 1;
  Run(base);
  // A base with one weight that is no number.
  const std::filesystem::path folder = base.output + "/last";
  {
    const auto weights = SafetensorsFolder::Open(folder).value();
    std::vector<std::vector<float>> values;
    std::vector<FloatTensor> tensors;
    for (const auto& [name, tensor] : weights->tensors()) {
      std::vector<float>& kept = values.emplace_back(static_cast<size_t>(tensor.elements()));
      ReadAsFloat(tensor, kept.data());
      if (name == "model.norm.weight") kept[3] = std::nanf("");
    }
    size_t i = 0;
    for (const auto& [name, tensor] : weights->tensors())
      tensors.push_back({name, tensor.shape, values[i++].data()});
    ASSERT_TRUE(WriteSafetensors(folder / "model.safetensors", tensors).ok());
  }
  TrainingConfig config = Config("broken");
  config.base_folder = folder.string();
  const std::string message(Train(config, {}).status().message());
  EXPECT_THAT(message, HasSubstr("step 1: the loss is not finite"));
  EXPECT_THAT(message, HasSubstr("train.jsonl:"));
  // A run that took no step left nothing that another could spoil.
  config.learning_rate = 1e-3;
  EXPECT_THAT(std::string(Train(config, {}).status().message()), HasSubstr("the loss is not finite"));
}

}  // namespace
}  // namespace privet
