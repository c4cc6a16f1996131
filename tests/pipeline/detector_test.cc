#include "pipeline/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/field_error.h"
#include "core/offsets.h"
#include "core/utf8.h"
#include "pipeline/compiled_policy.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A few plain rules, so that these tests are about the order of the pipeline and not about the packs.
constexpr std::string_view kPack = R"(pack: sample
rules:
  - id: mobile
    type: PHONE_NUMBER
    patterns: ['1\d{2}[ -]?\d{4}[ -]?\d{4}']
    score: 0.7
    boundary: number
    gate: {digits: 11}
    context: [{words: [电话, call], strength: 3}, {words: [订单], strength: -3}]
    examples: {match: ['13800138000']}
  - id: mobile_again
    type: PHONE_NUMBER
    patterns: ['13800\d{6}']
    score: 0.6
    boundary: number
    gate: {digits: 11}
    examples: {match: ['13800138000']}
  - id: mail
    type: EMAIL_ADDRESS
    patterns: ['[\w.]+@[\w.]+\w']
    score: 0.9
    gate: {literals: ['@']}
    examples: {match: ['a@example.com']}
  - id: link
    type: URL
    patterns: ['https?://[^\s]+']
    score: 0.9
    gate: {literals: ['://']}
    examples: {match: ['https://example.com']}
  - id: number
    type: QQ
    patterns: ['\d{11}']
    score: 0.4
    boundary: number
    gate: {digits: 11}
    examples: {match: ['12345678901'], no_match: []}
)";

std::shared_ptr<const RuleSet> SampleRules() {
  const std::vector<PackSource> sources = {{"sample.yaml", std::string(kPack)}};
  auto rules = RuleSet::Load(sources);
  EXPECT_TRUE(rules.ok()) << rules.status();
  return *rules;
}

const Detector& SampleDetector() {
  static const Detector* const detector = new Detector(SampleRules(), Limits());
  return *detector;
}

Detection Detect(const Detector& detector, std::string_view text, const Policy& policy = {}) {
  const auto compiled = CompilePolicy(policy, Limits());
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  auto detection = detector.Detect(text, **compiled);
  EXPECT_TRUE(detection.ok()) << detection.status();
  return *std::move(detection);
}

// Findings as "TYPE value".
std::vector<std::string> Listed(std::string_view text, const std::vector<Finding>& findings) {
  std::vector<std::string> listed;
  for (const Finding& finding : findings) {
    listed.push_back(std::string(IdOf(finding.type)) + " " +
                     std::string(text.substr(finding.span.begin, finding.span.size())));
  }
  return listed;
}
std::vector<std::string> Found(std::string_view text, const Policy& policy = {}) {
  return Listed(text, Detect(SampleDetector(), text, policy).findings);
}

// Everything about findings that a caller can see, shifted to the left.
std::vector<std::string> Everything(const std::vector<Finding>& findings, size_t shift = 0) {
  std::vector<std::string> all;
  for (const Finding& f : findings) {
    std::string line =
        absl::StrCat(f.span.begin - shift, "-", f.span.end - shift, " ", std::string(IdOf(f.type)), " ",
                     f.score, f.conclusive ? " conclusive" : "");
    for (const Evidence& e : f.evidence) {
      absl::StrAppend(&line, " | ", e.source, " ", e.score, " ", e.validator, " ", e.validator_result);
      for (const ContextHit& hit : e.context) absl::StrAppend(&line, " ", hit.word, hit.shift);
    }
    all.push_back(line);
  }
  return all;
}

template <typename Change>
Policy With(Change change) {
  Policy policy;
  change(policy);
  return policy;
}
ListEntry Exact(const std::string& value, const std::string& type = "") {
  return {ListEntry::Kind::Exact, value, type};
}

TEST(DetectorTest, ReportsInOrderOfPosition) {
  EXPECT_THAT(
      Found("a@example.com 13800138000 https://example.com/x"),
      ElementsAre("EMAIL_ADDRESS a@example.com", "PHONE_NUMBER 13800138000", "URL https://example.com/x"));
  EXPECT_THAT(Found(""), IsEmpty());
  EXPECT_THAT(Found("nothing here, 无"), IsEmpty());
}

TEST(DetectorTest, CandidatesThatAgreeJoinTheirEvidenceStrongestFirst) {
  const Detection detection = Detect(SampleDetector(), "13800138000");
  ASSERT_THAT(detection.findings, SizeIs(1));
  EXPECT_THAT(detection.findings[0].evidence,
              ElementsAre(Field(&Evidence::source, "mobile"), Field(&Evidence::source, "mobile_again")));
  EXPECT_DOUBLE_EQ(detection.findings[0].score, 0.7);
}

