#include "pipeline/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

#include "core/field_error.h"
#include "pipeline/compiled_policy.h"
#include "rules/pattern_search.h"

namespace privet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ListEntry Exact(const std::string& value, const std::string& type = "") {
  return {ListEntry::Kind::Exact, value, type};
}
ListEntry Pattern(const std::string& value, const std::string& type = "") {
  return {ListEntry::Kind::Pattern, value, type};
}
CustomRule Rule(const std::string& name, const std::string& pattern) {
  CustomRule rule;
  rule.name = name;
  rule.pattern = pattern;
  return rule;
}
template <typename Change>
Policy With(Change change) {
  Policy policy;
  change(policy);
  return policy;
}
template <typename Change>
Policy WithRule(Change change) {
  CustomRule rule = Rule("r", "x");
  change(rule);
  Policy policy;
  policy.custom_rules = {Rule("first", "y"), rule};
  return policy;
}

Limits SmallLimits() {
  Limits limits;
  limits.max_custom_rules = 3;
  limits.max_pattern_bytes = 20;
  limits.max_context_words = 2;
  limits.max_list_entries = 2;
  limits.max_entry_bytes = 10;
  limits.max_findings = 100;
  return limits;
}

struct BadPolicy {
  std::string name;
  Policy policy;
  std::string field;
  std::string description;  // a piece of it
};

class Refuses : public ::testing::TestWithParam<BadPolicy> {};

TEST_P(Refuses, WithTheFieldAndWhatToDo) {
  const auto compiled = CompilePolicy(GetParam().policy, SmallLimits());
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.status().code(), absl::StatusCode::kInvalidArgument);
  const FieldViolation violation = ViolationOf(compiled.status());
  EXPECT_EQ(violation.field, GetParam().field);
  EXPECT_THAT(violation.description, HasSubstr(GetParam().description));
}

