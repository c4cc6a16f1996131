// The packs that ship: they load, and every example in them holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/unescape.h"
#include "rules/pack.h"
#include "rules/rule_examples.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

TEST(BuiltInPacksTest, LoadAndHoldAllTheirExamples) {
  const auto rules = RuleSet::Load(BuiltInPacks());
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_GT((*rules)->specs().size(), 50u);
  EXPECT_THAT(FailingExamples(**rules), ::testing::IsEmpty());
}

TEST(BuiltInPacksTest, FindANumberWhateverFoldingChangesInIt) {
  const auto rules = RuleSet::Load(BuiltInPacks());
  ASSERT_TRUE(rules.ok()) << rules.status();
  const auto finds = [&](std::string_view label, std::string_view value, EntityType type) {
    const std::string text = std::string(label) + std::string(value) + "。";
    const auto candidates = (*rules)->Scan(UnescapedText(text), ScanRequest());
    const Span span = {label.size(), label.size() + value.size()};
    return candidates.ok() && std::any_of(candidates->begin(), candidates->end(), [&](const Candidate& c) {
             return c.type == type && c.span == span && c.score > 0.9;
           });
  };
  for (const std::string_view between : {"\u200B", "\u00AD", "\u2060", "\uFE0F", "\uFE00", "\u034F", "\u061C",
                                         "\u2013", "\u2043", "\u1680", "\uFE31", "\uFE0F\u20E3"}) {
    const std::string gap(between);
    EXPECT_TRUE(finds("手机号", "138" + gap + "0013" + gap + "8000", EntityType::PHONE_NUMBER)) << gap;
  }
  for (const std::string_view invisible : {"\u200B", "\uFE0F", "\uFE0F\u20E3"}) {
    std::string spaced;
    for (const char digit : std::string_view("1380013800")) spaced.append(1, digit).append(invisible);
    EXPECT_TRUE(finds("手机号", spaced + "0", EntityType::PHONE_NUMBER)) << invisible;
    EXPECT_TRUE(
        finds("身份证", "11010519491231" + std::string(invisible) + "002X", EntityType::CN_RESIDENT_ID))
        << invisible;
  }
  EXPECT_TRUE(finds("手机号", "¹³⁸⁰⁰¹³⁸⁰⁰⁰", EntityType::PHONE_NUMBER));
  EXPECT_TRUE(finds("手机号", "⑬8⓪⓪⑬8⓪⓪⓪", EntityType::PHONE_NUMBER));
}

TEST(BuiltInPacksTest, EveryRuleShowsWhatItMustNotMatch) {
  const auto rules = RuleSet::Load(BuiltInPacks());
  ASSERT_TRUE(rules.ok()) << rules.status();
  for (const RuleSpec& spec : (*rules)->specs()) EXPECT_FALSE(spec.no_match_examples.empty()) << spec.id;
}

// Models fill these; a rule for them would claim what a form cannot show.
TEST(BuiltInPacksTest, EveryTypeWithAFormHasARule) {
  const TypeSet of_models = [] {
    TypeSet types;
    for (const EntityType type : {EntityType::PERSON, EntityType::ORGANIZATION, EntityType::LOCATION,
                                  EntityType::ADDRESS, EntityType::USERNAME, EntityType::OTHER_ID}) {
      types.set(IndexOf(type));
    }
    return types;
  }();
  const auto rules = RuleSet::Load(BuiltInPacks());
  ASSERT_TRUE(rules.ok()) << rules.status();
  TypeSet found = of_models;
  for (const RuleSpec& spec : (*rules)->specs()) found.set(IndexOf(spec.type));
  for (const EntityTypeSpec& type : Taxonomy())
    EXPECT_TRUE(found.test(IndexOf(type.type))) << "no rule for " << type.id;
}

}  // namespace
}  // namespace privet
