#include "training/judge/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/training_judge/sample_texts.h"
#include "training/judge/risk_control.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Optional;

BundleManifest Bundle() {
  BundleManifest bundle;
  bundle.name = "tiny";
  bundle.version = "1";
  bundle.stage2 = StageModel{"stage2", "", FilterHead::Tagger, 1};
  OperatingPoint balanced, audit;
  balanced.name = "balanced";
  balanced.tau = 0.05;
  audit.name = "audit";
  audit.min_score = 0.77;
  bundle.offer.operating_points = {balanced, audit};
  return bundle;
}

const char* const kNames[] = {"甲甲", "乙乙", "丙丙", "丁丁", "戊戊", "己己", "庚庚", "辛辛"};

// Documents of up to eight spans, half of them names. Stage 1 is far too sure of itself, stage 2 is the
// better reader: what a span is was drawn from a fourth of stage 1's log-odds and eight tenths of stage 2's.
Readings Draw(size_t documents, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 3);
  std::uniform_real_distribution<double> uniform(0, 1);
  Readings readings;
  readings.types.set(IndexOf(PERSON));
  readings.stage2_types = readings.types;
  for (size_t d = 0; d < documents; ++d) {
    std::string text;
    const size_t spans = random() % 8 + 1;
    for (size_t i = 0; i < spans; ++i) text += std::string(kNames[i]) + ", ";
    JudgedText judged;
    Pieces names;
    for (size_t i = 0; i < spans; ++i) {
      const double one = normal(random) + 1, two = normal(random);
      const auto probability = [](double log_odds) { return 1 / (1 + std::exp(-log_odds)); };
      if (uniform(random) < probability(0.25 * one + 0.8 * two)) names.emplace_back(kNames[i], PERSON);
      ProposedSpan proposal = ProposedBy(text, kNames[i], PERSON, 0.5, 0.5);
      proposal.stage1 = Says(PERSON, probability(one), {PERSON});
      proposal.stage2 = Says(PERSON, probability(two), {PERSON});
      judged.proposals.push_back(std::move(proposal));
    }
    judged.record = RecordOf(text, names);
    readings.texts.push_back(std::move(judged));
  }
  return readings;
}

const OperatingPoint& Point(const Calibrated& calibrated, std::string_view name) {
  for (const OperatingPoint& point : calibrated.points) {
    if (point.name == name) return point;
  }
  ADD_FAILURE() << "no point " << name;
  return calibrated.points.at(0);
}

TEST(CalibrationTest, FitsTheFusionAndSetsThreePoints) {
  const BundleManifest bundle = Bundle();
  const auto calibrated = Calibrate(Draw(1200, 1), bundle, {.alpha = 0.1, .tau = 0.005});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  // (weights . features) / temperature: what the data was drawn from.
  const double temperature = calibrated->fusion.temperature[IndexOf(PERSON)];
  EXPECT_NEAR(calibrated->fusion.weights[0] / temperature, 0.25, 0.1);
  EXPECT_NEAR(calibrated->fusion.weights[1] / temperature, 0.8, 0.15);
  EXPECT_TRUE(calibrated->loss_after.has_value());
  EXPECT_LT(calibrated->loss_after, calibrated->loss_before);
  EXPECT_LT(calibrated->reliability_after.expected_error, calibrated->reliability_before.expected_error);
  EXPECT_LT(calibrated->reliability_after.expected_error, 0.05);

  const OperatingPoint &recall = Point(*calibrated, "high_recall"),
                       &balanced = Point(*calibrated, "balanced"),
                       &precision = Point(*calibrated, "high_precision");
  EXPECT_LT(MinScoreOf(recall, PERSON), MinScoreOf(balanced, PERSON));
  EXPECT_LT(MinScoreOf(balanced, PERSON), MinScoreOf(precision, PERSON));
  EXPECT_EQ(recall.tau, 0.005);
  EXPECT_EQ(balanced.tau, 0.05);
  EXPECT_EQ(Point(*calibrated, "audit").min_score, 0.77);
  ASSERT_TRUE(calibrated->bounded());
  EXPECT_LE(calibrated->bounds.at(0).missed, 0.1);
  EXPECT_EQ(calibrated->threshold_documents, 600u);
  EXPECT_LT(calibrated->bound_documents(), 600u);  // some hold no name
  for (const PointScore& score : calibrated->after) {
    if (score.name == "high_recall") {
      EXPECT_LE(score.missed_share, 0.1);
    }
    if (score.name == "high_precision") {
      EXPECT_THAT(score.exact.precision(), Optional(Ge(0.96)));
    }
  }
  EXPECT_THAT(CalibrationReport(*calibrated, bundle, {.alpha = 0.1}),
              AllOf(HasSubstr("high_recall"), HasSubstr("is at most 0.1"), HasSubstr("calibration error")));
}

