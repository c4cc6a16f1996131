#include "rules/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "core/unescape.h"
#include "rules/pack.h"
#include "rules/pattern_search.h"

namespace privet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kPack = R"(pack: sample
rules:
  - id: long_number
    type: PHONE_NUMBER
    patterns: ['1\d{10}']
    score: 0.9
    boundary: number
    gate: {digits: 11}
    examples: {match: ['13800138000']}
  - id: mail
    type: EMAIL_ADDRESS
    patterns: ['[\w.]+@[\w.]+\w']
    score: 0.9
    gate: {literals: ['@']}
    examples: {match: ['a@example.com']}
  - id: labelled
    type: QQ
    patterns: ['(?i)qq[: ]*(\d{5,})']
    score: 0.9
    boundary: digit
    gate: {digits: 5, literals: [qq]}
    examples: {match: ['QQ: ⟦10001⟧']}
  - id: block
    type: SECRET
    patterns: ['-----BEGIN X-----(?s:.+?)-----END X-----']
    score: 0.9
    boundary: none
    multiline: true
    gate: {literals: ['-----begin']}
    examples: {match: ["-----BEGIN X-----\nabc\n-----END X-----"]}
  - id: born
    type: DATE_OF_BIRTH
    patterns: ['\d{4}-\d\d-\d\d']
    score: 0.9
    columns: [dob, 生日]
    examples: {match: ["name,dob\nLi,⟦1990-03-07⟧"]}
)";

std::shared_ptr<const RuleSet> Rules() {
  const std::vector<PackSource> sources = {{"sample.yaml", std::string(kPack)}};
  auto rules = RuleSet::Load(sources);
  EXPECT_TRUE(rules.ok()) << rules.status();
  return *rules;
}

std::vector<std::string> FoundIn(std::string_view text, const ScanRequest& request = {}) {
  std::vector<std::string> found;
  const UnescapedText unescaped(text);
  const auto candidates = Rules()->Scan(unescaped, request);
  EXPECT_TRUE(candidates.ok());
  for (const Candidate& c : *candidates) {
    const Span span = unescaped.AsWritten(c.span);
    found.emplace_back(text.substr(span.begin, span.size()));
  }
  return found;
}

TEST(RuleSetTest, ReadsTheCellsBelowAColumnsName) {
  EXPECT_THAT(FoundIn("id;DOB;ward\n1;1990-03-07;1990-03-08\n2;;4B\r\n3;\"1990-03-09\";2A\n"),
              ElementsAre("1990-03-07", "1990-03-09"));
  EXPECT_THAT(FoundIn("姓名\t生日\n李\t１９９０-03-07"), ElementsAre("１９９０-03-07"));
  EXPECT_THAT(FoundIn("| 姓名 | 生日 |\n|---|---|\n| 李 | 1990-03-07 |"), ElementsAre("1990-03-07"));
  EXPECT_THAT(FoundIn("dob,street\n1990-03-07,\"31 Osprey Way, Leeds\""), ElementsAre("1990-03-07"));
}

TEST(RuleSetTest, ReadsTablesAsDatabasesPrintThem) {
  EXPECT_THAT(FoundIn("+----+------+------------+\n| id | name | dob        |\n+----+------+------------+\n"
                      "|  1 | Li   | 1990-03-07 |\n|  2 | Wang | 1990-03-08 |\n+----+------+------------+\n"),
              ElementsAre("1990-03-07", "1990-03-08"));
  EXPECT_THAT(FoundIn(" id |    dob     \n----+------------\n  1 | 1990-03-07\n(1 row)\n"),
              ElementsAre("1990-03-07"));
  EXPECT_THAT(FoundIn("name,dob\n--------\nLi,1990-03-07"), IsEmpty());
}

TEST(RuleSetTest, ReadsTraditionalCharactersAsSimplifiedOnes) {
  EXPECT_THAT(FoundIn("姓名\t生日\n趙\t1990-03-07"), ElementsAre("1990-03-07"));
  RuleSpec spec;
  spec.id = "badge";
  spec.patterns = {"[证證]號(\\d+)"};
  spec.score = 0.6;
  const auto rule = RuleSet::CompileCustomRule(spec);
  ASSERT_TRUE(rule.ok());
  const std::vector<std::shared_ptr<const CompiledRule>> rules = {*rule};
  EXPECT_THAT(FoundIn("證號12，证号34，證号56", {.custom_rules = rules}), ElementsAre("12", "34", "56"));
}

