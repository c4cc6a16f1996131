#include "training/judge/manifest_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace privet {
namespace {

using enum EntityType;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kManifest = R"(# Which of our bundles this is.
name: tiny
version: "2026.10"  # a text, not a number
types: [PERSON, ADDRESS]
stage1: {folder: stage1}

# Set by hand.
operating_points:
  balanced:
    description: the default
    # guessed
    tau: 0.05
    min_score: 0.5
  audit: {tau: 0.02, min_score: {default: 0.4, PERSON: 0.3}}

# What it is made of.
card:
  licence: Apache-2.0
)";

std::vector<OperatingPoint> Points() {
  OperatingPoint balanced;
  balanced.name = "balanced";
  balanced.description = "the default: \"as is\"";
  balanced.tau = 0.05;
  balanced.min_score = 0.43;
  OperatingPoint recall = balanced;
  recall.name = "high_recall";
  recall.description.clear();
  recall.tau = 0.005;
  recall.min_score = 0.051;
  recall.min_score_by_type[PERSON] = 0.02;
  recall.min_score_without_han = 0.08;
  return {balanced, recall};
}

Calibration Fitted() {
  Calibration calibration;
  calibration.fusion.weights = {0.612345, 0.8, 1, 0, -1.5, 1};
  calibration.fusion.bias[IndexOf(PERSON)] = -0.25;
  calibration.fusion.temperature[IndexOf(ADDRESS)] = 1.3;
  calibration.documents = 412;
  calibration.alpha = 0.05;
  calibration.operating_point = "high_recall";
  calibration.split = "letters: 2026.jsonl, half";
  calibration.seed = 7;
  return calibration;
}

TEST(ManifestFileTest, WritesTwoBlocksAndLeavesEveryOtherLine) {
  const auto text = WithCalibration(kManifest, "b", Points(), Fitted());
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(
      *text,
      AllOf(StartsWith("# Which of our bundles this is.\nname: tiny\nversion: \"2026.10\"  # a text, not a "
                       "number\ntypes: [PERSON, ADDRESS]\nstage1: {folder: stage1}\n\n# Set by hand.\n"
                       "operating_points:\n  balanced:\n"),
            HasSubstr("\n# What it is made of.\ncalibration:\n  fusion:\n"), Not(HasSubstr("audit")),
            HasSubstr("card:\n  licence: Apache-2.0\n")));
  const auto read = ParseBundleManifest(*text, "b");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->version, "2026.10");
  EXPECT_EQ(MinScoreOf(read->offer.operating_points[1], PERSON), 0.02);
  EXPECT_EQ(MinScoreOf(read->offer.operating_points[1], PERSON, /*has_han=*/false), 0.08);
  EXPECT_EQ(read->offer.operating_points[0].description, "the default: \"as is\"");
  EXPECT_EQ(read->calibration.fusion.weights, Fitted().fusion.weights);
  EXPECT_EQ(read->calibration.fusion.bias, Fitted().fusion.bias);
  EXPECT_EQ(read->calibration.fusion.temperature, Fitted().fusion.temperature);
  EXPECT_EQ(read->calibration.split, "letters: 2026.jsonl, half");
  EXPECT_EQ(read->calibration.seed, 7);
  // Once more changes nothing.
  EXPECT_EQ(*WithCalibration(*text, "b", Points(), Fitted()), *text);
}

TEST(ManifestFileTest, RefusesWhatItCannotWriteAnew) {
  const auto flow = WithCalibration("{name: tiny, version: '1'}", "b", Points(), Fitted());
  EXPECT_THAT(std::string(flow.status().message()), HasSubstr("b/bundle.yaml: cannot be written anew"));
  std::vector<OperatingPoint> bad = Points();
  bad[0].tau = 7;
  EXPECT_THAT(std::string(WithCalibration(kManifest, "b", bad, Fitted()).status().message()),
              HasSubstr("tau: must be"));
}

TEST(ManifestFileTest, KeepsThePreviousManifest) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "manifest_file_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(ReplaceManifest(folder, "one").ok());
  ASSERT_TRUE(ReplaceManifest(folder, "two").ok());
  EXPECT_EQ(*ReadManifest(folder), "two");
  std::ifstream previous(folder / "bundle.yaml.previous");
  std::string content;
  previous >> content;
  EXPECT_EQ(content, "one");
  EXPECT_FALSE(std::filesystem::exists(folder / "bundle.yaml.next"));
  EXPECT_THAT(std::string(ReplaceManifest(folder / "missing", "x").message()),
              HasSubstr("cannot be written"));
  EXPECT_TRUE(absl::IsNotFound(ReadManifest(folder / "missing").status()));
}

}  // namespace
}  // namespace privet
