#include "training/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "training/config_keys.h"

namespace privet {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& yaml) {
  TrainingConfig config;
  return std::string(ParseTrainingConfig(yaml, "/runs/run.yaml", &config).message());
}

TEST(TrainingConfigTest, ReadsSectionsAndSources) {
  TrainingConfig config;
  const absl::Status status = ParseTrainingConfig(
      "output: here\nseed: 7\nbase: {folder: /models/qwen, attention: middle}\n"
      "data:\n  train:\n    - one.jsonl\n    - {path: /two.jsonl, weight: 2, covers: [PERSON]}\n  dev: "
      "[dev.jsonl]\n"
      "objective: {kind: focal, type_weights: [ADDRESS=2]}\n",
      "/runs/run.yaml", &config);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(config.output, "/runs/here") << "relative to the file";
  EXPECT_EQ(config.seed, 7);
  EXPECT_EQ(config.base_folder, "/models/qwen");
  EXPECT_EQ(config.base_attention, "middle");
  ASSERT_EQ(config.train.size(), 2);
  EXPECT_EQ(config.train[0].path, "/runs/one.jsonl");
  EXPECT_EQ(config.train[1].path, "/two.jsonl");
  EXPECT_EQ(config.train[1].weight, 2);
  EXPECT_EQ(config.train[1].covers, std::vector<std::string>({"PERSON"}));
  EXPECT_EQ(config.dev[0].path, "/runs/dev.jsonl");
  EXPECT_EQ(config.type_weights, std::vector<std::string>({"ADDRESS=2"}));
}

TEST(TrainingConfigTest, NamesFileLineAndWhatIsAllowed) {
  EXPECT_THAT(ErrorOf("output: x\noptimizer:\n  learning_rat: 1\n"),
              HasSubstr("/runs/run.yaml:3: optimizer"));
  EXPECT_THAT(ErrorOf("output: x\noptimizer:\n  learning_rat: 1\n"), HasSubstr("learning_rate"));
  EXPECT_THAT(ErrorOf("base: {attention: sideways}\n"), HasSubstr("must be one of as_is, causal"));
  EXPECT_THAT(ErrorOf("steps: 0\n"), HasSubstr("must lie between 1 and"));
  EXPECT_THAT(ErrorOf("steps: many\n"),
              HasSubstr("run.yaml:1: configuration: steps: must be a whole number"));
  EXPECT_THAT(ErrorOf("optimizer: {beta1: high}\n"), HasSubstr("beta1: must be a number"));
  EXPECT_THAT(ErrorOf("data: {train: file.jsonl}\n"), HasSubstr("must be a list of files"));
  EXPECT_THAT(ErrorOf("data: {train: [{path: a, weight: 0}]}\n"), HasSubstr("weight"));
  EXPECT_THAT(ErrorOf("data: {train: [{path: a, templates: b}]}\n"), HasSubstr("in place of path"));
  EXPECT_THAT(ErrorOf("data: {train: [{templates: b, swap: true}]}\n"), HasSubstr("for annotated records"));
  EXPECT_THAT(ErrorOf("data: {dev: [{templates: b}]}\n"), HasSubstr("data synthesize"));
  EXPECT_THAT(ErrorOf("data: {dev: [{path: b, swap: true}]}\n"), HasSubstr("other texts each time"));
}

TEST(TrainingConfigTest, ListsAreSetWithOrWithoutBrackets) {
  for (const char* const value :
       {"adapter.ranks=[q_proj=32, v_proj=8]", "adapter.ranks=q_proj=32,v_proj=8"}) {
    TrainingConfig config;
    const absl::Status status = OverrideTrainingConfig(value, &config);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(config.adapter_ranks, std::vector<std::string>({"q_proj=32", "v_proj=8"})) << value;
  }
  TrainingConfig config;
  for (const char* const value :
       {"data.train=[a.jsonl, parts/b.jsonl]", "data.train=a.jsonl,parts/b.jsonl"}) {
    ASSERT_TRUE(OverrideTrainingConfig(value, &config).ok());
    ASSERT_EQ(config.train.size(), 2) << value;
    EXPECT_EQ(config.train[0].path, "a.jsonl");
    EXPECT_EQ(config.train[1].path, "parts/b.jsonl");
  }
  ASSERT_TRUE(OverrideTrainingConfig("data.train=[{path: a.jsonl, weight: 3}]", &config).ok());
  EXPECT_EQ(config.train[0].weight, 3);
  EXPECT_THAT(OverrideTrainingConfig("data.dev=[{templates: b}]", &config).message(),
              HasSubstr("--set data.dev:1: data: dev: templates: would judge"));
}

