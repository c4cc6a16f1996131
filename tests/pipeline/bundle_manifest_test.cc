#include "pipeline/bundle_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"

namespace privet {
namespace {

using ::testing::HasSubstr;
using ::testing::Pair;

// Every key, one a line, so that a fault's line is known.
constexpr const char* kWhole = R"(name: zh-en-small
version: "2026.1"
types: [PERSON, ADDRESS, ORGANIZATION]
stage1: {folder: stage1}
stage2: {folder: stage2, base: ../bases/qwen, head: span}
windows: {max_tokens: 256, overlap_tokens: 32}
operating_points:
  high_recall: {description: finds more, tau: 0.01, min_score: 0.2, min_score_without_han: {default: 0.1, QQ: 0.3}}
  balanced: {tau: {default: 0.05, ADDRESS: 0.02}, min_score: {default: 0.5, PERSON: 0.4, QQ: 0.6}}
calibration:
  fusion: {weights: {stage1: 0.5, stage2: 0.5, alone: 1, rule: 1, rule_present: 2, rule_alone: 1}}
  documents: 1200
  alpha: 0.05
  operating_point: high_recall
  split: letters.jsonl, half of them
  seed: 7
card:
  data: [invented letters, public news]
  licence: Apache-2.0
)";

absl::StatusOr<BundleManifest> Parse(const std::string& yaml) { return ParseBundleManifest(yaml, "b"); }

TEST(BundleManifestTest, ReadsEveryKey) {
  const auto manifest = Parse(kWhole);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->name, "zh-en-small");
  EXPECT_EQ(manifest->version, "2026.1");
  EXPECT_EQ(manifest->offer.model_types.count(), 3u);
  EXPECT_TRUE(manifest->offer.model_types.test(IndexOf(EntityType::ADDRESS)));

  EXPECT_EQ(manifest->stage1.folder, "b/stage1");
  EXPECT_EQ(manifest->stage1.base, "");
  EXPECT_EQ(manifest->stage1.head, FilterHead::Tagger);
  ASSERT_TRUE(manifest->stage2.has_value());
  EXPECT_EQ(manifest->stage2->base, "bases/qwen");
  EXPECT_EQ(manifest->stage2->head, FilterHead::Span);
  EXPECT_EQ(manifest->windows.max_tokens, 256u);
  EXPECT_EQ(manifest->windows.overlap_tokens, 32u);

  ASSERT_EQ(manifest->offer.operating_points.size(), 2u);
  const OperatingPoint& balanced = manifest->offer.operating_points[1];
  EXPECT_EQ(manifest->offer.operating_points[0].description, "finds more");
  EXPECT_EQ(TauOf(balanced, EntityType::PERSON), 0.05);
  EXPECT_EQ(TauOf(balanced, EntityType::ADDRESS), 0.02);
  EXPECT_EQ(MinScoreOf(balanced, EntityType::PERSON), 0.4);
  EXPECT_EQ(MinScoreOf(balanced, EntityType::QQ), 0.6);
  EXPECT_EQ(MinScoreOf(balanced, EntityType::VIN), 0.5);
  EXPECT_EQ(MinScoreOf(balanced, EntityType::QQ, /*has_han=*/false), 0.6);
  const OperatingPoint& recall = manifest->offer.operating_points[0];
  EXPECT_EQ(MinScoreOf(recall, EntityType::QQ), 0.2);
  EXPECT_EQ(MinScoreOf(recall, EntityType::QQ, /*has_han=*/false), 0.3);
  EXPECT_EQ(MinScoreOf(recall, EntityType::VIN, /*has_han=*/false), 0.1);

  EXPECT_EQ(manifest->calibration.fusion.weights[0], 0.5);
  EXPECT_EQ(manifest->calibration.split, "letters.jsonl, half of them");
  EXPECT_EQ(manifest->calibration.seed, 7);
  EXPECT_EQ(manifest->calibration.documents, 1200);
  EXPECT_EQ(manifest->calibration.alpha, 0.05);
  EXPECT_EQ(manifest->calibration.operating_point, "high_recall");
  EXPECT_THAT(manifest->card, ::testing::ElementsAre(Pair("data", "invented letters; public news"),
                                                     Pair("licence", "Apache-2.0")));
}

