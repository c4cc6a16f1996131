#include "pipeline/normal_form.h"

#include <gtest/gtest.h>

namespace privet {
namespace {

struct Pair {
  EntityType type;
  std::string_view one, other;
};

std::string NormalOf(EntityType type, std::string_view value) { return Normalise(NormalFormOf(type), value); }

TEST(NormalFormTest, WritingsOfOneValueAreEqual) {
  const Pair kSame[] = {
      {EntityType::PHONE_NUMBER, "13800138000", "138-0013-8000"},
      {EntityType::PHONE_NUMBER, "13800138000", "１３８ ００１３ ８０００"},
      {EntityType::PHONE_NUMBER, "13800138000", "一三八零零一三八零零零"},
      {EntityType::PHONE_NUMBER, "(010) 12345678", "010-1234 5678"},
      {EntityType::CN_RESIDENT_ID, "11010519491231002X", "110105 19491231 002x"},
      {EntityType::CREDIT_CARD, "4111111111111111", "4111 1111 1111 1111"},
      {EntityType::EMAIL_ADDRESS, "Ann@Example.com", "ann@example.com"},
      {EntityType::MAC_ADDRESS, "00:00:5E:00:53:01", "00-00-5e-00-53-01"},
      {EntityType::CN_LICENSE_PLATE, "京A·12345", "京A12345"},
      {EntityType::HK_ID, "A123456(3)", "a1234563"},
      {EntityType::PERSON, "Ａｎｎ", "Ann"},
  };
  for (const Pair& pair : kSame) {
    EXPECT_EQ(NormalOf(pair.type, pair.one), NormalOf(pair.type, pair.other))
        << pair.one << " " << pair.other;
  }
}

TEST(NormalFormTest, DifferentValuesAreNot) {
  const Pair kDifferent[] = {
      {EntityType::PHONE_NUMBER, "13800138000", "+13800138000"},
      {EntityType::EMAIL_ADDRESS, "a.b@example.com", "ab@example.com"},
      {EntityType::CRYPTO_ADDRESS, "1AbC", "1aBc"},
      {EntityType::SECRET, "pass-word", "password"},
      {EntityType::PERSON, "Ann Lee", "AnnLee"},
      {EntityType::OTHER_ID, "---", "+"},
  };
  for (const Pair& pair : kDifferent) {
    EXPECT_NE(NormalOf(pair.type, pair.one), NormalOf(pair.type, pair.other))
        << pair.one << " " << pair.other;
  }
}

TEST(NormalFormTest, ANumberOfSeparatorsAloneStaysVisible) {
  EXPECT_EQ(Normalise(NormalForm::Number, "- -"), "- -");
}

}  // namespace
}  // namespace privet