TEST(RuleSetTest, AQuotedCellMayHoldLineBreaks) {
  EXPECT_THAT(FoundIn("dob,street,n\n1990-03-07,\"31 Osprey Way\nLeeds\",1\n1990-03-08,\"a\r\n\r\nb\",2\n"
                      "1990-03-09,c,3\n"),
              ElementsAre("1990-03-07", "1990-03-08", "1990-03-09"));
  EXPECT_THAT(FoundIn("street,dob\n\"say \"\"a\"\"\nb\",1990-03-07\nc,1990-03-08"),
              ElementsAre("1990-03-07", "1990-03-08"));
  EXPECT_THAT(FoundIn("dob,screen\n1990-03-07,15\"\n1990-03-08,17\n1990-03-09,x"),
              ElementsAre("1990-03-07", "1990-03-08", "1990-03-09"));
}

TEST(RuleSetTest, AByteOrderMarkIsNoPartOfTheFirstColumnsName) {
  EXPECT_THAT(FoundIn("\uFEFF生日,姓名\n1990-03-07,李"), ElementsAre("1990-03-07"));
  EXPECT_THAT(FoundIn("\uFEFF\"dob\",name\r\n\"1990-03-07\",Li"), ElementsAre("1990-03-07"));
}

TEST(RuleSetTest, ATableEndsWithItsRowsAndNeedsAHeader) {
  EXPECT_THAT(FoundIn("a,dob\n1,2\n\n3,1990-03-07"), IsEmpty());
  EXPECT_THAT(FoundIn("a,dob\n1,1990-03-07,2"), IsEmpty());
  EXPECT_THAT(FoundIn("dob\n1990-03-07"), IsEmpty());
  EXPECT_THAT(FoundIn("a,the dob\n1,1990-03-07"), IsEmpty());
  EXPECT_THAT(FoundIn("a,dob\n1,on 1990-03-07"), IsEmpty());
  ScanRequest ungated;
  ungated.ungated.set(IndexOf(EntityType::DATE_OF_BIRTH));
  EXPECT_THAT(FoundIn("1990-03-07", ungated), IsEmpty());
}

TEST(RuleSetTest, FindsValuesGluedToChineseText) {
  EXPECT_THAT(FoundIn("请拨13800138000联系，或写信到a.b@example.com谢谢"),
              ElementsAre("13800138000", "a.b@example.com"));
}

TEST(RuleSetTest, TheSpanIsThatOfTheOriginalText) {
  EXPECT_THAT(FoundIn("拨１３８００１３８０００吧"), ElementsAre("１３８００１３８０００"));
  EXPECT_THAT(FoundIn("拨138\u200b0013\u200b8000吧"), ElementsAre("138\u200b0013\u200b8000"));
  EXPECT_THAT(FoundIn("拨一三八零零一三八零零零吧"), ElementsAre("一三八零零一三八零零零"));
}

TEST(RuleSetTest, ALongDigitRunIsOneToken) {
  for (const std::string_view text :
       {"1380013800012", "9913800138000", "13800138000-1", "0.13800138000", "3.1.13800138000",
        "sum 3.13800138000", "7-13800138000", "12345-1-13800138000", "x13800138000"}) {
    EXPECT_THAT(FoundIn(text), IsEmpty()) << text;
  }
}

TEST(RuleSetTest, AnItemOfAListAndAFlatAreNumbersOfTheirOwn) {
  for (const std::string_view text : {"3.13800138000", " 12.13800138000", "a\n3.13800138000",
                                      R"(a\n3.13800138000)", "2-1-301-13800138000"}) {
    EXPECT_THAT(FoundIn(text), ElementsAre("13800138000")) << text;
  }
}

TEST(RuleSetTest, AnEscapeIsNoPartOfTheWordBehindIt) {
  for (const std::string_view text :
       {R"(a\n13800138000)", R"(a\\t13800138000)", R"(\u624b13800138000)", R"(\u542713800138000)",
        R"(\xe6\x8913800138000)", "%E6%BA13800138000", "%E6%8913800138000", "a%2013800138000",
        "a%0A13800138000", "a=3D13800138000", "=EF=BC=9A13800138000", "\x1B[31m13800138000\x1B[0m",
        R"(\u001b[1;31m13800138000)"}) {
    EXPECT_THAT(FoundIn(text), ElementsAre("13800138000")) << text;
  }
  for (const std::string_view text :
       {R"(C:\new\n13800138000)", R"(C:\\用户\\t13800138000)", R"(a\q13800138000)", R"(\u003513800138000)",
        R"(\x4113800138000)", "%4113800138000", "%1a13800138000b", "id=2013800138000", "a=BA13800138000",
        "e613800138000", "[31m13800138000", "u624b13800138000"}) {
    EXPECT_THAT(FoundIn(text), IsEmpty()) << text;
  }
  EXPECT_THAT(FoundIn(R"(mail\nli@example.com)"), ElementsAre("li@example.com"));
  EXPECT_THAT(FoundIn(R"(mail\u4e2dli@example.com)"), ElementsAre("li@example.com"));
}