const BadPolicy kBadPolicies[] = {
    {"AnUnknownType", With([](Policy& p) {
       p.types = {"QQ", "PHONE"};
     }),
     "types[1]", "unknown type \"PHONE\"; did you mean PHONE_NUMBER?"},
    {"ATypeInLowerCase", With([](Policy& p) { p.types = {"phone_number"}; }), "types[0]",
     "did you mean PHONE_NUMBER?"},
    {"AnEmptyType", With([](Policy& p) { p.types = {""}; }), "types[0]", "unknown type; "},
    {"AnUnknownOperatingPoint", With([](Policy& p) { p.operating_point = "best"; }), "operating_point",
     "unknown operating point \"best\"; there are high_recall, balanced, high_precision"},
    {"AMinScoreAboveOne", With([](Policy& p) { p.min_score = 1.5; }), "min_score", "[0, 1]"},
    {"AMinScoreThatIsNoNumber", With([](Policy& p) { p.min_score = std::nan(""); }), "min_score", "[0, 1]"},
    {"AMinScoreOfAnUnknownType", With([](Policy& p) {
       p.min_score_by_type = {{"QQQ", 0.5}};
     }),
     "min_score_by_type[QQQ]", "did you mean QQ?"},
    {"AMinScoreOfATypeBelowZero", With([](Policy& p) {
       p.min_score_by_type = {{"PHONE_NUMBER", -0.1}};
     }),
     "min_score_by_type[PHONE_NUMBER]", "[0, 1]"},

    {"TooManyCustomRules", With([](Policy& p) {
       p.custom_rules = {Rule("a", "x"), Rule("b", "x"), Rule("c", "x"), Rule("d", "x")};
     }),
     "custom_rules", "has 4 rules, at most 3"},
    {"ARuleWithoutAName", WithRule([](CustomRule& r) { r.name.clear(); }), "custom_rules[1].name",
     "is empty"},
    {"ARuleWithALongName", WithRule([](CustomRule& r) { r.name = "abcdefghijk"; }), "custom_rules[1].name",
     "has 11 bytes, at most 10"},
    {"TwoRulesOfOneName", WithRule([](CustomRule& r) { r.name = "first"; }), "custom_rules[1].name",
     "is also the name of custom_rules[0]"},
    {"ARuleOfAnUnknownType", WithRule([](CustomRule& r) { r.type = "PERSN"; }), "custom_rules[1].type",
     "did you mean PERSON?"},
    {"ARuleWithoutAPattern", WithRule([](CustomRule& r) { r.pattern.clear(); }), "custom_rules[1].pattern",
     "is empty"},
    {"ARuleWithALongPattern", WithRule([](CustomRule& r) { r.pattern = std::string(21, 'x'); }),
     "custom_rules[1].pattern", "has 21 bytes, at most 20"},
    {"ARuleWithABrokenPattern", WithRule([](CustomRule& r) { r.pattern = "ab[z-a]"; }),
     "custom_rules[1].pattern", "offset 3"},
    {"ARuleThatMatchesNothingAtAll", WithRule([](CustomRule& r) { r.pattern = "x*"; }),
     "custom_rules[1].pattern", "at least one character"},
    {"ARulePatternThatIsNotUtf8", WithRule([](CustomRule& r) { r.pattern = "ab\xFF"; }),
     "custom_rules[1].pattern", "offset 2"},
    {"ARuleWithAScoreAboveOne", WithRule([](CustomRule& r) { r.score = 2; }), "custom_rules[1].score",
     "[0, 1]"},
    {"ARuleWithTooManyContextWords", WithRule([](CustomRule& r) {
       r.context_words = {"a", "b", "c"};
     }),
     "custom_rules[1].context_words", "has 3 words, at most 2"},
    {"ARuleWithAnEmptyContextWord", WithRule([](CustomRule& r) {
       r.context_words = {"a", ""};
     }),
     "custom_rules[1].context_words[1]", "is empty"},

    {"TooManyAllowEntries", With([](Policy& p) {
       p.allow = {Exact("a"), Exact("b"), Exact("c")};
     }),
     "allow", "has 3 entries, at most 2"},
    {"TooManyDenyEntries", With([](Policy& p) {
       p.deny = {Exact("a"), Exact("b"), Exact("c")};
     }),
     "deny", "has 3 entries, at most 2"},
    {"AnEmptyAllowValue", With([](Policy& p) {
       p.allow = {Exact("a"), Exact("")};
     }),
     "allow[1].exact", "is empty"},
    {"ALongDenyValue", With([](Policy& p) { p.deny = {Exact("abcdefghijk")}; }), "deny[0].exact",
     "has 11 bytes, at most 10"},
    {"ADenyValueThatIsNotUtf8", With([](Policy& p) { p.deny = {Exact("\xE4\xBD")}; }), "deny[0].exact",
     "offset 0"},
    {"AnAllowEntryOfAnUnknownType", With([](Policy& p) { p.allow = {Exact("a", "EMAIL")}; }), "allow[0].type",
     "did you mean EMAIL_ADDRESS?"},
    {"ABrokenAllowPattern", With([](Policy& p) {
       p.allow = {Exact("a"), Pattern("a(?<x")};
     }),
     "allow[1].pattern", "not RE2 syntax"},
    {"ADenyPatternWithABackReference", With([](Policy& p) { p.deny = {Pattern("(a)\\1")}; }),
     "deny[0].pattern", "offset 3"},
    {"ADenyPatternThatMatchesNothingAtAll", With([](Policy& p) { p.deny = {Pattern("a?")}; }),
     "deny[0].pattern", "at least one character"},
};
INSTANTIATE_TEST_SUITE_P(, Refuses, ::testing::ValuesIn(kBadPolicies),
                         [](const auto& tested) { return tested.param.name; });

TEST(PolicyTest, ErrorsRepeatNoListedValueAndNoPattern) {
  constexpr std::string_view kPrivate = "13800138000";
  const std::string value(kPrivate);
  const Policy kPolicies[] = {
      With([&](Policy& p) { p.deny = {Exact(value)}; }),  // too long
      With([&](Policy& p) { p.allow = {Pattern("(" + value)}; }),
      With([&](Policy& p) { p.deny = {Pattern(value + "[z-a]")}; }),
      With([&](Policy& p) { p.allow = {Exact("a", value)}; }),
      With([&](Policy& p) { p.types = {value}; }),
      With([&](Policy& p) { p.operating_point = value; }),
      With([&](Policy& p) {
        p.min_score_by_type = {{value, 0.5}};
      }),
      WithRule([&](CustomRule& r) { r.pattern = "(?P<" + value + ")"; }),
      WithRule([&](CustomRule& r) { r.pattern = value + "**"; }),
      WithRule([&](CustomRule& r) { r.type = value; }),
  };
  for (const Policy& policy : kPolicies) {
    const auto compiled = CompilePolicy(policy, SmallLimits());
    ASSERT_FALSE(compiled.ok());
    EXPECT_THAT(compiled.status().ToString(), Not(HasSubstr(value)));
  }
}

