#include "stage2_filter/fusion_model.h"

#include <gtest/gtest.h>

#include "core/yaml_reader.h"

namespace privet {
namespace {

constexpr std::string_view kWeights =
    "weights: {stage1: 0.61, stage2: 0.84, alone: 0.9, rule: 1.1, rule_present: -1.7, rule_alone: 1}\n";

absl::StatusOr<FusionModel> Parse(std::string_view yaml) {
  return ParseFusionModel(*ParseYaml(yaml, "b.yaml"), "b.yaml");
}

TEST(FusionModelTest, ReadsWeightsAndTypesOwnNumbers) {
  const auto model =
      Parse(std::string(kWeights) + "bias: {PERSON: -0.2}\ntemperature: {QQ: 1.5, PERSON: 0.5}\n");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->weights, (FusionFeatures{0.61, 0.84, 0.9, 1.1, -1.7, 1}));
  EXPECT_EQ(model->bias[IndexOf(EntityType::PERSON)], -0.2);
  EXPECT_EQ(model->bias[IndexOf(EntityType::QQ)], 0);
  EXPECT_EQ(model->temperature[IndexOf(EntityType::PERSON)], 0.5);
  EXPECT_EQ(model->temperature[IndexOf(EntityType::QQ)], 1.5);
  EXPECT_EQ(model->temperature[IndexOf(EntityType::VIN)], 1);
}

TEST(FusionModelTest, SaysWhereAFileIsWrong) {
  const std::string weights(kWeights);
  struct Case {
    std::string yaml;
    std::string error;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"bias: {PERSON: 1}\n", "b.yaml:1: fusion: weights: missing; calibration writes them"},
           {"[1]\n", "b.yaml:1: fusion: must be a mapping of keys to values"},
           {weights + "biases: {}\n", "b.yaml:2: fusion: unknown key 'biases'; did you mean 'bias'?"},
           {"weights: {stage1: 1, stage2: 1}\n", "b.yaml:1: fusion: weights: alone: missing"},
           {"weights:\n  stage1: 1\n  stage2: -1\n  alone: 0\n  rule: 0\n  rule_present: 0\n  rule_alone: "
            "0\n",
            "b.yaml:3: fusion: weights: stage2: must be 0 to 100"},
           {"weights:\n  stage1: 1\n  stage2: .nan\n  alone: 0\n  rule: 0\n  rule_present: 0\n  rule_alone: "
            "0\n",
            "b.yaml:3: fusion: weights: stage2: must be 0 to 100"},
           {weights + "bias:\n  PERSON: 101\n", "b.yaml:3: fusion: bias: PERSON: must be -100 to 100"},
           {weights + "bias:\n  PERSN: 1\n",
            "b.yaml:3: fusion: bias: unknown key 'PERSN'; did you mean 'PERSON'?"},
           {weights + "temperature: {PERSON: 0}\n",
            "b.yaml:2: fusion: temperature: PERSON: must be 0.05 to 20"},
           {weights + "temperature: {PERSON: hot}\n",
            "b.yaml:2: fusion: temperature: PERSON: must be a number"},
       }) {
    const auto model = Parse(c.yaml);
    ASSERT_FALSE(model.ok()) << c.error;
    EXPECT_EQ(model.status().message(), c.error);
  }
}

}  // namespace
}  // namespace privet