TEST(DetectorTest, TheThresholdOfTheTypeDecides) {
  const std::string doubtful = "订单13900139000";  // 0.7 lowered by three logits
  EXPECT_THAT(Found(doubtful), IsEmpty());
  EXPECT_THAT(Found(doubtful, With([](Policy& p) { p.operating_point = "high_recall"; })),
              ElementsAre("QQ 13900139000"));
  EXPECT_THAT(Found(doubtful, With([](Policy& p) {
                      p.min_score_by_type = {{"PHONE_NUMBER", 0.1}};
                    })),
              ElementsAre("PHONE_NUMBER 13900139000"));
  EXPECT_THAT(Found("电话13900139000", With([](Policy& p) { p.operating_point = "high_precision"; })),
              ElementsAre("PHONE_NUMBER 13900139000"));
  EXPECT_THAT(Found("电话13900139000", With([](Policy& p) { p.min_score = 1; })), IsEmpty());
}

TEST(DetectorTest, OnlyTheTypesAskedForAreReported) {
  EXPECT_THAT(Found("a@example.com 13800138000", With([](Policy& p) { p.types = {"EMAIL_ADDRESS"}; })),
              ElementsAre("EMAIL_ADDRESS a@example.com"));
}

TEST(DetectorTest, SpansAreThoseOfTheOriginalTextWhateverStandsAround) {
  // An emoji of several code points, a letter with a combining mark, full-width digits, a zero-width space
  // inside.
  const std::string text =
      "👩‍👩‍👧e\u0301 电话：１３８-００１３\xE2\x80\x8B８０００。";
  const Detection detection = Detect(SampleDetector(), text);
  ASSERT_THAT(Listed(text, detection.findings),
              ElementsAre("PHONE_NUMBER １３８-００１３\xE2\x80\x8B８０００"));
  const Span span = detection.findings[0].span;
  const size_t offsets[] = {span.begin, span.end};
  EXPECT_THAT(PositionsOf(text, offsets), ElementsAre(Position{31, 11, 14}, Position{68, 24, 27}));
}

TEST(DetectorTest, RefusesTextThatIsNotUtf8WithTheOffset) {
  const auto policy = CompilePolicy({}, Limits());
  for (const auto& [text, offset] : std::vector<std::pair<std::string, std::string>>{
           {"\xFF", "offset 0"}, {"王\xE7\x8E", "offset 3"}, {"a 13800138000 \xC0\x80", "offset 14"}}) {
    const auto detection = SampleDetector().Detect(text, **policy);
    ASSERT_EQ(detection.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ViolationOf(detection.status()).field, "text");
    EXPECT_THAT(ViolationOf(detection.status()).description, HasSubstr(offset));
    EXPECT_THAT(detection.status().ToString(), Not(HasSubstr("13800138000")));
  }
}

TEST(DetectorTest, RefusesTextOverTheLimitAndTakesTextAtIt) {
  Limits limits;
  limits.max_text_bytes = 20;
  const Detector detector(SampleRules(), limits);
  const auto policy = CompilePolicy({}, limits);
  EXPECT_TRUE(detector.Detect(std::string(20, 'x'), **policy).ok());
  const auto detection = detector.Detect(std::string(21, 'x'), **policy);
  EXPECT_EQ(ViolationOf(detection.status()).field, "text");
  EXPECT_THAT(ViolationOf(detection.status()).description, HasSubstr("21 bytes, at most 20"));
}

TEST(DetectorTest, StopsWhenTold) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text.append("call 13800138000\n");
  const auto policy = CompilePolicy({}, Limits());
  size_t polls = 0;
  const auto detection = SampleDetector().Detect(text, **policy, [&] { return ++polls == 3; });
  EXPECT_EQ(detection.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(polls, 3u);
  EXPECT_TRUE(SampleDetector().Detect(text, **policy, [] { return false; }).ok());
}

TEST(DetectorTest, KeepsTheHighestScoresWhenItMustCut) {
  const std::string text = "13900139000\na@example.com\n13700137000\nb@example.com\n电话13600136000";
  const Detection detection = Detect(SampleDetector(), text, With([](Policy& p) { p.max_findings = 3; }));
  EXPECT_TRUE(detection.truncated);
  EXPECT_THAT(
      Listed(text, detection.findings),
      ElementsAre("EMAIL_ADDRESS a@example.com", "EMAIL_ADDRESS b@example.com", "PHONE_NUMBER 13600136000"));
  EXPECT_FALSE(Detect(SampleDetector(), text, With([](Policy& p) { p.max_findings = 5; })).truncated);
}