TEST(PolicyTest, AContextWordHasAFewDozenCodePoints) {
  const auto compiled_with = [](const std::string& word) {
    return CompilePolicy(WithRule([&](CustomRule& r) { r.context_words = {"word", word}; }), Limits());
  };
  std::string longest;
  for (size_t i = 0; i < kMaxContextWordCodePoints; ++i) longest += "字";
  EXPECT_TRUE(compiled_with(longest).ok());
  const FieldViolation violation = ViolationOf(compiled_with(longest + "a").status());
  EXPECT_EQ(violation.field, "custom_rules[1].context_words[1]");
  EXPECT_EQ(violation.description, "has 41 code points, at most 40 are allowed");
}

std::shared_ptr<const CompiledPolicy> Compiled(const Policy& policy) {
  auto compiled = CompilePolicy(policy, Limits());
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return *compiled;
}
double Threshold(const Policy& policy, EntityType type) { return Compiled(policy)->min_score[IndexOf(type)]; }

TEST(PolicyTest, AnEmptyPolicyIsAllTypesAtTheBalancedPoint) {
  EXPECT_EQ(Compiled({})->types, AllTypes());
  EXPECT_EQ(Threshold({}, EntityType::QQ), 0.5);
  EXPECT_EQ(Compiled({})->max_findings, Limits().max_findings);
}

TEST(PolicyTest, TheThresholdOfATypeComesBeforeMinScoreAndThatBeforeTheOperatingPoint) {
  Policy policy;
  policy.operating_point = "high_precision";
  EXPECT_EQ(Threshold(policy, EntityType::QQ), 0.8);
  policy.min_score = 0;
  EXPECT_EQ(Threshold(policy, EntityType::QQ), 0);
  policy.min_score_by_type["QQ"] = 0.7;
  EXPECT_EQ(Threshold(policy, EntityType::QQ), 0.7);
  EXPECT_EQ(Threshold(policy, EntityType::URL), 0);
}

TEST(PolicyTest, OperatingPointsFallInRecall) {
  const std::vector<OperatingPoint>& points = RulesOnlyOffer().operating_points;
  for (size_t i = 1; i < points.size(); ++i) EXPECT_LT(points[i - 1].min_score, points[i].min_score);
  for (const OperatingPoint& point : points) {
    Policy policy;
    policy.operating_point = point.name;
    EXPECT_EQ(Threshold(policy, EntityType::QQ), point.min_score);
  }
}

// What a bundle offers: one operating point, persons and addresses from its models.
Offer BundleOffer() {
  OperatingPoint balanced;
  balanced.name = "balanced";
  balanced.min_score = 0.5;
  balanced.min_score_by_type = {{EntityType::PERSON, 0.4}};
  balanced.tau = 0.05;
  balanced.tau_by_type = {{EntityType::ADDRESS, 0.02}};
  Offer offer{{balanced}, {}};
  for (const EntityType type : {EntityType::PERSON, EntityType::ADDRESS})
    offer.model_types.set(IndexOf(type));
  return offer;
}

struct BothThresholds {
  double tau, min_score;
  friend bool operator==(const BothThresholds&, const BothThresholds&) = default;
};
BothThresholds Thresholds(const Policy& policy, EntityType type) {
  const auto compiled = CompilePolicy(policy, Limits(), BundleOffer());
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return {(*compiled)->tau[IndexOf(type)], (*compiled)->min_score[IndexOf(type)]};
}
constexpr double kNever = CompiledPolicy::kNeverProposed;

TEST(OfferTest, ABundlesPointHasThresholdsOfItsOwnForSomeTypes) {
  EXPECT_EQ(Thresholds({}, EntityType::PERSON), (BothThresholds{0.05, 0.4}));
  EXPECT_EQ(Thresholds({}, EntityType::ADDRESS), (BothThresholds{0.02, 0.5}));
}