TEST(TrainingConfigTest, WhatIsWrittenReadsBackTheSame) {
  TrainingConfig config;
  config.output = "/o \"quoted\"";
  config.train = {{"/a.jsonl", 0.25, {"PERSON", "ADDRESS"}}};
  config.train.push_back({"/snippets", 2, {}, /*templates=*/true});
  config.train.push_back({"/c.jsonl", 1, {}, /*templates=*/false, /*swap=*/true});
  config.dev = {{"/b.jsonl", 1, {}}};
  config.learning_rate = 0.1 + 0.2;
  config.adapter_targets = {"q_proj", "v_proj"};
  config.gradient_checkpointing = true;
  TrainingConfig read;
  const std::string written = WriteTrainingConfig(config);
  const absl::Status status = ParseTrainingConfig(written, "/config.yaml", &read);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(WriteTrainingConfig(read), written);
  EXPECT_EQ(read.learning_rate, config.learning_rate);
  ASSERT_EQ(read.train.size(), 3);
  EXPECT_TRUE(read.train[1].templates);
  EXPECT_EQ(read.train[1].path, "/snippets");
  EXPECT_TRUE(read.train[2].swap);
}

TEST(TrainingConfigTest, TheFirstDifferenceNamesKeyAndBothValues) {
  TrainingConfig config;
  config.types = {"PERSON"};
  config.train = {{"/a.jsonl", 1, {}}};
  TrainingConfig other = config;
  EXPECT_EQ(FirstDifference(config, other), "");
  other.train[0].weight = 2;
  EXPECT_EQ(FirstDifference(config, other), "data.train is another");
  other.types.emplace_back("ADDRESS");
  EXPECT_EQ(FirstDifference(config, other), R"(data.types is ["PERSON"], not ["PERSON", "ADDRESS"])");
  other.base_folder = "/b";
  EXPECT_EQ(FirstDifference(config, other), R"(base.folder is "", not "/b")");
  other.steps = 20;
  EXPECT_EQ(FirstDifference(config, other), "steps is 1000, not 20");
}

TEST(TrainingConfigTest, ACommandLineOverridesAnyKey) {
  TrainingConfig config;
  ASSERT_TRUE(OverrideTrainingConfig("optimizer.learning_rate=0.5", &config).ok());
  ASSERT_TRUE(OverrideTrainingConfig("adapter.targets=q_proj,v_proj", &config).ok());
  ASSERT_TRUE(OverrideTrainingConfig("compute.gradient_checkpointing=true", &config).ok());
  ASSERT_TRUE(OverrideTrainingConfig("data.train=a.jsonl,b.jsonl", &config).ok());
  EXPECT_EQ(config.learning_rate, 0.5);
  EXPECT_EQ(config.adapter_targets, std::vector<std::string>({"q_proj", "v_proj"}));
  EXPECT_TRUE(config.gradient_checkpointing);
  EXPECT_EQ(config.train.size(), 2);
  EXPECT_THAT(OverrideTrainingConfig("optimizer.rate=1", &config).message(), HasSubstr("is not a key"));
  EXPECT_THAT(OverrideTrainingConfig("steps=many", &config).message(), HasSubstr("whole number"));
  EXPECT_THAT(OverrideTrainingConfig("steps", &config).message(), HasSubstr("KEY=VALUE"));
}

class KeysOfARunTest : public testing::Test {
 protected:
  KeysOfARunTest() : file_(testing::TempDir() + "keys_of_a_run.yaml") {}
  ~KeysOfARunTest() override { std::filesystem::remove(file_); }

  std::string ErrorOf(const std::string& yaml, const std::vector<std::string>& overrides = {},
                      RunKind kind = RunKind::Stage) const {
    std::ofstream(file_) << yaml;
    TrainingConfig config;
    return std::string(ReadRunConfig(file_, overrides, kind, &config).message());
  }

  std::string file_;
};

TEST_F(KeysOfARunTest, AKeyThatNothingReadsIsNamedWithWhatWouldReadIt) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"base: {folder: b, layers: 2}", "base.layers", "a random start, without base.folder"},
      {"method: {kind: full, frozen_layers: 2}", "method.frozen_layers", "method.kind freeze"},
      {"method: {kind: full}\nadapter: {rank: 8}", "adapter.rank", "method.kind lora"},
      {"head: {size: 32}", "head.size", "head.kind span"},
      {"mask: {share: 0.3}", "mask.share", "trainer adapt"},
      {"objective: {focal_gamma: 3}", "objective.focal_gamma", "objective.kind focal, asymmetric or dice"},
      {"objective: {kind: focal, outside_gamma: 3}", "objective.outside_gamma", "objective.kind asymmetric"},
      {"head: {kind: span}\nobjective: {hard_positive_weight: 3}", "objective.hard_positive_weight",
       "head.kind tagger"},
      {"optimizer: {momentum: 0.9}", "optimizer.momentum", "optimizer.kind muon"},
      {"schedule: {kind: linear, decay_share: 0.1}", "schedule.decay_share", "schedule.kind wsd"},
      {"schedule: {kind: constant, final_share: 0.1}", "schedule.final_share", "a schedule.kind that falls"},
      {"schedule: {cycles: 3}", "schedule.cycles", "schedule.kind cosine_restarts"},
  };
  for (const auto& [yaml, key, with] : cases) {
    const std::string expected =
        std::string(key) + ": is set, and this run does not read it; it is for " + with;
    EXPECT_EQ(ErrorOf(yaml), expected);
  }
  for (const char* const yaml :
       {"data: {types: [PERSON]}", "data: {mask_share: 0.1}", "data: {empty_share: 0.3}",
        "data: {oversample: [ADDRESS=3]}", "head: {kind: span}", "objective: {entity_weight: 2}",
        "objective: {label_smoothing: 0.1}", "evaluate: {metric: recall_at_precision}",
        "evaluate: {at: 0.9}"}) {
    EXPECT_THAT(ErrorOf(yaml, {}, RunKind::Adapt), HasSubstr("it is for stages 1 and 2")) << yaml;
  }
}