TEST(DetectorTest, AllowedValuesAreLeftOutAndNothingTakesTheirPlace) {
  const Policy allow = With([](Policy& p) {
    p.min_score = 0;
    p.allow = {Exact("13800138000")};
  });
  // Without the list the QQ reading of the same digits lost to the phone number; it must not come back.
  EXPECT_THAT(Found("138-0013-8000, 13800138000, 13900139000", allow),
              ElementsAre("PHONE_NUMBER 13900139000"));
}

TEST(DetectorTest, DeniedValuesDisplaceWhatTheyOverlapSoThatPiecesOfThatCanShow) {
  const Policy deny = With([](Policy& p) {
    p.types = {"EMAIL_ADDRESS", "URL"};
    p.deny = {Exact("Bluebird"), Exact("张三", "PERSON")};
  });
  EXPECT_THAT(Found("https://example.com/Bluebird/a@example.com 张三", deny),
              ElementsAre("OTHER_ID Bluebird", "EMAIL_ADDRESS a@example.com", "PERSON 张三"));
  EXPECT_THAT(Found("Bluebirds https://example.com/a", deny), ElementsAre("URL https://example.com/a"));
}

TEST(DetectorTest, EscapeSequencesAreReadAsWhatTheyStandFor) {
  const Policy lists = With([](Policy& p) {
    p.allow = {Exact("a@example.com")};
    p.deny = {Exact("张三", "PERSON"), Exact("x%40y", "USERNAME")};
  });
  EXPECT_THAT(Found(R"(\u5f20\u4e09 a\u0040example.com b%40example.com &#x5F20;三 x@y)", lists),
              ElementsAre(R"(PERSON \u5f20\u4e09)", "EMAIL_ADDRESS b%40example.com", "PERSON &#x5F20;三",
                          "USERNAME x@y"));
  const std::string json = R"({"n":"\u738b","u":"https://example.com"})";
  EXPECT_THAT(Detect(SampleDetector(), json).findings,
              ElementsAre(Field(&Finding::evidence, SizeIs(1))));  // of the one URL, as written and as read
  // Decoded, the URL would end before the space.
  EXPECT_THAT(Found("see https://example.com/a%20b?c=%E7%8E%8B&d=1 there"),
              ElementsAre("URL https://example.com/a%20b?c=%E7%8E%8B&d=1"));
  EXPECT_THAT(Found(R"({"u":"https:\/\/example.com\/a?b=1\u0026c=2","t":"\u7535\u8bdd 138-0013-8000"})"),
              Contains("PHONE_NUMBER 138-0013-8000"));
}

TEST(DetectorTest, DenyBeatsAllowAndEveryThreshold) {
  const Policy policy = With([](Policy& p) {
    p.min_score = 1;
    p.allow = {Exact("Bluebird"), {ListEntry::Kind::Pattern, "B.+", ""}};
    p.deny = {Exact("Bluebird")};
  });
  EXPECT_THAT(Found("Bluebird", policy), ElementsAre("OTHER_ID Bluebird"));
}

TEST(DetectorTest, CustomRulesRunForThisCallWhateverTheTypes) {
  CustomRule rule;
  rule.name = "case";
  rule.pattern = "case[ -]([A-Z]{2}\\d{3})";
  rule.score = 0.4;
  rule.context_words = {"File"};
  const Policy policy = With([&](Policy& p) {
    p.types = {"URL"};
    p.custom_rules = {rule};
  });
  const std::string text = "file case AB123\ncase AB124, ｃａｓｅ ＡＢ１２５ in the file";
  const Detection detection = Detect(SampleDetector(), text, policy);
  // Only those with the word near pass the threshold; the second stands on a line without it.
  ASSERT_THAT(Listed(text, detection.findings), ElementsAre("OTHER_ID AB123", "OTHER_ID ＡＢ１２５"));
  EXPECT_EQ(detection.findings[0].evidence[0].source, "custom:case");
  EXPECT_THAT(detection.findings[0].evidence[0].context, ElementsAre(Field(&ContextHit::word, "file")));
}