TEST(OfferTest, ATextWithoutChineseMayHaveLeastScoresOfItsOwnUnlessTheRequestNamesOne) {
  Offer offer = BundleOffer();
  offer.operating_points[0].min_score_without_han = 0.7;
  offer.operating_points[0].min_score_without_han_by_type = {{EntityType::ADDRESS, 0.6}};
  const auto least = [&](const Policy& policy, std::string_view text, EntityType type) {
    const auto compiled = CompilePolicy(policy, Limits(), offer);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    return (*compiled)->MinScoreIn(text)[IndexOf(type)];
  };
  EXPECT_EQ(least({}, "Ann 王", EntityType::PERSON), 0.4);
  EXPECT_EQ(least({}, "Ann", EntityType::PERSON), 0.7);
  EXPECT_EQ(least({}, "Ann", EntityType::ADDRESS), 0.6);
  const Policy asked = With([](Policy& p) { p.min_score = 0.2; });
  EXPECT_EQ(least(asked, "Ann 王", EntityType::PERSON), 0.2);
  EXPECT_EQ(least(asked, "Ann", EntityType::PERSON), 0.2);
}

TEST(OfferTest, ModelsProposeOnlyTypesThatTheyFillAndThePolicyAsksFor) {
  EXPECT_EQ(Thresholds({}, EntityType::QQ), (BothThresholds{kNever, 0.5}));
  const Policy persons = With([](Policy& p) { p.types = {"PERSON"}; });
  EXPECT_EQ(Thresholds(persons, EntityType::PERSON).tau, 0.05);
  EXPECT_EQ(Thresholds(persons, EntityType::ADDRESS).tau, kNever);
  EXPECT_EQ(Compiled({})->tau[IndexOf(EntityType::PERSON)], kNever);
}

TEST(OfferTest, ARequestedScoreOverridesThePointsAndLowersTauButNeverRaisesIt) {
  EXPECT_EQ(Thresholds(With([](Policy& p) { p.min_score = 0.9; }), EntityType::PERSON),
            (BothThresholds{0.05, 0.9}));
  EXPECT_EQ(Thresholds(With([](Policy& p) { p.min_score = 0.03; }), EntityType::PERSON),
            (BothThresholds{0.03, 0.03}));
  EXPECT_EQ(Thresholds(With([](Policy& p) { p.min_score = 0.03; }), EntityType::ADDRESS),
            (BothThresholds{0.02, 0.03}));
  const Policy by_type = With([](Policy& p) {
    p.min_score = 0.9;
    p.min_score_by_type = {{"PERSON", 0.01}};
  });
  EXPECT_EQ(Thresholds(by_type, EntityType::PERSON), (BothThresholds{0.01, 0.01}));
  EXPECT_EQ(Thresholds(by_type, EntityType::ADDRESS), (BothThresholds{0.02, 0.9}));
}

TEST(OfferTest, AnOperatingPointThatTheBundleLacksIsRefusedWithThoseItHas) {
  const auto compiled =
      CompilePolicy(With([](Policy& p) { p.operating_point = "high_recall"; }), Limits(), BundleOffer());
  EXPECT_EQ(ViolationOf(compiled.status()).description,
            "unknown operating point \"high_recall\"; there are balanced");
}

TEST(PolicyTest, OnlyTheNamedTypesAreSearched) {
  Policy policy;
  policy.types = {"QQ", "URL", "QQ"};
  TypeSet expected;
  expected.set(IndexOf(EntityType::QQ)).set(IndexOf(EntityType::URL));
  EXPECT_EQ(Compiled(policy)->types, expected);
}

TEST(PolicyTest, MaxFindingsNeverExceedsTheServersLimit) {
  Policy policy;
  policy.max_findings = 7;
  EXPECT_EQ(Compiled(policy)->max_findings, 7u);
  policy.max_findings = 4000000000u;
  EXPECT_EQ(Compiled(policy)->max_findings, Limits().max_findings);
}

Policy WithLargePatterns(int count) {
  Policy policy;
  for (int i = 0; i < count; ++i)
    policy.custom_rules.push_back(Rule(std::to_string(i), "\\pL{1,300}" + std::to_string(i)));
  return policy;
}

TEST(PolicyTest, StopsBetweenPatterns) {
  Policy lists;
  for (int i = 0; i < 100; ++i) lists.deny.push_back(Pattern(".{1,900}" + std::to_string(i)));
  for (const Policy& policy : {WithLargePatterns(2), lists}) {
    int polls = 0;
    const auto compiled = CompilePolicy(policy, Limits(), RulesOnlyOffer(), [&] { return ++polls == 2; });
    EXPECT_EQ(compiled.status().code(), absl::StatusCode::kCancelled) << compiled.status();
    EXPECT_EQ(polls, 2);
  }
}

