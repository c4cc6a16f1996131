// The whole pipeline with models that know some words by heart.
#include "pipeline/learned_stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "pipeline/compiled_policy.h"
#include "pipeline/detector.h"
#include "pipeline/selection.h"
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
    score: 0.9
    gate: {literals: ['@']}
    examples: {match: ['a@example.com']}
)";

struct Parts {
  std::vector<ScriptedWord> stage1 = {};
  std::optional<std::vector<ScriptedWord>> stage2 = {};
  std::vector<EntityType> stage1_types = kTypes;
  std::vector<EntityType> stage2_types = kTypes;
  std::vector<EntityType> asked = kTypes;
  WindowSizes windows = {64, 16};
  size_t batch_tokens = 128;
};

// A detector, with a look at what its models were asked.
struct Sample {
  explicit Sample(const Parts& parts)
      : stage1(parts.stage1_types, parts.stage1),
        stage2(parts.stage2_types, parts.stage2.value_or(std::vector<ScriptedWord>())) {
    LearnedStagesConfig config = {
        {stage1.Model(), stage1.Labels()}, {}, SetOf(parts.asked), parts.windows, {}, parts.batch_tokens, {}};
    if (parts.stage2.has_value()) {
      config.stage2 = FilterStage{stage2.Model(), std::make_shared<const TaggerReader>(stage2.Labels())};
    }
    auto rules = RuleSet::Load(std::vector<PackSource>{{"sample.yaml", std::string(kPack)}});
    EXPECT_TRUE(rules.ok()) << rules.status();
    detector = std::make_unique<Detector>(*rules, Limits(),
                                          std::make_shared<const LearnedStages>(std::move(config)));
  }

  static std::shared_ptr<const CompiledPolicy> Compile(const Policy& policy) {
    Offer offer;
    offer.model_types = SetOf(kTypes);
    OperatingPoint balanced;
    balanced.name = kDefaultOperatingPoint;
    balanced.tau = 0.05;
    offer.operating_points = {balanced};
    auto compiled = CompilePolicy(policy, Limits(), offer);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    return *compiled;
  }

  Detection Detect(std::string_view text, const Policy& policy = {}) const {
    auto detection = detector->Detect(text, *Compile(policy));
    EXPECT_TRUE(detection.ok()) << detection.status();
    return detection.ok() ? *std::move(detection) : Detection();
  }

  ScriptedTagger stage1, stage2;
  std::unique_ptr<Detector> detector;
};

// "王小明/PERSON 北京/LOCATION"
std::string Shown(std::string_view text, const std::vector<Finding>& findings) {
  std::string shown;
  for (const Finding& finding : findings) {
    absl::StrAppend(&shown, shown.empty() ? "" : " ",
                    std::string(text.substr(finding.span.begin, finding.span.size())), "/",
                    std::string(IdOf(finding.type)));
  }
  return shown;
}
std::string Shown(const Sample& sample, std::string_view text, const Policy& policy = {}) {
  return Shown(text, sample.Detect(text, policy).findings);
}

double ScoreFrom(const Finding& finding, std::string_view source) {
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.source == source) return evidence.score;
  }
  return -1;
}

TEST(LearnedStagesTest, ANameThatIsFoundOnceIsFoundAgain) {
  // Behind a space the first word is another token, which this model does not know.
  const Sample sample({.stage1 = {{"Nam Lee", PERSON, 0.9}}});
  const std::string text = "Nam Lee wrote; ask Nam Lee.";
  const Detection detection = sample.Detect(text);
  EXPECT_EQ(Shown(text, detection.findings), "Nam Lee/PERSON Nam Lee/PERSON");
  EXPECT_NEAR(ScoreFrom(detection.findings[1], "repeat"), 0.9 * 0.85, 1e-6);
  EXPECT_EQ(Shown(sample, text, {.allow = {{.value = "Nam Lee"}}}), "");
  EXPECT_EQ(Shown(sample, text, {.deny = {{.value = "ask Nam", .type = "USERNAME"}}}),
            "Nam Lee/PERSON ask Nam/USERNAME");
  EXPECT_EQ(Shown(sample, text, {.max_findings = 1}), "Nam Lee/PERSON");
}