TEST(RuleSetTest, AWrittenLineBreakEndsTheContext) {
  const auto score_of = [](std::string_view text) {
    const auto rules = RuleSet::Load(BuiltInPacks());
    EXPECT_TRUE(rules.ok()) << rules.status();
    double score = 0;
    for (const Candidate& c : *(*rules)->Scan(UnescapedText(text), {})) {
      if (c.evidence.source == "cn_mobile") score = c.score;
    }
    return score;
  };
  EXPECT_LT(score_of("订单 13800138000"), 0.5);
  EXPECT_GT(score_of(R"(订单\n13800138000)"), 0.8);
  EXPECT_GT(score_of(R"(订单\n- 13800138000\n单号)"), 0.8);
}

TEST(RuleSetTest, ADroppedMatchHidesNoLaterOne) {
  EXPECT_THAT(FoundIn("13800138000123 13800138000"), ElementsAre("13800138000"));
}

TEST(RuleSetTest, TheCaptureGroupIsTheSpan) { EXPECT_THAT(FoundIn("我的QQ：10001哦"), ElementsAre("10001")); }

TEST(RuleSetTest, AGateOfDigitsAndLiteralsNeedsBoth) {
  EXPECT_THAT(FoundIn("QQ 群里没有号码"), IsEmpty());
  EXPECT_THAT(FoundIn("10001"), IsEmpty());
}

TEST(RuleSetTest, OnlyMultilineRulesCrossLines) {
  EXPECT_THAT(FoundIn("key:\n-----BEGIN X-----\nabc\n-----END X-----\n"),
              ElementsAre("-----BEGIN X-----\nabc\n-----END X-----"));
}

TEST(RuleSetTest, FindsTheSameInAHugeLineAsInAShortOne) {
  std::string text;
  size_t numbers = 0;
  while (text.size() < 300'000) {
    text += numbers % 3 == 0 ? "a 13800138000 b " : "填充文字 13800138000 填充；";
    if (numbers % 7 == 0) text += std::string(500, 'x') + " ";
    ++numbers;
  }
  EXPECT_THAT(FoundIn(text), SizeIs(numbers));
}

TEST(RuleSetTest, TypesThatAreNotAskedForDoNotRun) {
  ScanRequest request;
  request.types.reset();
  request.types.set(IndexOf(EntityType::EMAIL_ADDRESS));
  EXPECT_THAT(FoundIn("13800138000 a@example.com", request), ElementsAre("a@example.com"));
}