TEST(PolicyTest, PatternsOfARequestShareMemory) {
  EXPECT_TRUE(CompilePolicy(WithLargePatterns(2), Limits()).ok());
  const FieldViolation violation = ViolationOf(CompilePolicy(WithLargePatterns(32), Limits()).status());
  EXPECT_EQ(violation.field, "custom_rules[0].pattern");
  EXPECT_EQ(violation.description,
            "needs more than 1985 KiB of memory; make it smaller or send fewer patterns along");

  Policy listed = WithLargePatterns(1);
  for (int i = 0; i < 50; ++i) listed.allow.push_back(Pattern(std::to_string(i)));
  EXPECT_EQ(ViolationOf(CompilePolicy(listed, Limits()).status()).field, "custom_rules[0].pattern");
}

TEST(PolicyTest, TakesAsManyListPatternsAsTheLimitsAllow) {
  Policy policy;
  for (size_t i = 0; i < Limits().max_list_entries; ++i) {
    policy.deny.push_back(Pattern("[A-Z]{3}-" + std::to_string(i)));
    policy.allow.push_back(Pattern("\\p{Han}+" + std::to_string(i)));
  }
  EXPECT_EQ(Compiled(policy)->denied_patterns.size(), Limits().max_list_entries);
}

// Allow and deny on values alone, without rules.

bool IsAllowed(const std::vector<ListEntry>& allow, EntityType type, std::string_view value) {
  Policy policy;
  policy.allow = allow;
  const Finding finding{{0, value.size()}, type, 0.9, false, {}};
  return Compiled(policy)->Allows(value, finding);
}

TEST(AllowListTest, NamesAValueInAnyWriting) {
  EXPECT_TRUE(IsAllowed({Exact("13800138000")}, EntityType::PHONE_NUMBER, "138-0013-8000"));
  EXPECT_TRUE(IsAllowed({Exact("138 0013 8000")}, EntityType::PHONE_NUMBER, "１３８００１３８０００"));
  EXPECT_TRUE(IsAllowed({Exact("Info@Example.com")}, EntityType::EMAIL_ADDRESS, "info@example.com"));
  EXPECT_FALSE(IsAllowed({Exact("13800138000")}, EntityType::PHONE_NUMBER, "13800138001"));
  EXPECT_FALSE(IsAllowed({Exact("13800138000")}, EntityType::PHONE_NUMBER, "138001380001"));
}

TEST(AllowListTest, AnEntryWithATypeIsForThatTypeAlone) {
  const std::vector<ListEntry> allow = {Exact("13800138000", "QQ"), Pattern("139\\d+", "QQ")};
  EXPECT_FALSE(IsAllowed(allow, EntityType::PHONE_NUMBER, "13800138000"));
  EXPECT_TRUE(IsAllowed(allow, EntityType::QQ, "13800138000"));
  EXPECT_FALSE(IsAllowed(allow, EntityType::PHONE_NUMBER, "13900139000"));
  EXPECT_TRUE(IsAllowed(allow, EntityType::QQ, "13900139000"));
}

TEST(AllowListTest, APatternMatchesTheWholeValueAsWrittenOrFolded) {
  const std::vector<ListEntry> allow = {Pattern("400[\\d-]+"), Pattern("王.")};
  EXPECT_TRUE(IsAllowed(allow, EntityType::PHONE_NUMBER, "400-555-0100"));
  EXPECT_TRUE(IsAllowed(allow, EntityType::PHONE_NUMBER, "４００５５５０１００"));
  EXPECT_FALSE(IsAllowed(allow, EntityType::PHONE_NUMBER, "+400-555-0100"));
  EXPECT_TRUE(IsAllowed(allow, EntityType::PERSON, "王明"));
  EXPECT_FALSE(IsAllowed(allow, EntityType::PERSON, "王小明"));
}

TEST(AllowListTest, StopsBetweenPatternsOfALongValue) {
  Policy policy;
  policy.allow = {Pattern("y"), Pattern("x+")};
  const std::string value(kSearchWindowBytes, 'x');
  const Finding finding{{0, value.size()}, EntityType::OTHER_ID, 0.9, false, {}};
  int polls = 0;
  const std::function<bool()> stop = [&] { return ++polls == 2; };
  StopPoll poll(stop);
  EXPECT_FALSE(Compiled(policy)->Allows(value, finding, &poll));
  EXPECT_TRUE(poll.stopped());
}