TEST(DetectorTest, CustomRulesSeeOneLineAtATime) {
  CustomRule rule;
  rule.name = "pair";
  rule.pattern = "AB[^x]{1,3}CD";
  const Policy policy = With([&](Policy& p) { p.custom_rules = {rule}; });
  EXPECT_THAT(Found("AB\nCD AB CD", policy), ElementsAre("OTHER_ID AB CD"));
  rule.pattern = "^[A-Z]+$";
  EXPECT_THAT(Found("AB\nCD E\nFG", With([&](Policy& p) { p.custom_rules = {rule}; })),
              ElementsAre("OTHER_ID AB", "OTHER_ID FG"));
}

TEST(DetectorTest, ACustomRuleThatMatchesEverywhereIsRefusedBeforeItFillsTheMemory) {
  CustomRule rule;
  rule.name = "digit";
  rule.pattern = "\\d";
  const auto policy = CompilePolicy(With([&](Policy& p) { p.custom_rules = {rule}; }), Limits());
  EXPECT_TRUE(SampleDetector().Detect(std::string(100000, '7'), **policy).ok());
  const auto detection = SampleDetector().Detect(std::string(1000000, '7'), **policy);
  EXPECT_EQ(ViolationOf(detection.status()).field, "text");
  EXPECT_THAT(ViolationOf(detection.status()).description, HasSubstr("make custom patterns narrower"));
}

TEST(DetectorTest, ACustomRuleWhoseMatchesReachFarTakesNoQuadraticTime) {
  CustomRule rule;
  rule.name = "rest of the line";
  rule.pattern = "(\\d)[^\\n]*";
  const auto policy = CompilePolicy(With([&](Policy& p) { p.custom_rules = {rule}; }), Limits());
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(SampleDetector().Detect(std::string(1000000, '7'), **policy).ok());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20));  // a minute and more if each digit were tried
}

