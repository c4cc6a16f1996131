#include "training/data/synthesis/numbers.h"

#include <gtest/gtest.h>

#include <set>

#include "rules/validators.h"
#include "rules/validators/characters.h"
#include "tests/synthesis/filled.h"

namespace privet {
namespace {

std::string Drawn(std::string_view kind, Random& random) {
  std::string out;
  for (const NumberKind& number : NumberKinds()) {
    if (number.name == kind) number.append(random, &out);
  }
  return out;
}

struct Checked {
  const char* list;
  const char* validator;
  double valid_share;  // of what is drawn
};

class ListsPassTheirValidators : public ::testing::TestWithParam<Checked> {};

TEST_P(ListsPassTheirValidators, EachValue) {
  const ValidatorEntry* validator = FindValidator(GetParam().validator);
  ASSERT_NE(validator, nullptr);
  Random random(11);
  int valid = 0;
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) {
    const std::string value = AllFillers().Draw(GetParam().list, AllFillers().DrawPlace(random), random);
    const bool passes = validator->check(value).valid;
    valid += passes ? 1 : 0;
    if (GetParam().valid_share == 1) {
      EXPECT_TRUE(passes) << value << ": " << validator->check(value).reason;
    }
  }
  EXPECT_GE(valid, kCount * GetParam().valid_share);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, ListsPassTheirValidators,
    ::testing::Values(Checked{"passport", "cn_passport", 1}, Checked{"hkmo", "cn_hk_macau_permit", 1},
                      Checked{"twp", "cn_taiwan_permit", 1}, Checked{"ssn", "us_ssn", 1},
                      Checked{"passport_en", "us_passport", 1}, Checked{"uscc", "cn_uscc", 1},
                      Checked{"credit_card", "credit_card", 1}, Checked{"iban", "iban", 1},
                      Checked{"plate", "cn_license_plate", 1}, Checked{"vin", "vin", 1},
                      Checked{"mac", "mac_address", 1}, Checked{"email", "email", 1},
                      Checked{"email_en", "email", 1}, Checked{"resident_id", "cn_resident_id_18", 0.9},
                      Checked{"phone_en", "phone_any", 0.6}, Checked{"url", "url", 0.9}),
    [](const auto& test) { return std::string(test.param.list); });

struct CheckedKind {
  const char* kind;
  const char* validator;
  bool valid;
};

class KindsPassTheirValidators : public ::testing::TestWithParam<CheckedKind> {};

TEST_P(KindsPassTheirValidators, EachValue) {
  const ValidatorEntry* validator = FindValidator(GetParam().validator);
  ASSERT_NE(validator, nullptr);
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    const std::string value = Drawn(GetParam().kind, random);
    EXPECT_EQ(validator->check(value).valid, GetParam().valid) << value;
  }
}

INSTANTIATE_TEST_SUITE_P(Numbers, KindsPassTheirValidators,
                         ::testing::Values(CheckedKind{"resident_id", "cn_resident_id_18", true},
                                           CheckedKind{"resident_id_15", "cn_resident_id_15", true},
                                           CheckedKind{"not_a_resident_id", "cn_resident_id_18", false},
                                           CheckedKind{"bank_card", "cn_bank_card", true},
                                           CheckedKind{"bank_card_4444", "cn_bank_card", true},
                                           CheckedKind{"not_a_card", "cn_bank_card", false},
                                           CheckedKind{"mobile", "cn_mobile", true},
                                           CheckedKind{"mobile_344_dash", "cn_mobile", true},
                                           CheckedKind{"not_a_mobile", "cn_mobile", false},
                                           CheckedKind{"password", "secret_entropy", true},
                                           CheckedKind{"public_ip", "ipv4", true}),
                         [](const auto& test) { return std::string(test.param.kind); });

// What logs and code are full of must not teach that a valid number of a person is none. Types whose
// validators look at the length alone (8 digits are a Taiwan permit, 16 an IMEI with its version) cannot be
// told apart.
class IdentifiersPassNoValidator : public ::testing::TestWithParam<const char*> {};

TEST_P(IdentifiersPassNoValidator, EachValue) {
  Random random(17);
  std::set<std::string> values;
  for (int i = 0; i < 5000; ++i) {
    const std::string value = AllFillers().Draw(GetParam(), AllFillers().DrawPlace(random), random);
    values.insert(value);
    for (const char* name :
         {"cn_resident_id_18", "cn_resident_id_15", "cn_bank_card", "credit_card", "cn_mobile", "cn_passport",
          "cn_hk_macau_permit", "vin", "iban", "ipv4", "ipv6"}) {
      const ValidatorEntry* validator = FindValidator(name);
      ASSERT_NE(validator, nullptr) << name;
      EXPECT_FALSE(validator->check(value).valid) << name << ": " << value;
    }
  }
  EXPECT_GT(values.size(), 4500u);
}

INSTANTIATE_TEST_SUITE_P(Numbers, IdentifiersPassNoValidator, ::testing::Values("hex", "seq"),
                         [](const auto& test) { return std::string(test.param); });

TEST(NumbersTest, SequenceNumbersAreFiveToNineteenDigits) {
  Random random(4);
  for (int i = 0; i < 2000; ++i) {
    const std::string value = AllFillers().Draw("seq", AllFillers().DrawPlace(random), random);
    EXPECT_GE(value.size(), 5u) << value;
    EXPECT_LE(value.size(), 19u) << value;
    EXPECT_EQ(value.find_first_not_of("0123456789"), std::string::npos) << value;
  }
}

TEST(NumbersTest, HexIdsComeInTheFormsOfHashesUuidsAndPods) {
  Random random(4);
  std::set<size_t> sizes;
  for (int i = 0; i < 2000; ++i) {
    const std::string value = AllFillers().Draw("hex", AllFillers().DrawPlace(random), random);
    EXPECT_EQ(value.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEF-"), std::string::npos)
        << value;
    if (value.size() == 36) {
      EXPECT_TRUE(FindValidator("uuid")->check(value).valid) << value;
    }
    sizes.insert(value.size());
  }
  for (const size_t size : {7, 12, 15, 16, 32, 36, 40, 64}) EXPECT_TRUE(sizes.contains(size)) << size;
}

TEST(NumbersTest, ResidentIdsHoldACountyOfTheirTime) {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const Verdict verdict = FindValidator("cn_resident_id_18")->check(Drawn("resident_id", random));
    EXPECT_GE(verdict.shift, 0) << verdict.reason;
  }
}

TEST(NumbersTest, LandlinesHaveAnAreaCodeAndItsLength) {
  Random random(3);
  int usual = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string value = Drawn("area", random) + "-";
    for (const NumberKind& number : NumberKinds()) {
      if (number.name == "local") number.append(random, &value);
    }
    const Verdict verdict = FindValidator("cn_landline")->check(value);
    EXPECT_TRUE(verdict.valid) << value;
    usual += verdict.shift >= 0 ? 1 : 0;
  }
  EXPECT_GT(usual, 750);
}

TEST(NumbersTest, ValuesDiffer) {
  for (const NumberKind& number : NumberKinds()) {
    Random random(9);
    std::set<std::string> values;
    for (int i = 0; i < 500; ++i) {
      std::string value;
      number.append(random, &value);
      values.insert(value);
    }
    EXPECT_GT(values.size(), 20u) << number.name;
  }
}

}  // namespace
}  // namespace privet