std::vector<std::string> Denied(const std::vector<ListEntry>& deny, std::string_view text) {
  Policy policy;
  policy.deny = deny;
  const auto matches = Compiled(policy)->DenyMatches(text, {});
  EXPECT_TRUE(matches.ok());
  std::vector<std::string> denied;
  for (const Finding& finding : *matches) {
    EXPECT_EQ(finding.score, 1);
    EXPECT_TRUE(finding.conclusive);
    denied.push_back(std::string(text.substr(finding.span.begin, finding.span.size())) + " " +
                     std::string(IdOf(finding.type)) + " " + finding.evidence.at(0).source);
  }
  return denied;
}

TEST(DenyListTest, FindsValuesAndPatternsWithTheirTypeAndIndex) {
  EXPECT_THAT(Denied({Exact("张三", "PERSON"), Pattern("PRJ-\\d+")}, "张三在PRJ-12，Annex"),
              ::testing::ElementsAre("张三 PERSON deny:0", "PRJ-12 OTHER_ID deny:1"));
}

TEST(DenyListTest, TheLongerMatchCountsAndThenTheEarlierEntry) {
  EXPECT_THAT(Denied({Exact("Ann"), Pattern("Ann \\w+"), Pattern("\\w+ Lee"), Exact("Lee")}, "Ann Lee, Lee"),
              ::testing::ElementsAre("Ann Lee OTHER_ID deny:1", "Lee OTHER_ID deny:3"));
  EXPECT_THAT(Denied({Exact("张三"), Exact("三丰公司")}, "张三丰公司"),
              ::testing::ElementsAre("三丰公司 OTHER_ID deny:1"));
}

TEST(DenyListTest, APatternOfSingleBytesStillTakesWholeCharacters) {
  EXPECT_THAT(Denied({Pattern("a\\C")}, "a王"), ::testing::ElementsAre("a王 OTHER_ID deny:0"));
}

TEST(DenyListTest, ManyPatternsThatMatchEverywhereEndInOneMatchEach) {
  std::vector<ListEntry> deny;
  for (int i = 0; i < 100; ++i) deny.push_back(Pattern("[a-z]"));
  std::string text;
  for (int i = 0; i < 5000; ++i) text.append("x ");
  EXPECT_EQ(Denied(deny, text).size(), 5000u);
}

TEST(DenyListTest, StopsInsideOfAPattern) {
  const std::string text(size_t{1} << 20, 'a');
  // One of which each match reads far ahead, so that all of it takes hours, and one that takes a third of a
  // second for a window.
  for (const char* pattern : {"a*b|a", "(?:a?b?){1000}c"}) {
    Policy policy;
    policy.deny = {Pattern(pattern)};
    int polls = 0;
    const std::clock_t begin = std::clock();
    const auto matches = Compiled(policy)->DenyMatches(text, [&] { return ++polls == 3; });
    EXPECT_EQ(matches.status().code(), absl::StatusCode::kCancelled);
    EXPECT_EQ(polls, 3);
    EXPECT_LT(std::clock() - begin, 5 * CLOCKS_PER_SEC);
  }
}

TEST(DenyListTest, APatternSeesTheTrueEndsOfALongText) {
  const std::string text = std::string(100'000, 'x') + "\n" + std::string(100'000, 'x');
  EXPECT_THAT(Denied({Pattern("^x")}, text), ::testing::SizeIs(1));
  EXPECT_THAT(Denied({Pattern("x$")}, text), ::testing::SizeIs(1));
  EXPECT_THAT(Denied({Pattern("(?m)^x")}, text), ::testing::SizeIs(2));
  EXPECT_THAT(Denied({Pattern("\\bx|x\\b")}, text), ::testing::SizeIs(4));
}

TEST(DenyListTest, FindsAMatchOfTheSureSizeWhereverItStands) {
  std::string value = "K" + std::string(kSureMatchBytes - 2, 'z') + "K";
  for (size_t before = 0; before < 3 * kSearchWindowBytes; before += 1021) {
    const std::string text = std::string(before, 'y') + value + std::string(kSearchWindowBytes, 'y');
    EXPECT_THAT(Denied({Pattern("Kz+K")}, text), ::testing::SizeIs(1)) << before;
  }
}

}  // namespace
}  // namespace privet
