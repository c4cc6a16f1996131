#include "training/judge/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/training_judge/sample_texts.h"
#include "training/judge/report.h"

namespace privet {
namespace {

using enum EntityType;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;
using ::testing::SizeIs;
using ::testing::StartsWith;

BundleManifest Bundle(FilterHead head = FilterHead::Tagger) {
  BundleManifest bundle;
  bundle.name = "tiny";
  bundle.version = "1";
  bundle.stage2 = StageModel{"stage2", "", head, 1};
  return bundle;
}

OperatingPoint Balanced() {
  OperatingPoint point;
  point.name = "balanced";
  point.tau = 0.05;
  return point;
}

// Thirty texts with a name that both stages see, a place that stage 2 alone doubts although it is one, and a
// word that stage 1 alone takes for a name.
Readings Sample() {
  Readings readings;
  for (const EntityType type : {PERSON, LOCATION}) {
    readings.types.set(IndexOf(type));
    readings.stage2_types.set(IndexOf(type));
  }
  for (int i = 0; i < 30; ++i) {
    const std::string text = "王小明住在北京市, 华阳 <b>&amp;";
    JudgedText judged = {
        RecordOf(text, {{"王小明", PERSON}, {"北京市", LOCATION}}),
        {ProposedBy(text, "王小明", PERSON, 0.9, 0.95), ProposedBy(text, "北京市", LOCATION, 0.7, 0.1),
         ProposedBy(text, "华阳", PERSON, 0.8, 0.02)}};
    readings.texts.push_back(std::move(judged));
  }
  return readings;
}

const PartsScore& Part(const Evaluation& evaluation, std::string_view key) {
  for (const PartsScore& score : evaluation.parts) {
    if (score.key == key) return score;
  }
  ADD_FAILURE() << "no part " << key;
  return evaluation.parts.at(0);
}

TEST(EvaluationTest, CountsAtTheOperatingPointAndSaysWhereRecallGoes) {
  const BundleManifest bundle = Bundle();
  const Evaluation e = Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle, .read_tau = 0.005});
  EXPECT_EQ(e.exact.micro(), (Counts{.entities = 60, .found = 30, .findings = 30, .right = 30}));
  EXPECT_EQ(e.misses.by_cause[static_cast<size_t>(MissCause::Stage2)], 30u);
  EXPECT_EQ(e.misses.total(), 30u);
  EXPECT_THAT(e.advice, ElementsAre(HasSubstr("dropped by stage 2 against stage 1")));
  EXPECT_EQ(e.judged, "rules and both stages");
  EXPECT_THAT(e.missed_share, Optional(DoubleEq(0.5)));
  EXPECT_EQ(e.bound, "");
  EXPECT_EQ(e.texts_with_errors, 30u);
  EXPECT_THAT(e.curves, SizeIs(3));
  EXPECT_EQ(e.curves[0].name, "micro");
}

TEST(EvaluationTest, SaysWhatIsPromisedAtThePointOfThePromise) {
  BundleManifest bundle = Bundle();
  bundle.calibration.alpha = 0.1;
  bundle.calibration.operating_point = "high_recall";
  bundle.calibration.documents = 200;
  OperatingPoint point = Balanced();
  EXPECT_EQ(Evaluate(Sample(), {.point = point, .bundle = &bundle}).bound, "");
  point.name = "high_recall";
  EXPECT_EQ(Evaluate(Sample(), {.point = point, .bundle = &bundle}).bound,
            "at most 0.1 at high_recall, by calibration on 200 documents");
}

TEST(EvaluationTest, ShowsEachPartAtItsBestPoint) {
  const BundleManifest bundle = Bundle();
  const Evaluation e = Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle});
  // Stage 1: all three of a text from 0.7 down, P 2/3, R 1.
  const Counts stage1 = Part(e, "stage1").exact.micro();
  EXPECT_THAT(stage1.recall(), Optional(DoubleEq(1)));
  EXPECT_THAT(stage1.f(1), Optional(DoubleEq(0.8)));
  // The average: name 0.93, place 0.34, word 0.22: just right in between.
  EXPECT_THAT(Part(e, "average").exact.micro().f(1), Optional(DoubleEq(1)));
  EXPECT_DOUBLE_EQ(Part(e, "average").min_score, 0.25);
  EXPECT_EQ(Part(e, "rules").exact.micro().findings, 0u);
  EXPECT_THAT(e.remarks, ElementsAre(HasSubstr("exact F1 1.000 beats stage 1 alone with 0.800"),
                                     HasSubstr("fusion is not fitted")));
}

TEST(EvaluationTest, SaysWhereTheFilterDoesNotBeatTheAverage) {
  BundleManifest bundle = Bundle();
  bundle.calibration.fusion.weights = {1, 0, 1, 1, 2, 1};  // deaf to stage 2
  const Evaluation e = Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle});
  EXPECT_THAT(
      e.remarks,
      Contains(AllOf(HasSubstr("fusion: exact F1 0.800 falls behind average of two taggers with 1.000"))));
}

TEST(EvaluationTest, SaysWhyThereIsNoAverage) {
  const BundleManifest span = Bundle(FilterHead::Span);
  EXPECT_THAT(Evaluate(Sample(), {.point = Balanced(), .bundle = &span}).remarks,
              Contains(HasSubstr("stage 2 is a span head, not a tagger")));
  BundleManifest one = Bundle();
  one.stage2.reset();
  EXPECT_THAT(Evaluate(Sample(), {.point = Balanced(), .bundle = &one}).remarks,
              ElementsAre(HasSubstr("there is no stage 2")));
}