TEST(LearnedStagesTest, ANameInAnAllowedValueIsNotFoundAgain) {
  const Sample sample({.stage1 = {{"Nam Lee", PERSON, 0.9}}});
  const std::string text = "Nam Lee; write to Nam Lee@example.com";
  EXPECT_EQ(Shown(sample, text), "Nam Lee/PERSON Lee@example.com/EMAIL_ADDRESS");
  EXPECT_EQ(Shown(sample, text, {.allow = {{.value = "Lee@example.com"}}}), "Nam Lee/PERSON");
}

TEST(LearnedStagesTest, StageOneAloneFindsWhatItKnows) {
  const Sample sample(
      {.stage1 = {{"王小明", PERSON, 0.9}, {"北京市", LOCATION, 0.8}, {"Ann Lee", PERSON, 0.3}}});
  const std::string text = "王小明住在北京市, Ann Lee did not.";
  const Detection detection = sample.Detect(text);
  EXPECT_EQ(Shown(text, detection.findings), "王小明/PERSON 北京市/LOCATION");
  EXPECT_NEAR(detection.findings[0].score, 0.9, 1e-6);
  EXPECT_NEAR(ScoreFrom(detection.findings[0], "model:stage1"), 0.9, 1e-6);
  EXPECT_THAT(detection.findings[0].evidence, SizeIs(1));
  EXPECT_EQ(detection.stage_work.windows, 1u);
  EXPECT_EQ(detection.stage_work.stage2_windows, 0u);
  EXPECT_FALSE(detection.truncated);
}

TEST(LearnedStagesTest, AModelThatProposesFarTooMuchCutsNoAnswerShort) {
  // Eight proposals over one token, of which the likeliest four count: 0.53 and seven times 0.06.
  Parts doubtful;
  doubtful.stage1_types = {ORGANIZATION, LOCATION, ADDRESS, USERNAME, DATE_OF_BIRTH, QQ, WECHAT, PERSON};
  doubtful.asked = doubtful.stage1_types;
  for (const EntityType type : doubtful.stage1_types)
    doubtful.stage1.push_back({"王", type, type == PERSON ? 0.9 : 0.5});
  const Detection detection = Sample(doubtful).Detect("王");
  EXPECT_EQ(Shown("王", detection.findings), "王/PERSON");
  EXPECT_FALSE(detection.truncated);
}

TEST(LearnedStagesTest, WhatBeginsOrEndsInsideOfALatinWordIsNotProposed) {
  const Sample sample({.stage1 = {{"Ann", PERSON, 0.9}}});
  EXPECT_EQ(Shown(sample, "Ann's, 找Ann吧, Anna, Joann, JoAnn, Ann2, \\nAnn"),
            "Ann/PERSON Ann/PERSON Ann/PERSON Ann/PERSON");
}

TEST(LearnedStagesTest, EscapeSequencesAreReadAsWhatTheyStandFor) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}}});
  EXPECT_EQ(
      Shown(sample,
            R"({"name":"\u738b\u5c0f\u660e","tel":"138\u0030\u0030138000","mail":"a\u0040example.com"})"),
      R"(\u738b\u5c0f\u660e/PERSON 138\u0030\u0030138000/PHONE_NUMBER a\u0040example.com/EMAIL_ADDRESS)");
  EXPECT_EQ(Shown(sample, "n=%E7%8E%8B%E5%B0%8F%E6%98%8E&mail=a%40example.com"),
            "%E7%8E%8B%E5%B0%8F%E6%98%8E/PERSON a%40example.com/EMAIL_ADDRESS");
  // What calibration and judging read has the same spans.
  const std::string text = R"(\u738b\u5c0f\u660e)";
  const std::string_view view = text;
  const auto proposals = sample.detector->ProposeEach({&view, 1}, *Sample::Compile({}));
  ASSERT_TRUE(proposals[0].ok()) << proposals[0].status();
  ASSERT_THAT(*proposals[0], SizeIs(1));
  EXPECT_EQ((*proposals[0])[0].span, (Span{0, text.size()}));
}