TEST(RuleSetTest, CustomRulesSeeTheWholeText) {
  RuleSpec spec;
  spec.id = "custom:project";
  spec.patterns = {"Project [A-Z][a-z]+"};
  spec.score = 0.9;
  const auto rule = RuleSet::CompileCustomRule(spec);
  ASSERT_TRUE(rule.ok());
  const std::vector<std::shared_ptr<const CompiledRule>> rules = {*rule};
  ScanRequest request;
  request.custom_rules = rules;
  std::string text = "About Project Ada. ";
  while (text.size() < 50'000) text += "Nothing to see here, move on. ";
  text += "Project Bob";
  EXPECT_THAT(FoundIn(text, request), ElementsAre("Project Ada", "Project Bob"));
}

// What a rule with this pattern alone finds.
std::vector<Span> CustomSpans(const std::string& pattern, std::string_view text) {
  RuleSpec spec;
  spec.id = "custom:x";
  spec.patterns = {pattern};
  spec.boundary = Boundary::None;
  spec.score = 0.9;
  const auto rule = RuleSet::CompileCustomRule(spec);
  EXPECT_TRUE(rule.ok()) << rule.status();
  const std::vector<std::shared_ptr<const CompiledRule>> rules = {*rule};
  ScanRequest request;
  request.types.reset();
  request.custom_rules = rules;
  std::vector<Span> spans;
  const auto candidates = Rules()->Scan(UnescapedText(text), request);
  EXPECT_TRUE(candidates.ok()) << candidates.status();
  for (const Candidate& c : *candidates) spans.push_back(c.span);
  return spans;
}

TEST(RuleSetTest, ACustomRuleSeesTheTrueEndsOfALongLine) {
  const std::string text = "ab\n" + std::string(40'000, 'x') + "\ncd";
  EXPECT_THAT(CustomSpans("^x", text), ElementsAre(Span{3, 4}));
  EXPECT_THAT(CustomSpans("x$", text), ElementsAre(Span{40'002, 40'003}));
  EXPECT_THAT(CustomSpans("\\bx|x\\b", text), ElementsAre(Span{3, 4}, Span{40'002, 40'003}));
  EXPECT_THAT(CustomSpans("^[a-d]+$", text), ElementsAre(Span{0, 2}, Span{40'004, 40'006}));
}

TEST(RuleSetTest, ACustomRuleFindsAMatchOfTheSureSizeWhereverItStands) {
  const std::string value = "K" + std::string(kSureMatchBytes - 2, 'z') + "K";
  for (size_t before = 0; before < 3 * kSearchWindowBytes; before += 1021) {
    const std::string text = std::string(before, 'y') + value + std::string(kSearchWindowBytes, 'y');
    EXPECT_THAT(CustomSpans("Kz+K", text), ElementsAre(Span{before, before + value.size()}));
  }
}

TEST(RuleSetTest, ACustomRuleThatReadsFarAheadIsStoppedInsideOfALine) {
  RuleSpec spec;
  spec.id = "custom:far";
  spec.patterns = {"a*b|a"};
  spec.score = 0.9;
  const auto rule = RuleSet::CompileCustomRule(spec);
  ASSERT_TRUE(rule.ok());
  const std::vector<std::shared_ptr<const CompiledRule>> rules = {*rule};
  int polls = 0;
  const std::function<bool()> stop = [&] { return ++polls > 20; };
  ScanRequest request;
  request.custom_rules = rules;
  request.stop = &stop;
  const absl::Time begin = absl::Now();
  const std::string text(size_t{1} << 20, 'a');
  const auto candidates = Rules()->Scan(UnescapedText(text), request);
  EXPECT_EQ(candidates.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));  // all of it takes minutes
}

TEST(RuleSetTest, ABadCustomPatternNamesTheOffset) {
  RuleSpec spec;
  spec.id = "custom:x";
  spec.patterns = {"abc(def"};
  spec.score = 0.9;
  EXPECT_THAT(std::string(RuleSet::CompileCustomRule(spec).status().message()), HasSubstr("missing )"));
  spec.patterns = {R"(abc\q)"};
  EXPECT_THAT(std::string(RuleSet::CompileCustomRule(spec).status().message()), HasSubstr("offset 3"));
}

TEST(RuleSetTest, AStoppedScanIsCancelled) {
  const std::function<bool()> stop = [] { return true; };
  ScanRequest request;
  request.stop = &stop;
  EXPECT_EQ(Rules()->Scan(UnescapedText("13800138000"), request).status().code(),
            absl::StatusCode::kCancelled);
}

TEST(RuleSetTest, ExplainsWhyEachRuleFiredOrNot) {
  const std::vector<RuleTrace> traces = Rules()->Explain("x13800138000 13800138000");
  ASSERT_THAT(traces, SizeIs(5));
  EXPECT_EQ(traces[0].gate, "open");
  ASSERT_THAT(traces[0].matches, SizeIs(2));
  EXPECT_THAT(traces[0].matches[0].outcome, HasSubstr("dropped: it is a piece of a longer"));
  EXPECT_THAT(traces[0].matches[1].outcome, HasSubstr("found with score 0.90"));
  EXPECT_EQ(traces[1].gate, "closed: needs one of @");
  EXPECT_EQ(traces[2].gate, "closed: needs a number of 5 or more digits and one of qq");
}

TEST(RuleSetTest, ExplainsEscapeSequencesAsTheyRead) {
  const std::vector<RuleTrace> traces = Rules()->Explain(R"(138\u0030\u0030138000)");
  ASSERT_THAT(traces[0].matches, SizeIs(1));
  EXPECT_EQ(traces[0].matches[0].span, (Span{0, 21}));
}

}  // namespace
}  // namespace privet