TEST(CalibrationTest, HighRecallGetsTheTauThatIsAskedForWhateverItHad) {
  BundleManifest bundle = Bundle();
  OperatingPoint recall = bundle.offer.operating_points[0];
  recall.name = "high_recall";
  for (const double had : {0.01, 0.2}) {
    recall.tau = had;
    recall.tau_by_type = {{PERSON, had / 2}};
    bundle.offer.operating_points.push_back(recall);
    const auto calibrated = Calibrate(Draw(400, 8), bundle, {.alpha = 0.1, .tau = 0.04});
    ASSERT_TRUE(calibrated.ok()) << calibrated.status();
    EXPECT_EQ(TauOf(Point(*calibrated, "high_recall"), PERSON), 0.04) << had;
    bundle.offer.operating_points.pop_back();
  }
}

TEST(CalibrationTest, AFewSpansFitNoFusion) {
  const BundleManifest bundle = Bundle();
  const auto calibrated = Calibrate(Draw(60, 1), bundle, {.alpha = 0.4});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  EXPECT_EQ(calibrated->fusion.weights, bundle.calibration.fusion.weights);
  EXPECT_FALSE(calibrated->loss_after.has_value());
  EXPECT_THAT(CalibrationReport(*calibrated, bundle, {.alpha = 0.4}), HasSubstr("the bundle keeps its own"));
}

TEST(CalibrationTest, TheWholePipelineMissesNoMoreThanAlphaOnFreshDocuments) {
  const double alpha = 0.15;
  double risk = 0, square = 0;
  constexpr int kRepetitions = 60;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto calibrated = Calibrate(Draw(160, 100 + i), Bundle(), {.alpha = alpha});
    ASSERT_TRUE(calibrated.ok()) << calibrated.status();
    ASSERT_TRUE(calibrated->bounded());
    const Readings fresh = Draw(60, 5000 + i);
    Variant variant;
    variant.fusion = calibrated->fusion;
    variant.min_score = MinScoresOf(Point(*calibrated, "high_recall"), true);
    variant.tau = TausOf(Point(*calibrated, "high_recall"));
    double missed = 0;
    int documents = 0;
    for (const JudgedText& text : fresh.texts) {
      if (text.record.spans.empty()) continue;
      const auto found =
          MatchSpans(text.record.spans, Replay(text, variant, fresh.stage2_types), Match::Overlap).found;
      missed += static_cast<double>(std::count(found.begin(), found.end(), false)) /
                static_cast<double>(found.size());
      ++documents;
    }
    const double mean = missed / documents;
    risk += mean / kRepetitions;
    square += mean * mean / kRepetitions;
  }
  EXPECT_LE(risk, alpha + 3 * std::sqrt((square - risk * risk) / kRepetitions));
  EXPECT_GE(risk, alpha / 3);
}

TEST(CalibrationTest, AMarginPromisesLessThanTheThresholdIsSetFor) {
  const auto exact = Calibrate(Draw(400, 8), Bundle(), {.alpha = 0.1});
  const auto careful = Calibrate(Draw(400, 8), Bundle(), {.alpha = 0.15, .margin = 0.05});
  ASSERT_TRUE(exact.ok() && careful.ok());
  EXPECT_EQ(MinScoreOf(Point(*careful, "high_recall"), PERSON),
            MinScoreOf(Point(*exact, "high_recall"), PERSON));
  EXPECT_EQ(careful->bounds.at(0).missed, exact->bounds.at(0).missed);
}