TEST(LearnedStagesTest, AMentionTakesNoPartOfAnEscapeSequence) {
  const Sample sample(
      {.stage1 = {{R"(王小明\n)", PERSON, 0.9}, {R"(北京\)", LOCATION, 0.9}, {R"(\f王)", PERSON, 0.9}}});
  EXPECT_EQ(Shown(sample, R"({"a":"我叫王小明\n","b":"{\"c\":\"北京\"}"})"), "王小明/PERSON 北京/LOCATION");
  EXPECT_EQ(Shown(sample, R"("是\f王")"), "王/PERSON");
}

TEST(LearnedStagesTest, AMentionThatRunsIntoTheNextCellIsTwo) {
  const Sample sample(
      {.stage1 = {{R"(Leeds","York)", LOCATION, 0.9}}, .stage2 = {{{R"(Leeds","York)", LOCATION, 0.9}}}});
  EXPECT_EQ(Shown(sample, R"("1","Leeds","York")"), "Leeds/LOCATION York/LOCATION");
}

TEST(LearnedStagesTest, ATypeWhoseFormTheValueHasNotIsNotBelieved) {
  const Sample sample({.stage1 = {{"+329:790412", PHONE_NUMBER, 0.9}, {"+329 790412", PHONE_NUMBER, 0.9}}});
  EXPECT_EQ(Shown(sample, "DTM+329:790412, +329 790412"), "+329 790412/PHONE_NUMBER");
}

TEST(LearnedStagesTest, StageTwoKeepsRetypesAndDrops) {
  const Sample sample(
      {.stage1 = {{"王小明", PERSON, 0.6}, {"华阳", PERSON, 0.5}, {"东方", LOCATION, 0.6}},
       .stage2 = {{{"王小明", PERSON, 0.9}, {"华阳", LOCATION, 0.9}, {"东方", LOCATION, 0.05}}}});
  const std::string text = "王小明, 华阳, 东方";
  const Detection detection = sample.Detect(text);
  // 华阳: stage 1 gives it no odds as a place at all, so stage 2's cannot win alone.
  EXPECT_EQ(Shown(text, detection.findings), "王小明/PERSON");
  // The mean of the log-odds of 0.6 and 0.9.
  EXPECT_NEAR(detection.findings[0].score, 1 / (1 + std::exp(-(std::log(1.5) + std::log(9.0)) / 2)), 1e-6);
  EXPECT_NEAR(ScoreFrom(detection.findings[0], "model:stage2"), 0.9, 1e-6);
}

TEST(LearnedStagesTest, TheRoomBetweenTauAndTheLeastScoreIsStageTwos) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.1}}, .stage2 = {{{"王小明", PERSON, 0.99}}}});
  EXPECT_EQ(Shown(sample, "王小明"), "王小明/PERSON");  // proposed at 0.1, believed at 0.77
  const Sample alone({.stage1 = {{"王小明", PERSON, 0.1}}});
  EXPECT_EQ(Shown(alone, "王小明"), "");
  // A request may ask for less than tau.
  const Sample faint({.stage1 = {{"王小明", PERSON, 0.02}}});
  EXPECT_EQ(Shown(faint, "王小明", {.min_score = 0.01}), "王小明/PERSON");
}

TEST(LearnedStagesTest, StageTwoReadsOnlyWindowsWithSomethingUndecided) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}}, .stage2 = {{{"王小明", PERSON, 0.9}}}});
  std::string text;
  for (int i = 0; i < 30; ++i) text += "今天天气很好, 我们去公园.\n";
  EXPECT_EQ(sample.Detect(text).stage_work.stage2_windows, 0u);
  EXPECT_EQ(sample.stage2.windows_read(), 0u);
  // A card number with a right check digit needs nobody's opinion, and of addresses no stage has one.
  sample.Detect(text + "4111111111111111, a@example.com\n");
  EXPECT_EQ(sample.stage2.windows_read(), 0u);
  const Detection detection = sample.Detect(text + "王小明\n");
  EXPECT_EQ(detection.stage_work.stage2_windows, 1u);
  EXPECT_EQ(sample.stage2.windows_read(), 1u);
  EXPECT_GT(detection.stage_work.windows, 3u);
}

TEST(LearnedStagesTest, RulesKeepWhatNoStageKnowsOrACheckProves) {
  const Sample sample({.stage1 = {}, .stage2 = {{}}});
  EXPECT_EQ(Shown(sample, "4111111111111111 a@example.com"),
            "4111111111111111/CREDIT_CARD a@example.com/EMAIL_ADDRESS");
}

