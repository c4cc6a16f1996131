// The packs that ship: they load, and every example in them holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
