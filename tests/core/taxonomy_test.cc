#include "core/taxonomy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace privet {
namespace {

TEST(TaxonomyTest, EveryTypeIsNamedAndFoundById) {
  std::set<std::string_view> ids;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    EXPECT_TRUE(ids.insert(spec.id).second) << spec.id;
    EXPECT_EQ(spec.id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), std::string_view::npos)
        << spec.id;
    for (const std::string_view text :
         {spec.name_zh, spec.name_en, spec.description_zh, spec.description_en}) {
      EXPECT_FALSE(text.empty()) << spec.id;
    }
    EXPECT_EQ(FindEntityType(spec.id), spec.type);
    EXPECT_EQ(IdOf(spec.type), spec.id);
  }
  EXPECT_EQ(ids.size(), kEntityTypeCount);
}

TEST(TaxonomyTest, IdsAreExact) {
  EXPECT_EQ(FindEntityType("phone_number"), std::nullopt);
  EXPECT_EQ(FindEntityType(""), std::nullopt);
}

TEST(TaxonomyTest, AMistypedIdHasItsNearestAsAHint) {
  EXPECT_EQ(EntityTypeHint("PHONE_NUMER"), "; did you mean PHONE_NUMBER?");
  EXPECT_EQ(EntityTypeHint("cn_residentid"), "; did you mean CN_RESIDENT_ID?");
  EXPECT_EQ(EntityTypeHint("phone"), "; did you mean PHONE_NUMBER?");
  EXPECT_EQ(EntityTypeHint("ORG"), "; did you mean ORGANIZATION?");
  EXPECT_EQ(EntityTypeHint(""), "; `privet info` lists the types");
  EXPECT_EQ(EntityTypeHint(std::string(500, 'X')), "; `privet info` lists the types");
}

}  // namespace
}  // namespace privet