TEST(LearnedStagesTest, OfTypesThatStagesKnowTheyHaveASay) {
  const std::string text = "13800138000";
  // Both stages are all but sure that there is nothing, but they do not hush up a rule of 0.7.
  const Detection doubted = Sample({.stage1 = {}, .stage2 = {{}}}).Detect(text);
  ASSERT_EQ(Shown(text, doubted.findings), "13800138000/PHONE_NUMBER");
  EXPECT_NEAR(doubted.findings[0].score, 0.7, 0.01);
  EXPECT_THAT(doubted.findings[0].evidence, SizeIs(3));
  const Sample agreeing({.stage1 = {{text, PHONE_NUMBER, 0.6}}, .stage2 = {{{text, PHONE_NUMBER, 0.6}}}});
  const Detection detection = agreeing.Detect(text);
  EXPECT_EQ(Shown(text, detection.findings), "13800138000/PHONE_NUMBER");
  EXPECT_GT(detection.findings[0].score, 0.9);  // three that agree are surer than one
  EXPECT_THAT(detection.findings[0].evidence, SizeIs(3));
  EXPECT_NEAR(ScoreFrom(detection.findings[0], "mobile"), 0.7, 1e-9);
  // A bundle may leave a type to the rules although its models have labels for it.
  const Detection left = Sample({.stage1 = {}, .stage2 = {{}}, .asked = {PERSON}}).Detect(text);
  ASSERT_EQ(Shown(text, left.findings), "13800138000/PHONE_NUMBER");
  EXPECT_THAT(left.findings[0].evidence, SizeIs(1));
}

TEST(LearnedStagesTest, ACallersOwnRuleAndListsAreNotUpToModels) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}}, .stage2 = {{{"王小明", PERSON, 0.9}}}});
  const Policy own = {.custom_rules = {{.name = "desk", .type = "LOCATION", .pattern = "desk \\d+"}}};
  EXPECT_EQ(Shown(sample, "王小明, desk 12", own), "王小明/PERSON desk 12/LOCATION");
  const Policy lists = {.allow = {{.value = "王小明"}}, .deny = {{.value = "桌子", .type = "PERSON"}}};
  EXPECT_EQ(Shown(sample, "王小明, 桌子", lists), "桌子/PERSON");
}

TEST(LearnedStagesTest, EvidenceIsStrongestFirst) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}}, .stage2 = {{{"王小明", PERSON, 0.4}}}});
  for (const double score : {0.3, 0.6, 0.95}) {
    const Policy own = {
        .custom_rules = {{.name = "staff", .type = "PERSON", .pattern = "王小明", .score = score}}};
    const Detection detection = sample.Detect("王小明", own);
    ASSERT_THAT(detection.findings, SizeIs(1));
    std::vector<double> scores;
    for (const Evidence& evidence : detection.findings[0].evidence) scores.push_back(evidence.score);
    EXPECT_THAT(scores, SizeIs(3));
    EXPECT_TRUE(std::is_sorted(scores.rbegin(), scores.rend())) << score;
  }
}

TEST(LearnedStagesTest, WhatWasNotAskedForIsNotReported) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}, {"北京市", LOCATION, 0.8}}});
  EXPECT_EQ(Shown(sample, "王小明住在北京市", {.types = {"LOCATION"}}), "北京市/LOCATION");
  EXPECT_EQ(Shown(sample, "王小明住在北京市", {.types = {"EMAIL_ADDRESS"}}), "");
}

TEST(LearnedStagesTest, FindsEachNameOfALongTextOnce) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}, {"北京市", LOCATION, 0.8}},
                       .stage2 = {{{"王小明", PERSON, 0.9}, {"北京市", LOCATION, 0.9}}}});
  std::string text, expected;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&text, "第", i, "次, 王小明从很远的地方来到了北京市", i % 3 == 0 ? "。\n" : ", ");
    absl::StrAppend(&expected, expected.empty() ? "" : " ", "王小明/PERSON 北京市/LOCATION");
  }
  const Detection detection = sample.Detect(text);
  EXPECT_GT(detection.stage_work.windows, 20u);
  EXPECT_EQ(Shown(text, detection.findings), expected);
}

TEST(LearnedStagesTest, TheAnswerForATextIsTheOneItGetsAlone) {
  const Sample sample(
      {.stage1 = {{"王小明", PERSON, 0.9}, {"北京市", LOCATION, 0.7}, {"13800138000", PHONE_NUMBER, 0.9}},
       .stage2 = {{{"王小明", PERSON, 0.6}, {"北京市", LOCATION, 0.8}, {"13800138000", PHONE_NUMBER, 0.9}}}});
  std::vector<std::string> texts = {"", "王小明", "no one here", std::string("not UTF-8 \xFF"),
                                    "北京市, 13800138000"};
  for (int i = 0; i < 40; ++i) {
    std::string text;
    for (int k = 0; k < i; ++k)
      absl::StrAppend(&text, k % 2 == 0 ? "王小明住在北京市。" : "电话13800138000, ");
    texts.push_back(text);
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto policy = Sample::Compile({});
  const auto together = sample.detector->DetectEach(views, *policy);
  ASSERT_THAT(together, SizeIs(texts.size()));
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto alone = sample.detector->Detect(texts[i], *policy);
    ASSERT_EQ(together[i].status(), alone.status()) << i;
    if (!alone.ok()) continue;
    EXPECT_EQ(Shown(texts[i], together[i]->findings), Shown(texts[i], alone->findings)) << i;
    for (size_t f = 0; f < alone->findings.size(); ++f)
      EXPECT_DOUBLE_EQ(together[i]->findings[f].score, alone->findings[f].score);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(together[3].status()));
}