TEST_F(KeysOfARunTest, WhatTheRunReadsOrIsAtItsDefaultIsNoError) {
  for (const char* const yaml :
       {"base: {tokenizer: t, layers: 2}", "method: {kind: freeze, frozen_layers: 2}", "adapter: {rank: 8}",
        "head: {kind: span, size: 32}", "objective: {kind: dice, focal_gamma: 3}",
        "objective: {kind: asymmetric, focal_gamma: 1, outside_gamma: 3}",
        "objective: {hard_negative_weight: 3}", "optimizer: {kind: muon, muon_rate: 2, momentum: 0.9}",
        "schedule: {kind: wsd, decay_share: 0.1, final_share: 0.1}",
        "schedule: {kind: cosine_restarts, cycles: 3}",
        "method: {kind: full}\nadapter: {rank: 16}\nhead: {size: 128}\nmask: {share: 0.15}"}) {
    EXPECT_EQ(ErrorOf(yaml), "") << yaml;
  }
  EXPECT_EQ(ErrorOf("mask: {share: 0.3}\nmethod: {kind: full}", {}, RunKind::Adapt), "");
}

TEST_F(KeysOfARunTest, AnOverrideMayLeaveBehindWhatTheFileHasForAnotherKind) {
  const std::string yaml = "adapter: {rank: 8}\nbase: {tokenizer: t, layers: 2}\n";
  EXPECT_EQ(ErrorOf(yaml, {"method.kind=full", "base.folder=b"}), "");
  EXPECT_THAT(ErrorOf(yaml, {"method.kind=full", "adapter.rank=4"}), HasSubstr("adapter.rank: is set"));
  EXPECT_THAT(ErrorOf("objective: {focal_gamma: 3}", {"steps=3"}),
              HasSubstr("objective.focal_gamma: is set"));
  EXPECT_EQ(ErrorOf("objective: {focal_gamma: 3}", {"objective.kind=focal"}), "");
}

TEST_F(KeysOfARunTest, EachKeyOfTheTableIsThere) {
  for (const KeyUse& use : KeyUses()) {
    for (const std::string_view name : use.keys) {
      EXPECT_TRUE(std::any_of(ConfigKeys().begin(), ConfigKeys().end(), [&](const ConfigKey& key) {
        return name == key.section || name == std::string(key.section) + "." + std::string(key.name);
      })) << name;
    }
  }
}

TEST(TrainingConfigTest, WhatDoesNotGoTogetherIsRefused) {
  TrainingConfig config;
  config.output = "/o";
  config.train = {{"/a.jsonl", 1, {}}};
  config.base_tokenizer = "/t";
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("a random start needs full"));
  config.method = "freeze";
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("a random start needs full"));
  config.method = "full";
  EXPECT_TRUE(CheckTrainingConfig(config).ok());
  config.head_learning_rate = 0.1;
  EXPECT_TRUE(CheckTrainingConfig(config).ok());
  config.learning_rate = 0;
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("optimizer.head_learning_rate: "));
  config.head_learning_rate = 0;
  config.learning_rate = 1e-3;
  config.base_add_layers = 1;
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("to the base in base.folder"));
  config.base_add_layers = 0;
  config.optimizer = "muon";
  EXPECT_TRUE(CheckTrainingConfig(config).ok());
  config.method = "lora";
  config.base_folder = "/b";
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("muon is for whole matrices"));
  config.optimizer = "adamw";
  config.adapter_targets.clear();
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("adapter.targets: names no module"));
  config.method = "full";
  config.batch_tokens = 100;
  EXPECT_THAT(CheckTrainingConfig(config).message(), HasSubstr("batch.tokens"));
  config.batch_tokens = 4096;
  config.type_weights = {"PERSONS=2"};
  EXPECT_THAT(CheckTrainingConfig(config).message(),
              HasSubstr("objective.type_weights: 'PERSONS' is not an entity type; did you mean PERSON?"));
  config.type_weights.clear();
  config.types = {"PERSON", "ADRESS"};
  EXPECT_EQ(CheckTrainingConfig(config).message(),
            "data.types: 'ADRESS' is not an entity type; did you mean ADDRESS?");
}

}  // namespace
}  // namespace privet