// Chinese documents whose names both stages are sure of, and English ones of which they are not.
Readings DrawTwoKinds() {
  Readings readings = Draw(400, 11), english = Draw(400, 12);
  for (JudgedText& text : readings.texts) {
    for (ProposedSpan& proposal : text.proposals) {
      const bool name = std::any_of(text.record.spans.begin(), text.record.spans.end(),
                                    [&](const LabeledSpan& entity) { return entity.span == proposal.span; });
      proposal.stage1 = proposal.stage2 = Says(PERSON, name ? 0.999 : 0.001, {PERSON});
    }
  }
  for (JudgedText& text : english.texts) {
    // As many bytes, so that spans stay where they are.
    for (char& c : text.record.text) c = static_cast<unsigned char>(c) < 0x80 ? c : 'x';
    readings.texts.push_back(std::move(text));
  }
  return readings;
}

TEST(CalibrationTest, TheBoundHoldsForChineseAndForOtherTextsByThemselves) {
  const auto calibrated = Calibrate(DrawTwoKinds(), Bundle(), {.alpha = 0.1});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  ASSERT_EQ(calibrated->bounds.size(), 2u);
  EXPECT_TRUE(calibrated->bounded());
  EXPECT_LE(calibrated->bounds[1].missed, 0.1);
  EXPECT_GT(calibrated->bounds[1].missed, 3 * calibrated->bounds[0].missed);
  EXPECT_THAT(CalibrationReport(*calibrated, Bundle(), {.alpha = 0.1}),
              HasSubstr("misses in texts without is at most 0.1"));

  // Over both together half of what is asked for would do.
  Readings one_kind = DrawTwoKinds();
  for (JudgedText& text : one_kind.texts) text.record.text += "中";
  const auto together = Calibrate(one_kind, Bundle(), {.alpha = 0.1});
  ASSERT_TRUE(together.ok()) << together.status();
  EXPECT_EQ(together->bounds.size(), 1u);
  EXPECT_GT(MinScoreOf(Point(*together, "high_recall"), PERSON),
            MinScoreOf(Point(*calibrated, "high_recall"), PERSON));
}

TEST(CalibrationTest, TextsWithoutChineseHaveTheirOwnLeastScores) {
  const auto calibrated = Calibrate(DrawTwoKinds(), Bundle(), {.alpha = 0.1, .precision = 0.97});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  const OperatingPoint& precision = Point(*calibrated, "high_precision");
  EXPECT_GT(MinScoreOf(precision, PERSON, /*has_han=*/false), MinScoreOf(precision, PERSON));
  // Chinese scores are all but 0 or 1 there, so any least score between is as good.
  const OperatingPoint& balanced = Point(*calibrated, "balanced");
  ASSERT_TRUE(balanced.min_score_without_han.has_value());
  EXPECT_NE(*balanced.min_score_without_han, balanced.min_score);
  EXPECT_GE(MinScoreOf(precision, PERSON, /*has_han=*/false), *balanced.min_score_without_han);
  EXPECT_FALSE(Point(*calibrated, "high_recall").min_score_without_han.has_value());
}

TEST(CalibrationTest, RefusesTooFewDocumentsAndSaysHowManyItTakes) {
  const auto calibrated = Calibrate(Draw(30, 3), Bundle(), {.alpha = 0.05});
  EXPECT_TRUE(absl::IsFailedPrecondition(calibrated.status()));
  EXPECT_THAT(
      std::string(calibrated.status().message()),
      AllOf(HasSubstr("a bound of 0.05 needs 19; give about 40 documents"), HasSubstr("raise --alpha")));
}

TEST(CalibrationTest, DocumentsWithoutEntitiesDoNotCount) {
  Readings readings = Draw(30, 3);
  for (int i = 0; i < 500; ++i) readings.texts.push_back({RecordOf("今天天气很好", {}), {}});
  EXPECT_TRUE(absl::IsFailedPrecondition(Calibrate(readings, Bundle(), {.alpha = 0.05}).status()));
}

