#include "pipeline/possible_types.h"

#include <gtest/gtest.h>

#include "tagging/log_odds.h"

namespace privet {
namespace {

using enum EntityType;

bool CanBe(EntityType type, std::string_view value) { return !ImpossibleTypes(value).test(IndexOf(type)); }

TEST(PossibleTypesTest, FormsHaveTheirLengths) {
  EXPECT_TRUE(CanBe(CN_RESIDENT_ID, "11010519491231002X"));
  EXPECT_TRUE(CanBe(CN_RESIDENT_ID, "110105 19491231 002X"));
  EXPECT_FALSE(CanBe(CN_RESIDENT_ID, "6222021234567890128"));
  EXPECT_FALSE(CanBe(VIN, "ABC-1234"));
  EXPECT_TRUE(CanBe(VIN, "LSVAA4182E2184847"));
  EXPECT_TRUE(CanBe(CREDIT_CARD, "4111 1111 1111 1111"));
  EXPECT_FALSE(CanBe(CREDIT_CARD, "1111"));
  EXPECT_FALSE(CanBe(PHONE_NUMBER, "+329:790412"));
  EXPECT_TRUE(CanBe(PHONE_NUMBER, "+44 (0)20 7946 0958 ext. 12"));
}

TEST(PossibleTypesTest, AnAddressOfTheNetworkIsFourNumbersOrHexadecimalGroups) {
  for (const char* const value :
       {"192.0.2.1", "192.0.2.1:8080", "192.0.2.0/24", "2001:db8::1", "[2001:db8::1]:443", "fe80::1%eth0",
        "１９２．０．２．１", "192.0.2.1-192.0.2.9"})
    EXPECT_TRUE(CanBe(IP_ADDRESS, value)) << value;
  for (const char* const value : {"123.456.789-09", "12.345.678-5", "10.2.3.", "db:1521/x", "1.2.3"})
    EXPECT_FALSE(CanBe(IP_ADDRESS, value)) << value;
}

TEST(PossibleTypesTest, OfOddWritingsNothingIsSaid) {
  EXPECT_TRUE(ImpossibleTypes("110105********002X").none());
  EXPECT_TRUE(ImpossibleTypes("尾号1234").none());
  EXPECT_TRUE(ImpossibleTypes("one three eight zero zero one three eight zero zero zero").none());
  for (const char* const value :
       {"###-##-6789", "6222...1234", "192[.]0[.]2[.]1", "192.0.2.x", "xxx-xx-6789"})
    EXPECT_TRUE(ImpossibleTypes(value).none()) << value;
  EXPECT_TRUE(ImpossibleTypes("一三八零零一三八零零零").test(IndexOf(VIN))) << "folded to digits";
}

TEST(PossibleTypesTest, ANumberOfAnImpossibleKindIsAnother) {
  SpanReading reading;
  for (const EntityType type : {VIN, OTHER_ID, PERSON}) reading.known.set(IndexOf(type));
  reading.log_odds[IndexOf(VIN)] = 3;
  reading.log_odds[IndexOf(OTHER_ID)] = -2;
  SpanReading number = reading;
  RuleOutImpossible("ABC-1234", &number);
  EXPECT_FALSE(number.known.test(IndexOf(VIN)));
  EXPECT_EQ(number.log_odds[IndexOf(OTHER_ID)], 3);
  EXPECT_EQ(number.log_odds[IndexOf(PERSON)], 0);
  SpanReading word = reading;
  RuleOutImpossible("ABC-12", &word);
  EXPECT_FALSE(word.known.test(IndexOf(VIN)));
  EXPECT_EQ(word.log_odds[IndexOf(OTHER_ID)], -2);
}

}  // namespace
}  // namespace privet
