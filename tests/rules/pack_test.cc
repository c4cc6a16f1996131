#include "rules/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/rule_examples.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGoodRule = R"(pack: sample
define:
  sep: '[ -]?'
context:
  badge_words: {words: [badge, 工牌], strength: 2.5}
rules:
  - id: badge
    type: OTHER_ID
    patterns: ['B\d{3}{{sep}}\d{3}']
    score: 0.3
    gate: {digits: 6}
    context: [badge_words, {words: [型号], strength: -3, window: 8}]
    examples:
      match: ['工牌 ⟦B123-456⟧']
      no_match: ['型号 B123-456']
)";

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const size_t at = result.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return result.replace(at, from.size(), to);
}

absl::Status LoadStatus(std::string content) {
  const std::vector<PackSource> sources = {{"sample.yaml", std::move(content)}};
  return RuleSet::Load(sources).status();
}

TEST(PackTest, ReadsARuleWithMacrosAndContext) {
  const std::vector<PackSource> sources = {{"sample.yaml", std::string(kGoodRule)}};
  const auto packs = ParsePacks(sources);
  ASSERT_TRUE(packs.ok()) << packs.status();
  ASSERT_EQ(packs->size(), 1u);
  const RuleSpec& rule = packs->at(0).rules.at(0);
  EXPECT_EQ(rule.id, "badge");
  EXPECT_EQ(rule.type, EntityType::OTHER_ID);
  EXPECT_EQ(rule.patterns.at(0), R"(B\d{3}(?:[ -]?)\d{3})");
  EXPECT_EQ(rule.gate.min_digits, 6);
  EXPECT_EQ(rule.context.size(), 2u);
  EXPECT_EQ(rule.line, 7);
}

TEST(PackTest, ALoadedPackHoldsItsExamples) {
  const std::vector<PackSource> sources = {{"sample.yaml", std::string(kGoodRule)}};
  const auto rules = RuleSet::Load(sources);
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_THAT(FailingExamples(**rules), ::testing::IsEmpty());
}

TEST(PackTest, AFailingExampleIsNamed) {
  const std::vector<PackSource> sources = {
      {"sample.yaml", Replaced(kGoodRule, "'型号 B123-456'", "'工牌 B123-456'")}};
  EXPECT_THAT(FailingExamples(**RuleSet::Load(sources)),
              ::testing::ElementsAre("rule 'badge' must not match: 工牌 B123-456"));
}

TEST(PackTest, DefinitionsOfCommonYamlAreVisibleEverywhere) {
  std::string user = Replaced(kGoodRule, "define:\n  sep: '[ -]?'\n", "");
  user = Replaced(user, "context:\n  badge_words: {words: [badge, 工牌], strength: 2.5}\n", "");
  const std::vector<PackSource> sources = {
      {"a.yaml", user},
      {"common.yaml",
       "pack: common\ndefine: {sep: '[ -]?'}\ncontext:\n  badge_words: {words: [工牌], strength: 2.5}\n"}};
  EXPECT_TRUE(RuleSet::Load(sources).ok()) << RuleSet::Load(sources).status();
}

TEST(PackTest, EveryFaultNamesFileLineRuleAndReason) {
  struct Case {
    std::string_view what;
    std::string_view from;
    std::string_view to;
    std::string_view place;
    std::string_view reason;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"bad pattern", R"('B\d{3}{{sep}}\d{3}')", R"('B(\d{6}')",
            "sample.yaml:9: rule 'badge': ", "missing )"},
           {"unknown macro", "{{sep}}", "{{gap}}", "sample.yaml:9: rule 'badge': ", "'{{gap}}"},
           {"empty match", R"('B\d{3}{{sep}}\d{3}')", R"('(B\d{6})?')",
            "sample.yaml:9: rule 'badge': ", "empty text"},
           {"unknown type", "OTHER_ID", "OTHERID", "sample.yaml:8: rule 'badge': ", "did you mean OTHER_ID?"},
           {"unknown validator", "score: 0.3", "score: 0.3\n    validator: no_such",
            "sample.yaml:7: rule 'badge': ", "validator 'no_such' does not exist"},
           {"unknown key", "score: 0.3", "score: 0.3\n    colour: red",
            "sample.yaml:11: rule 'badge': ", "colour"},
           {"score out of range", "score: 0.3", "score: 1.0",
            "sample.yaml:10: rule 'badge': ", "between 0 and 1"},
           {"no gate", "    gate: {digits: 6}\n", "", "sample.yaml:7: rule 'badge': ", "gate"},
           {"empty gate", "{digits: 6}", "{digits: 0}",
            "sample.yaml:11: rule 'badge': ", "would run on every text"},
           {"a gate beyond what an int holds", "{digits: 6}", "{digits: 4294967302}",
            "sample.yaml:11: rule 'badge': ", "must be 0 to 40"},
           {"unknown context", "[badge_words,", "[no_words,",
            "sample.yaml:12: rule 'badge': ", "'no_words' is not defined"},
           {"no examples", "match: ['工牌 ⟦B123-456⟧']", "match: []",
            "sample.yaml:14: rule 'badge': ", "at least one example"},
       }) {
    const absl::Status status = LoadStatus(Replaced(kGoodRule, c.from, c.to));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.what;
    EXPECT_THAT(std::string(status.message()), StartsWith(std::string(c.place))) << c.what;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.reason))) << c.what;
  }
}

TEST(PackTest, BracketsInALiteralStandForEachOfTheirCharacters) {
  const std::vector<PackSource> sources = {
      {"sample.yaml", Replaced(kGoodRule, "{digits: 6}", "{token: 4, literals: ['[京沪][ab]']}")}};
  const auto packs = ParsePacks(sources);
  ASSERT_TRUE(packs.ok()) << packs.status();
  EXPECT_THAT(packs->at(0).rules.at(0).gate.literals, ::testing::ElementsAre("京a", "京b", "沪a", "沪b"));
}

TEST(PackTest, AnIdIsTakenOnlyOnce) {
  const std::vector<PackSource> sources = {{"a.yaml", std::string(kGoodRule)},
                                           {"b.yaml", std::string(kGoodRule)}};
  EXPECT_THAT(std::string(RuleSet::Load(sources).status().message()),
              StartsWith("b.yaml:7: rule 'badge': the id is taken"));
}

TEST(PackTest, BrokenYamlNamesTheLine) {
  EXPECT_THAT(std::string(LoadStatus("pack: x\nrules: [\n").message()), StartsWith("sample.yaml:"));
}

TEST(PackTest, APackWithoutRulesIsRefused) {
  EXPECT_THAT(std::string(LoadStatus("pack: x\n").message()), StartsWith("sample.yaml:1: pack: "));
  EXPECT_THAT(std::string(LoadStatus("pack: x\nrules:\n").message()), HasSubstr("rule"));
  EXPECT_THAT(std::string(LoadStatus("pack: x\nrules: []\n").message()), HasSubstr("at least one rule"));
}

TEST(PackTest, AFolderWithoutPacksIsAnError) {
  EXPECT_EQ(ReadPackFolder("no/such/folder").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace privet