TEST(CalibrationTest, PromisesNothingWhereNoThresholdKeepsIt) {
  Readings readings = Draw(400, 4);
  // Half of the names were never proposed.
  for (JudgedText& text : readings.texts) {
    std::erase_if(text.proposals, [&](const ProposedSpan& p) { return p.span.begin % 16 == 0; });
  }
  const auto calibrated = Calibrate(readings, Bundle(), {.alpha = 0.1});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  EXPECT_FALSE(calibrated->bounded());
  EXPECT_THAT(calibrated->remarks, Contains(HasSubstr("no least score bounds the missed share by 0.1")));
  EXPECT_EQ(MinScoreOf(Point(*calibrated, "high_recall"), PERSON), 0.005);
}

TEST(CalibrationTest, HighPrecisionHoldsInEachFileThatHasEnoughFindings) {
  // The easy file's names are found for sure, so that over all texts together nearly any score would do.
  Readings easy, hard = Draw(300, 7);
  for (JudgedText& text : hard.texts) text.record.origin = "hard.jsonl:1";
  easy = hard;
  for (JudgedText& text : easy.texts) {
    text.record.origin = "easy.jsonl:1";
    for (ProposedSpan& proposal : text.proposals) {
      const bool name = std::any_of(text.record.spans.begin(), text.record.spans.end(),
                                    [&](const LabeledSpan& entity) { return entity.span == proposal.span; });
      proposal.stage1 = proposal.stage2 = Says(PERSON, name ? 0.9999 : 0.001, {PERSON});
    }
  }
  Readings both = hard;
  both.texts.insert(both.texts.end(), easy.texts.begin(), easy.texts.end());
  const auto in_files = Calibrate(both, Bundle(), {.alpha = 0.3, .precision = 0.97});
  for (JudgedText& text : both.texts) text.record.origin = "one.jsonl:1";
  const auto in_one = Calibrate(both, Bundle(), {.alpha = 0.3, .precision = 0.97});
  ASSERT_TRUE(in_files.ok() && in_one.ok());
  EXPECT_GT(MinScoreOf(Point(*in_files, "high_precision"), PERSON),
            MinScoreOf(Point(*in_one, "high_precision"), PERSON));
}

TEST(CalibrationTest, TypesThatRulesFindKeepTheirGates) {
  Readings readings = Draw(400, 4);
  for (JudgedText& text : readings.texts) {
    std::erase_if(text.proposals, [&](const ProposedSpan& p) { return p.span.begin % 16 == 0; });
  }
  readings.rule_types.set(IndexOf(PHONE_NUMBER));
  readings.types |= readings.rule_types;
  const auto calibrated = Calibrate(readings, Bundle(), {.alpha = 0.1});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  EXPECT_EQ(MinScoreOf(Point(*calibrated, "high_recall"), PERSON), 0.005);
  EXPECT_GT(MinScoreOf(Point(*calibrated, "high_recall"), PHONE_NUMBER), kGatedAbove);
}

TEST(CalibrationTest, WithoutStageTwoItsWeightsStay) {
  Readings readings = Draw(600, 5);
  readings.stage2_types.reset();
  for (JudgedText& text : readings.texts) {
    for (ProposedSpan& proposal : text.proposals) proposal.stage2.reset();
  }
  BundleManifest bundle = Bundle();
  bundle.stage2.reset();
  const auto calibrated = Calibrate(readings, bundle, {.alpha = 0.2});
  ASSERT_TRUE(calibrated.ok()) << calibrated.status();
  EXPECT_EQ(calibrated->fusion.weights[0], FusionModel().weights[0]);
  EXPECT_EQ(calibrated->fusion.weights[1], FusionModel().weights[1]);
  EXPECT_LT(calibrated->fusion.weights[2], 0.5);
}

TEST(CalibrationTest, ASeedPartsAlike) {
  const Readings readings = Draw(200, 6);
  const auto a = Calibrate(readings, Bundle(), {.alpha = 0.2, .seed = 5});
  const auto b = Calibrate(readings, Bundle(), {.alpha = 0.2, .seed = 5});
  const auto c = Calibrate(readings, Bundle(), {.alpha = 0.2, .seed = 6});
  ASSERT_TRUE(a.ok() && b.ok() && c.ok());
  EXPECT_EQ(a->fusion.weights, b->fusion.weights);
  EXPECT_NE(a->fusion.weights, c->fusion.weights);
}

}  // namespace
}  // namespace privet
