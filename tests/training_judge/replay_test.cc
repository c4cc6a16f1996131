// A replay is what the pipeline would have found: held against the pipeline itself.
#include "training/judge/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/utf8.h"
#include "pipeline/policy.h"
#include "rules/rule_set.h"
#include "tests/pipeline/scripted_stages.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::vector<EntityType> kTypes = {PERSON, LOCATION, PHONE_NUMBER};

constexpr std::string_view kPack = R"(pack: sample
rules:
  - id: mobile
    type: PHONE_NUMBER
    patterns: ['1\d{10}']
    score: 0.7
    boundary: number
    gate: {digits: 11}
    examples: {match: ['13800138000']}
  - id: card
    type: CREDIT_CARD
    patterns: ['\d{16}']
    score: 0.95
    validator: credit_card
    boundary: number
    gate: {digits: 13}
    examples: {match: ['4111111111111111']}
  - id: mail
    type: EMAIL_ADDRESS
    patterns: ['[\w.]+@[\w.]+\w']
    score: 0.6
    gate: {literals: ['@']}
    examples: {match: ['a@example.com']}
)";

// The whole pipeline or parts of it, with a fusion of its own.
std::shared_ptr<const Detector> Pipeline(bool with_rules, bool with_stage2, const FusionModel& fusion) {
  const ScriptedTagger stage1(kTypes, {{"王小明", PERSON, 0.6},
                                       {"北京市", LOCATION, 0.03},
                                       {"东方", LOCATION, 0.2},
                                       {"华阳", PERSON, 0.8},
                                       {"海淀", LOCATION, 0.1},
                                       {"13800138000", PHONE_NUMBER, 0.3},
                                       {"4111111111111111", PHONE_NUMBER, 0.4}});
  const ScriptedTagger stage2({PERSON, LOCATION}, {{"王小明", PERSON, 0.9},
                                                   {"东方", LOCATION, 0.9},
                                                   {"华阳", PERSON, 0.05},
                                                   {"海淀", LOCATION, 0.99},
                                                   {"13800138000", LOCATION, 0.6}});
  LearnedStagesConfig config = {
      {stage1.Model(), stage1.Labels()}, {}, SetOf(kTypes), {64, 16}, fusion, 128, {}};
  if (with_stage2) {
    config.stage2 = FilterStage{stage2.Model(), std::make_shared<const TaggerReader>(stage2.Labels())};
  }
  const std::string no_rules = R"(pack: none
rules:
  - {id: never, type: VIN, patterns: ['zzqq'], score: 0.1, gate: {literals: [zzqq]}, examples: {match: [zzqq]}}
)";
  auto rules =
      RuleSet::Load(std::vector<PackSource>{{"sample.yaml", with_rules ? std::string(kPack) : no_rules}});
  EXPECT_TRUE(rules.ok()) << rules.status();
  return std::make_shared<const Detector>(*rules, Limits(),
                                          std::make_shared<const LearnedStages>(std::move(config)));
}

std::vector<LabeledRecord> Texts() {
  std::mt19937 random(5);
  const std::vector<std::string> pieces = {
      "王小明",           "北京市",        "东方",     "华阳",  "海淀", "13800138000",
      "4111111111111111", "a@example.com", "今天天气", " and ", "。\n", ", "};
  std::vector<LabeledRecord> records(40);
  for (LabeledRecord& record : records) {
    for (size_t i = random() % 30; i > 0; --i) record.text += pieces[random() % pieces.size()];
  }
  return records;
}