TEST(LearnedStagesTest, WhatWasKnownBeforeTheFusionDecidesAgainAsItDid) {
  const Sample sample(
      {.stage1 = {{"王小明", PERSON, 0.6}, {"北京市", LOCATION, 0.03}, {"东方", LOCATION, 0.2}},
       .stage2 = {
           {{"王小明", PERSON, 0.9}, {"东方", LOCATION, 0.9}, {"4111111111111111", PHONE_NUMBER, 0.7}}}});
  const std::string text = "王小明在北京市东方 13800138000 4111111111111111 a@example.com";
  const auto policy = Sample::Compile({});
  const std::string_view view = text;
  const auto proposals = sample.detector->ProposeEach({&view, 1}, *policy);
  ASSERT_TRUE(proposals[0].ok()) << proposals[0].status();
  // The place is below tau; the address's one rule and the card's check are there as they were found.
  ASSERT_THAT(*proposals[0], SizeIs(5));
  std::vector<Finding> decided;
  for (const ProposedSpan& proposal : *proposals[0]) {
    EXPECT_TRUE(proposal.stage1.has_value() && proposal.stage2.has_value());
    Decide(proposal, FusionModel(), policy->min_score, &decided);
  }
  const Detection detection = sample.Detect(text);
  decided = SelectWithoutOverlaps(std::move(decided));
  EXPECT_EQ(Shown(text, decided), Shown(text, detection.findings));
  ASSERT_THAT(decided, SizeIs(detection.findings.size()));
  for (size_t i = 0; i < decided.size(); ++i) EXPECT_DOUBLE_EQ(decided[i].score, detection.findings[i].score);
}

TEST(LearnedStagesTest, AForwardThatFailsFailsTheTextsThatWereInIt) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}}, .batch_tokens = 8});
  const std::vector<std::string_view> texts = {"王小明毒", "a@example.com"};
  const auto policy = Sample::Compile({});
  EXPECT_THAT(std::string(sample.detector->Detect(texts[0], *policy).status().message()),
              HasSubstr("poisoned"));
  EXPECT_TRUE(sample.detector->Detect(texts[1], *policy).ok());
}

TEST(LearnedStagesTest, StopsWhenTheCallerIsGone) {
  const Sample sample({.stage1 = {{"王小明", PERSON, 0.9}}});
  const auto detection = sample.detector->Detect("王小明", *Sample::Compile({}), [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(detection.status()));
}

TEST(LearnedStagesTest, OnceTheCallerIsGoneNoMoreTextsAreCutIntoTokens) {
  const ScriptedTagger tagger(kTypes, {});
  const LearnedStages stages(
      {{tagger.Model(), tagger.Labels()}, {}, SetOf(kTypes), {64, 16}, {}, /*batch_tokens=*/128, {}});
  std::vector<StagedText> texts(3);
  for (StagedText& text : texts) text.text = "王小明住在北京市";
  std::atomic<size_t> polls = 0;
  stages.Run(
      *Sample::Compile({}), [&] { return ++polls > 1; }, texts);
  EXPECT_GT(texts[0].work.tokens, 0u);
  for (const StagedText& text : texts) EXPECT_TRUE(absl::IsCancelled(text.status));
  EXPECT_EQ(texts[1].work.tokens + texts[2].work.tokens, 0u);
}

TEST(LearnedStagesTest, SpansLeaveSpacesOutAndTakeAccentsIn) {
  const std::string rene = "Rene\xCC\x81";  // e and a combining accent
  const Sample sample({.stage1 = {{" " + rene, PERSON, 0.9}}});
  const std::string text = "call " + rene + " now";
  EXPECT_EQ(Shown(sample, text), rene + "/PERSON");
}

}  // namespace
}  // namespace privet