TEST(EvaluationTest, StageOneOrRulesAloneCanBeJudged) {
  const BundleManifest bundle = Bundle();
  const Evaluation stage1 =
      Evaluate(Sample(), {.judged = Judged::Stage1Only, .point = Balanced(), .bundle = &bundle});
  EXPECT_EQ(stage1.exact.micro(), (Counts{.entities = 60, .found = 60, .findings = 90, .right = 60}));
  const Evaluation rules = Evaluate(Sample(), {.judged = Judged::RulesOnly, .point = Balanced()});
  EXPECT_EQ(rules.exact.micro(), (Counts{.entities = 60}));
  EXPECT_EQ(rules.judged, "rules alone");
}

TEST(ReportTest, HoldsNoTextUnlessAskedFor) {
  const BundleManifest bundle = Bundle();
  const Evaluation without = Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle});
  for (const std::string& report :
       {HtmlReport(without, &without), TextReport(without, &without), JsonReport(without).dump()}) {
    for (const char* piece : {"王小明", "北京市", "华阳"}) EXPECT_THAT(report, Not(HasSubstr(piece)));
    EXPECT_THAT(report, HasSubstr("PERSON"));
  }
  const Evaluation with = Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle, .keep_texts = true});
  const std::string page = HtmlReport(with, nullptr);
  EXPECT_THAT(page, HasSubstr("<mark class=\"missed\">北京市<sup>LOCATION missed</sup></mark>"));
  EXPECT_THAT(page, HasSubstr("<mark class=\"right\">王小明"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;&amp;amp;"));  // what is text stays text
  EXPECT_THAT(TextReport(with, nullptr), Not(HasSubstr("王小明")));
}

TEST(ReportTest, ThePageNeedsNothingFromOutside) {
  const BundleManifest bundle = Bundle();
  const std::string page = HtmlReport(Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle}), nullptr);
  EXPECT_THAT(page, AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr("<svg"), HasSubstr("<style>")));
  for (const char* outside : {"<script", "http:", "https:", "src=", "href=", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(ReportTest, JsonHasItsKeys) {
  const BundleManifest bundle = Bundle();
  const auto json =
      JsonReport(Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle, .read_tau = 0.005}));
  EXPECT_EQ(json["exact"]["micro"]["found"], 30);
  EXPECT_EQ(json["exact"]["by_type"]["LOCATION"]["recall"], 0.0);
  EXPECT_TRUE(json["exact"]["by_type"]["LOCATION"]["precision"].is_null());
  EXPECT_EQ(json["overlap"]["macro"]["types"], 2);
  EXPECT_EQ(json["misses"]["stage2"], 30);
  EXPECT_EQ(json["misses_by_type"]["LOCATION"]["total"], 30);
  EXPECT_EQ(json["parts"]["average"]["exact"]["micro"]["f1"], 1.0);
  EXPECT_EQ(json["curves"]["micro"]["points"].size(), 3u);
  EXPECT_TRUE(json["reliability"].contains("expected_calibration_error"));
}

TEST(ReportTest, ShowsKindsOfTextFilesAndTypesThatAreTakenForOthers) {
  const BundleManifest bundle = Bundle();
  Readings readings = Sample();
  const std::string text = "Beijing";
  readings.texts.push_back(
      {RecordOf(text, {{"Beijing", LOCATION}}), {ProposedBy(text, "Beijing", PERSON, 0.9, 0.9)}});
  readings.texts.back().record.origin = "english.jsonl:1";
  const Evaluation e = Evaluate(readings, {.point = Balanced(), .bundle = &bundle});
  for (const std::string& report : {TextReport(e, nullptr), HtmlReport(e, nullptr)}) {
    EXPECT_THAT(report, AllOf(HasSubstr("with Chinese characters"), HasSubstr("english.jsonl"),
                              HasSubstr("Types taken for others")));
  }
  const auto json = JsonReport(e);
  EXPECT_EQ(json["by_language"]["with Chinese characters"]["exact"]["found"], 30);
  EXPECT_EQ(json["by_language"]["without Chinese characters"]["exact"]["precision"], 0.0);
  EXPECT_EQ(json["by_file"]["english.jsonl"]["texts"], 1);
  EXPECT_EQ(json["confusions"].size(), 1u);
  EXPECT_EQ(json["confusions"][0]["marked"], "LOCATION");
  EXPECT_EQ(json["confusions"][0]["found"], "PERSON");
  EXPECT_EQ(json["confusions"][0]["with_borders"], 1);
  // One kind of text from one file, each type found as itself: the sums say all there is.
  const Evaluation alike = Evaluate(Sample(), {.point = Balanced(), .bundle = &bundle});
  EXPECT_THAT(TextReport(alike, nullptr),
              AllOf(Not(HasSubstr("by kind of text")), Not(HasSubstr("taken for others"))));
}

TEST(ReportTest, TablesLineUp) {
  EXPECT_EQ(AlignedTable({{"type", "R"}, {"PERSON", "0.912"}, {"all", ""}}),
            "type        R\nPERSON  0.912\nall\n");
  EXPECT_THAT(AlignedTable({}), IsEmpty());
}

}  // namespace
}  // namespace privet