TEST(ReplayTest, DecidesAsThePipelineWithThosePartsAndThresholdsDoes) {
  FusionModel fitted;
  fitted.weights = {0.8, 0.3, 1.2, 0.7, 1, 0.9};
  fitted.bias[IndexOf(PERSON)] = 0.4;
  const auto readings = ReadTexts(*Pipeline(true, true, {}), SetOf(kTypes), 0.005, Texts());
  ASSERT_TRUE(readings.ok()) << readings.status();
  ASSERT_THAT(readings->texts, SizeIs(40));
  size_t compared = 0;
  for (const bool rules : {true, false}) {
    for (const bool stage2 : {true, false}) {
      for (const auto& [min_score, tau] :
           {std::pair(0.5, 0.05), {0.3, 0.01}, {0.06, 0.15}, {0.9, 0.5}, {0.1, 0.5}}) {
        Offer offer;
        offer.model_types = SetOf(kTypes);
        OperatingPoint point;
        point.name = kDefaultOperatingPoint;
        point.min_score = min_score;
        point.min_score_by_type[LOCATION] = min_score * 0.9;
        point.min_score_without_han = min_score * 1.05;
        point.tau = tau;
        offer.operating_points = {point};
        const auto policy = CompilePolicy({}, Limits(), offer);
        ASSERT_TRUE(policy.ok()) << policy.status();
        const auto detector = Pipeline(rules, stage2, fitted);
        Variant variant;
        variant.rules = rules;
        variant.stage2 = stage2;
        variant.fusion = fitted;
        variant.tau = TausOf(point);
        for (const JudgedText& text : readings->texts) {
          variant.min_score = MinScoresOf(point, HasHan(text.record.text));
          const auto expected = detector->Detect(text.record.text, **policy);
          ASSERT_TRUE(expected.ok()) << expected.status();
          const auto replayed = Replay(text, variant, readings->stage2_types);
          ASSERT_THAT(replayed, SizeIs(expected->findings.size()));
          for (size_t i = 0; i < replayed.size(); ++i) {
            EXPECT_EQ(replayed[i].span, expected->findings[i].span);
            EXPECT_EQ(replayed[i].type, expected->findings[i].type);
            EXPECT_NEAR(replayed[i].score, expected->findings[i].score, 1e-9);
            ++compared;
          }
        }
      }
    }
  }
  EXPECT_GT(compared, 1000u);
}

TEST(ReplayTest, AtEachThresholdItIsAReplayOfItsOwn) {
  const auto readings = ReadTexts(*Pipeline(true, true, {}), SetOf(kTypes), 0.005, Texts());
  ASSERT_TRUE(readings.ok()) << readings.status();
  const std::vector<double> thresholds = {0.005, 0.03, 0.051, 0.2, 0.5, 0.7, 0.95};
  Variant variant;
  variant.tau = Everywhere(0.005);
  for (const JudgedText& text : readings->texts) {
    ReplayAtEach(*readings, text, variant, thresholds, [&](size_t i, const std::vector<Finding>& findings) {
      variant.min_score = LeastScores(thresholds[i], readings->rule_types);
      const auto alone = Replay(text, variant, readings->stage2_types);
      ASSERT_THAT(findings, SizeIs(alone.size()));
      for (size_t f = 0; f < alone.size(); ++f) {
        EXPECT_EQ(findings[f].span, alone[f].span);
        EXPECT_EQ(findings[f].type, alone[f].type);
      }
    });
  }
}

TEST(ReplayTest, ARecordThatCannotBeReadIsNamedAndTheOthersAreRead) {
  std::vector<LabeledRecord> records(3);
  records[0].text = "王小明";
  records[1].text = "毒";  // the scripted model's forward fails
  records[1].origin = "sample.jsonl:2";
  records[2].text = "a@example.com";
  const auto detector = Pipeline(true, false, {});
  for (LabeledRecord& record : records) record.text.insert(0, std::string(600, ' '));  // windows of their own
  size_t last = 0;
  const auto readings = ReadTexts(*detector, SetOf(kTypes), 0.01, records,
                                  [&](size_t done, size_t of) { last = 100 * done / of; });
  ASSERT_TRUE(readings.ok()) << readings.status();
  EXPECT_EQ(readings->texts.size() + readings->failed.size(), 3u);
  EXPECT_THAT(readings->failed, ::testing::Contains(HasSubstr("sample.jsonl:2: ")));
  EXPECT_EQ(last, 100u);
}

}  // namespace
}  // namespace privet