TEST(DetectorTest, ContextWordsThatNearlyMatchEverywhereTakeBoundedTimeAndAreStopped) {
  CustomRule rule;
  rule.name = "a";
  rule.pattern = "a";
  for (size_t i = 0; i < Limits().max_context_words; ++i)
    rule.context_words.push_back(std::string(kMaxContextWordCodePoints - 1, 'a') +
                                 static_cast<char>('0' + i));
  const auto policy = CompilePolicy(With([&](Policy& p) { p.custom_rules = {rule}; }), Limits());
  ASSERT_TRUE(policy.ok()) << policy.status();
  absl::Time begin = absl::Now();
  EXPECT_TRUE(SampleDetector().Detect(std::string(2048, 'a'), **policy).ok());
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  begin = absl::Now();
  const absl::Time deadline = begin + absl::Milliseconds(100);
  const auto stopped =
      SampleDetector().Detect(std::string(200'000, 'a'), **policy, [&] { return absl::Now() > deadline; });
  EXPECT_EQ(stopped.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

TEST(DetectorTest, ACustomRuleOfScoreOnePassesEveryThreshold) {
  CustomRule rule;
  rule.name = "case";
  rule.pattern = "AB\\d{3}";
  rule.score = 1;
  const Policy policy = With([&](Policy& p) {
    p.min_score = 1;
    p.custom_rules = {rule};
  });
  EXPECT_THAT(Found("AB123", policy), ElementsAre("OTHER_ID AB123"));
}

// Lines as they come in practice, clean and dirty, with the packs that ship.
const std::vector<std::string>& Lines() {
  static const std::vector<std::string>* const lines = new std::vector<std::string>{
      "客户王先生，手机13800138000，身份证110105194912310021。",
      "联系电话：010-65551234转801；邮箱zhang.san@example.com，QQ：123456789",
      "Call me at (202) 555-0143 or mail ann.lee@example.org.",
      "card 4111 1111 1111 1111, exp 12/29, SSN 078-05-1120",
      "2024-05-01 12:30:45.123 INFO [worker-3] 192.0.2.17 GET https://example.com/api?v=1.2.3 200 35ms",
      "订单号202405011230451234，金额1280.50元",
      "电话：１３９-００１３９０００（微信同号）",
      "\u200B1380013\u200B8000😀é",
      "一三八零零一三八零零零",
      "[2001:db8::1]:8080 00:00:5e:00:53:af 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      "",
      "   ",
      "完",
      "银行卡 6222 0212 3456 7890 128 开户行",
      "password = \"S3cr3t-Pa55word!\" # not 12345",
      "京A·12345 沪AD12345 车架号LSVAA4182E2123456",
  };
  return *lines;
}

class BuiltInPacksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    static const auto* const rules =
        new absl::StatusOr<std::shared_ptr<const RuleSet>>(RuleSet::Load(BuiltInPacks()));
    ASSERT_TRUE(rules->ok()) << rules->status();
    detector_ = std::make_unique<Detector>(**rules, Limits());
  }

  std::vector<Finding> FindingsIn(std::string_view text, const CompiledPolicy& policy) const {
    auto detection = detector_->Detect(text, policy);
    EXPECT_TRUE(detection.ok()) << detection.status();
    return detection->findings;
  }
  std::vector<std::string> EverythingIn(std::string_view text, const CompiledPolicy& policy) const {
    return Everything(FindingsIn(text, policy));
  }

  std::unique_ptr<Detector> detector_;
};

TEST_F(BuiltInPacksTest, FindWhatIsPlainInChineseAndEnglish) {
  struct Case {
    std::string_view text;
    std::string_view finding;
  };
  const Case kCases[] = {
      {"我的手机号是13800138000，请回电", "PHONE_NUMBER 13800138000"},
      {"手机：１３８ ００１３ ８０００", "PHONE_NUMBER １３８ ００１３ ８０００"},
      {"邮箱zhang.san@example.com谢谢", "EMAIL_ADDRESS zhang.san@example.com"},
      {"身份证号：11010519491231002X。", "CN_RESIDENT_ID 11010519491231002X"},
      {"Please write to ann.lee@example.org today", "EMAIL_ADDRESS ann.lee@example.org"},
      {"Pay with card 4111 1111 1111 1111.", "CREDIT_CARD 4111 1111 1111 1111"},
      {"see https://example.com/a?b=c for more", "URL https://example.com/a?b=c"},
      {"host 192.0.2.17 is down", "IP_ADDRESS 192.0.2.17"},
  };
  for (const Case& c : kCases) {
    const Detection detection = Detect(*detector_, c.text);
    EXPECT_THAT(Listed(c.text, detection.findings), ElementsAre(c.finding)) << c.text;
  }
}

TEST_F(BuiltInPacksTest, TheResultForATextDoesNotDependOnWhatCameBefore) {
  const auto policy = CompilePolicy({}, Limits());
  std::vector<std::vector<std::string>> alone;
  for (const std::string& line : Lines()) {
    const Detector fresh(*RuleSet::Load(BuiltInPacks()), Limits());
    alone.push_back(Everything(fresh.Detect(line, **policy)->findings));
  }
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    const size_t i = random() % Lines().size();
    ASSERT_EQ(EverythingIn(Lines()[i], **policy), alone[i]) << Lines()[i];
  }
}

TEST_F(BuiltInPacksTest, TheResultForALineDoesNotDependOnTheLinesAround) {
  for (const double min_score : {0.5, 0.0}) {
    const auto policy = CompilePolicy(With([&](Policy& p) { p.min_score = min_score; }), Limits());
    std::mt19937 random(6);
    for (int round = 0; round < 200; ++round) {
      std::string text;
      std::vector<std::string> expected;
      for (int n = 0; n < 12; ++n) {
        const std::string& line = Lines()[random() % Lines().size()];
        for (const std::string& finding : EverythingIn(line, **policy)) {
          expected.push_back(absl::StrCat(text.size(), ": ", finding));
        }
        text.append(line).append("\n");
      }
      std::vector<std::string> found;
      for (const Finding& finding : FindingsIn(text, **policy)) {
        const size_t line_end = text.rfind('\n', finding.span.begin);
        const size_t line = line_end == std::string::npos ? 0 : line_end + 1;
        found.push_back(absl::StrCat(line, ": ", Everything({finding}, line)[0]));
      }
      ASSERT_EQ(found, expected) << text;
    }
  }
}

TEST_F(BuiltInPacksTest, EveryThreadGetsTheSameResult) {
  CustomRule rule;
  rule.name = "ratio";
  rule.pattern = "\\d+\\.\\d+";
  const auto policy =
      CompilePolicy(With([&](Policy& p) {
                      p.custom_rules = {rule};
                      p.allow = {{ListEntry::Kind::Pattern, "https?://.+", "URL"}};
                      p.deny = {Exact("worker"), {ListEntry::Kind::Pattern, "王.{2}", "PERSON"}};
                    }),
                    Limits());
  std::string text;
  for (const std::string& line : Lines()) text.append(line).append("\n");
  const std::vector<std::string> expected = EverythingIn(text, **policy);
  EXPECT_THAT(expected, Not(IsEmpty()));
  std::vector<std::thread> threads;
  std::vector<int> agreed(4, 0);
  for (size_t t = 0; t < agreed.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 50; ++round) {
        agreed[t] += EverythingIn(text, **policy) == expected ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(agreed, ::testing::Each(50));
}

}  // namespace
}  // namespace privet