TEST(BundleManifestTest, NeedsLittle) {
  const auto manifest = Parse(
      "{name: n, version: 1, types: PERSON, stage1: {folder: .}, operating_points: {balanced: {tau: 0.1, "
      "min_score: 0.5}}}");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_FALSE(manifest->stage2.has_value());
  EXPECT_EQ(manifest->windows.max_tokens, WindowSizes().max_tokens);
  EXPECT_EQ(manifest->calibration.documents, 0);
  EXPECT_FALSE(manifest->calibration.alpha.has_value());
  EXPECT_EQ(manifest->calibration.fusion.weights, FusionModel().weights);
}

TEST(BundleManifestTest, AnAbsoluteBaseStaysWhereItIs) {
  const auto manifest = Parse(absl::StrReplaceAll(kWhole, {{"../bases/qwen", "/models/qwen"}}));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  ASSERT_TRUE(manifest->stage2.has_value());
  EXPECT_EQ(manifest->stage2->base, "/models/qwen");
}

struct Fault {
  std::string from, to;  // what is put in place of what in kWhole
  std::string message;
};

TEST(BundleManifestTest, EachFaultIsOneLineThatNamesItsPlace) {
  for (
      const Fault& fault : std::initializer_list<Fault>{
          {"name: zh-en-small\n", "\n", "b/bundle.yaml:2: bundle: name: missing"},
          {"zh-en-small", "小", "b/bundle.yaml:1: bundle: name: must be 1 to 64 letters"},
          {"\"2026.1\"", "[2026]", "b/bundle.yaml:2: bundle: version: must be text"},
          {"windows:", "window:", "b/bundle.yaml:6: bundle: unknown key 'window'; did you mean 'windows'?"},
          {"name: zh-en-small", "[a", "b/bundle.yaml:"},
          {"types: [PERSON, ADDRESS, ORGANIZATION]", "",
           "b/bundle.yaml:1: bundle: types: missing; list the types"},
          {"[PERSON, ADDRESS", "[PERSN, ADDRESS",
           "b/bundle.yaml:3: bundle: types: 'PERSN' is not an entity type; did you mean PERSON?"},
          {"[PERSON, ADDRESS", "[ADDRESS, ADDRESS", "b/bundle.yaml:3: bundle: types: ADDRESS stands twice"},

          {"stage1: {folder: stage1}", "", "b/bundle.yaml:1: bundle: stage1: missing; say where"},
          {"stage1: {folder: stage1}", "stage1: stage1", "b/bundle.yaml:4: stage1: must be a mapping"},
          {"stage1: {folder: stage1}", "stage1: {base: x}", "b/bundle.yaml:4: stage1: folder: missing"},
          {"{folder: stage1}", "{folder: stage1, head: span}", "b/bundle.yaml:4: stage1: unknown key 'head'"},
          {"{folder: stage1}", "{folder: ../stage1}",
           "b/bundle.yaml:4: stage1: folder: must lie in the bundle"},
          {"{folder: stage1}", "{folder: a/../../stage1}",
           "b/bundle.yaml:4: stage1: folder: must lie in the bundle"},
          {"{folder: stage1}", "{folder: /stage1}",
           "b/bundle.yaml:4: stage1: folder: must lie in the bundle"},
          {"{folder: stage1}", "{folder: \"a\\0b\"}", "b/bundle.yaml:4: stage1: folder: holds a zero byte"},
          {"{folder: stage1}", "{folder: ''}", "b/bundle.yaml:4: stage1: folder: is empty"},
          {", head: span", "", "b/bundle.yaml:5: stage2: head: missing"},
          {"head: span", "head: spans", "b/bundle.yaml:5: stage2: head: must be tagger or span"},

          {"max_tokens: 256", "max_tokens: 4", "b/bundle.yaml:6: windows: max_tokens: "},
          {"max_tokens: 256", "max_tokens: -4", "b/bundle.yaml:6: windows: max_tokens: must not be negative"},
          {"overlap_tokens: 32", "overlap_tokens: 65", "b/bundle.yaml:6: windows: overlap_tokens: "},

          {"  balanced:", "  Balanced:",
           "b/bundle.yaml:8: bundle: operating_points: lack balanced, which a request without one means"},
          {"  balanced: {tau", "  balanced: {tua",
           "b/bundle.yaml:9: operating point 'balanced': tau: missing; give a number"},
          {"tau: 0.01", "tau: 0", "b/bundle.yaml:8: operating point 'high_recall': tau: must be 0.0001 to 1"},
          {"tau: 0.01", "tau: .nan",
           "b/bundle.yaml:8: operating point 'high_recall': tau: must be 0.0001 to 1"},
          {"tau: 0.01", "tau: low",
           "b/bundle.yaml:8: operating point 'high_recall': tau: must be a number, or a mapping"},
          {"{default: 0.1, QQ: 0.3}", "{default: 0.1, QQ: 1.3}",
           "b/bundle.yaml:8: operating point 'high_recall': min_score_without_han: QQ: must be 0 to 1"},
          {"{default: 0.1, QQ: 0.3}", "{QQ: 0.3}",
           "b/bundle.yaml:8: operating point 'high_recall': min_score_without_han: default: missing"},
          {"min_score: 0.2", "min_score: 1.2",
           "b/bundle.yaml:8: operating point 'high_recall': min_score: must be 0 to 1"},
          {"{default: 0.05, ADDRESS", "{ADDRESS",
           "b/bundle.yaml:9: operating point 'balanced': tau: default: missing"},
          {"ADDRESS: 0.02", "ADRESS: 0.02",
           "b/bundle.yaml:9: operating point 'balanced': tau: unknown key 'ADRESS'; did you mean 'ADDRESS'?"},
          {"ADDRESS: 0.02", "ADDRESS: 2",
           "b/bundle.yaml:9: operating point 'balanced': tau: ADDRESS: must be 0.0001 to 1"},
          {"ADDRESS: 0.02", "LOCATION: 0.02",
           "b/bundle.yaml:9: operating point 'balanced': tau: LOCATION: is not among the bundle's types"},
          {"description: finds more", "description: ''",
           "b/bundle.yaml:8: operating point 'high_recall': description: is empty"},

          {"seed: 7", "seed: -7", "b/bundle.yaml:16: calibration: seed: must not be negative"},
          {"weights:", "wieghts:", "b/bundle.yaml:11: fusion: unknown key 'wieghts'"},
          {"documents: 1200", "documents: 0", "b/bundle.yaml:12: calibration: documents: must be 1 to"},
          {"alpha: 0.05", "alpha: 1", "b/bundle.yaml:13: calibration: alpha: must lie between 0 and 1"},
          {"  operating_point: high_recall\n", "",
           "b/bundle.yaml:13: calibration: alpha: goes with documents and operating_point"},
          {"operating_point: high_recall", "operating_point: best",
           "b/bundle.yaml:14: calibration: operating_point: is not among the bundle's operating points"},

          {"licence: Apache-2.0", "licence: {a: b}",
           "b/bundle.yaml:19: card: licence: must be text or a list of texts"},
          {"licence: Apache-2.0", "licence: []", "b/bundle.yaml:19: card: licence: is empty"},
          {"licence:", "my licence:", "b/bundle.yaml:19: card: my licence: a card's key must be"},
      }) {
    const std::string yaml = absl::StrReplaceAll(kWhole, {{fault.from, fault.to}});
    ASSERT_NE(yaml, kWhole) << fault.from;
    const auto manifest = Parse(yaml);
    ASSERT_FALSE(manifest.ok()) << fault.message;
    EXPECT_EQ(manifest.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(manifest.status().message()), ::testing::StartsWith(fault.message));
    EXPECT_THAT(std::string(manifest.status().message()), ::testing::Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace privet
