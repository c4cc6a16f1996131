// What each validator takes and refuses. Values are invented, of documented test ranges, or printed in the
// standards.
#include "rules/validators.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace privet {
namespace {

Verdict Check(std::string_view validator, std::string_view value) {
  const ValidatorEntry* entry = FindValidator(validator);
  EXPECT_NE(entry, nullptr) << validator;
  return entry == nullptr ? Verdict() : entry->check(value);
}

struct Case {
  std::string_view validator;
  std::vector<std::string_view> valid;
  std::vector<std::string_view> invalid;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"cn_mobile",
       {"13800138000", "138-0013-8000", "+86 138 0013 8000", "0086-13800138000", "15900001234-0138"},
       {"12800138000", "1380013800", "138001380001", "13800138000-01"}},
      {"cn_landline",
       {"010-55550123", "(021) 5555 0123", "+86 755 2555 0123", "010-55550123-801", "0571-5555 0123转8001"},
       {"01-5555012", "0300-5555012", "010-1234"}},
      {"cn_service_number", {"400-555-0123", "8008200123", "95588", "12315"}, {"300-555-0123", "99999"}},
      {"phone_international",
       {"+1 650-253-0000", "+44 20 7946 0958", "+81 3-1234-5678", "+44 7700 900123"},
       {"+1 123", "+999 123456789", "6502530000"}},
      {"phone_us", {"(202) 555-0123", "202-555-0123", "1-202-555-0123"}, {"202-555-012", "102-555-0123"}},
      {"cn_resident_id_18",
       {"11010119900307803X", "11010119900307803x", "110101 19900307 803X"},
       {"110101199003078030", "110101199002308037", "990101199003078034", "11010119900307803"}},
      {"cn_resident_id_15", {"110101900307803"}, {"110101901307803", "990101900307803", "11010190030780"}},
      {"cn_passport",
       {"E12345678", "G12345678", "EA1234567", "D1234567"},
       {"X12345678", "E1234567", "12345678"}},
      {"cn_hk_macau_permit", {"C12345678", "H12345678", "M1234567801"}, {"A12345678", "C1234567"}},
      {"cn_taiwan_permit", {"L12345678", "T12345678", "12345678"}, {"A12345678", "1234567"}},
      {"cn_residence_permit", {"810000199408230021"}, {"810000199408230022", "840000199408230021"}},
      {"cn_uscc", {"91350100M000100Y43"}, {"91350100M000100Y44", "91350100M000100Y4", "I1350100M000100Y43"}},
      {"cn_bank_card",
       {"6222020000000012344", "6222 0200 0000 0012 344"},
       {"6222020000000012345", "62220200"}},
      {"credit_card",
       {"4111111111111111", "5555-5555-5555-4444", "378282246310005", "4111.1111.1111.1111",
        "5555_5555_5555_4444"},
       {"4111111111111112", "1234567812345670", "411111111111"}},
      {"luhn", {"79927398713"}, {"79927398710"}},
      {"imei",
       {"490154203237518", "49-015420-323751"},
       {"490154203237517", "000000000000000", "20240105123456"}},
      {"iban",
       {"GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"},
       {"GB82WEST12345698765433", "DE8937040044053201300", "ZZ82370400440532013000"}},
      {"swift", {"DEUTDEFF", "DEUTDEFF500"}, {"DEUTZZFF", "DEUTDEF"}},
      {"btc_address",
       {"1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"},
       {"1BoatSLRHtKNngkdXEeobR76b53LETtpyU", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx"}},
      {"phone_unmarked", {"447911123456", "49 30 901820"}, {"+447911123456", "999123456789", "4479111"}},
      {"eth_address",
       {"0x52908400098527886E0F7030069857D2E4169EE7", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
       {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "0x5290"}},
      {"hk_id", {"A123456(3)", "A1234563", "AB987654(3)"}, {"A123456(4)", "1234567"}},
      {"tw_id", {"A123456789"}, {"A123456788", "A323456789"}},
      {"tw_ubn", {"04595257"}, {"04595258", "0459525"}},
      {"cn_license_plate",
       {"京A12345", "粤B·D12345", "沪AD12345", "京A1234警", "粤Z1234港"},
       {"京A1234", "京I12345", "京A1234567", "京AIO123"}},
      {"vin", {"1M8GDM9AXKP042788"}, {"1M8GDM9AXKP04278O", "12345678901234567"}},
      {"wechat_name",
       {"lily_2024", "lilyzhang", "LilyZhang", "wxid_abc123def", "wx_lily"},
       {"lily1", "unionid", "NetType", "access_token", "WX_SECRET", "wx_order", "Android", "iPhone15",
        "float32", "wxid_column"}},
      {"cn_postcode", {"100080", "518000"}, {"000000", "990080x", "590000"}},
      {"us_ssn",
       {"219-45-6789", "536 90 4399"},
       {"000-45-6789", "666-45-6789", "219-00-6789", "219-45-0000", "900-45-6789"}},
      {"us_itin", {"911-70-1234"}, {"811-70-1234", "911-48-1234"}},
      {"us_ein", {"12-3456789"}, {"00-3456789"}},
      {"aba_routing", {"021000021"}, {"021000022", "991000021"}},
      {"us_npi", {"1234567893"}, {"1234567890"}},
      {"home_folder",
       {"tvandermeer", "gholm", "Maeve O'Sullivan"},
       {"root", "ubuntu", "Public", "www-data", "Default", "1000"}},
      {"passport_zone",
       {"L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
       {"L898902C37UTO7408122F1204159ZE184226B<<<<<10", "L898902C36UTO7408122F1204158ZE184226B<<<<<10",
        "L898902C36UTO7408122F1204159"}},
      {"uk_nhs", {"943 476 5919"}, {"943 476 5918"}},
      {"uk_nino", {"AB123456C"}, {"DA123456C", "AB123456E"}},
      {"ipv4", {"192.0.2.1", "198.51.100.0/24"}, {"256.0.2.1", "192.0.2", "192.0.2.1/33"}},
      {"ipv6",
       {"2001:db8::1", "::1", "fe80::1%eth0", "::ffff:192.0.2.1"},
       {"2001:db8:::1", "a::b::c", "12345::1"}},
      {"mac_address",
       {"00:00:5E:00:53:01", "00-00-5e-00-53-af", "0000.5e00.53af"},
       {"00:00:5E:00:53", "00:00-5E:00:53:01"}},
      {"uuid", {"123e4567-e89b-42d3-a456-426614174000"}, {"123e4567-e89b-42d3-a456-42661417400g"}},
      {"email",
       {"zhang.san@example.com", "a+b@mail.example.cn"},
       {"a@b", "a..b@example.com", "@example.com"}},
      {"url", {"https://example.com/a?b=1", "www.example.com"}, {"http://", "nope://example.com"}},
      {"date_time",
       {"2024-03-05", "2024年3月5日", "March 5, 2024", "05/03/2024", "10:22:33"},
       {"2024-13-45", "2024年2月30日"}},
      {"date_of_birth",
       {"1990-03-07", "1990年3月7日", "19900307", "March 7, 1990", "79年3月7日", "79年3月", "民國79年3月7日",
        "1472年10月31日"},
       {"2990-03-07", "1990-02-30", "79年13月", "民国179年3月7日"}},
      {"birth_year", {"1987", "1938年", "810"}, {"2990", "17", "1987-1990"}},
      {"life_span",
       {"1834年2月8日-1907年2月2日", "8 February 1834 - 2 February 1907", "(1037年-1101年", "1950年3月-)"},
       {"1914年7月28日-1918年11月11日", "960年-1279年", "1990年1月1日-2990年1月1日", "2990年3月-)", "3月-)"}},
      {"geo_coordinates", {"39.9042,116.4074", "116.4074, 39.9042"}, {"139.9042,216.4074", "39.9042"}},
      {"jwt",
       {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"},
       {"eyJhYmMiOjF9.eyJzdWIiOiIxIn0.c2ln", "eyJ.x.y"}},
      {"secret_entropy",
       {"Tr0ub4dor3x", "9f8e7d6c5b4a39281706", "88888888", "666888", "Gr33n Parrot!", "Sunny Day 7!",
        "ab{cd}12#34", "Tr0ub4(dor)3x!", "881-1688", "/etA7k2/x9Qz"},
       {"null",
        "required",
        "********",
        "${DB_PASSWORD}",
        "aaaa",
        "8888",
        "000000",
        "1000000",
        "required|min:8",
        "Password must be at least 8 characters",
        "Mot de passe",
        "8-16位字母",
        "' + pass1 + '",
        "+pass1+",
        "getpass(1)",
        "Jobs[-1].JobId",
        "a1 {} b2",
        "YOUR_PASSWORD_123",
        "changeme123",
        "8-16",
        "6~20",
        "/etc/ssl/private/server1.key",
        "~/.ssh/id_ed25519"}},
      {"url_password",
       {"tulip7garden", "%21Tulip7Garden"},
       {"tulipgarden", "20261128", "YOUR_PASSWORD_123", "$PASSWORD1", "aaaaaa1"}},
      {"random_token",
       {"ab12cd34ef56ab78cd90", "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa", "MyxApqRoEyfToqTest2024"},
       {"1234567890123456", "YOUR_T0K3N_H3R3_PL34S3", "spring-2026-newsletter", "INC0000123456789",
        "oauth2-client-credentials", "request.headers.x_auth_v2"}},
      {"basic_credentials", {"dXNlcjpwYXNzd29yZDEyMw==", "dTpw"}, {"authentication", "dXNlcg==", "OnB3"}},
      {"phone_uk",
       {"07700 900461", "020 7946 0018", "(01632) 960123"},
       {"7700 900461", "07700 9004", "00000 000000"}},
      {"phone_labelled",
       {"(19) 35831647", "622 15 31 23"},
       {"2024-01-05", "192.0.2.14", "1234", "5550123 5550124"}},
  };
  return cases;
}

TEST(ValidatorsTest, TakeTheValidAndRefuseTheInvalid) {
  for (const Case& c : Cases()) {
    for (const std::string_view value : c.valid) {
      const Verdict verdict = Check(c.validator, value);
      EXPECT_TRUE(verdict.valid) << c.validator << " refuses " << value << ": " << verdict.reason;
      EXPECT_FALSE(verdict.reason.empty()) << c.validator;
    }
    for (const std::string_view value : c.invalid) {
      const Verdict verdict = Check(c.validator, value);
      EXPECT_FALSE(verdict.valid) << c.validator << " takes " << value << ": " << verdict.reason;
      EXPECT_FALSE(verdict.reason.empty()) << c.validator;
    }
  }
}

// A check digit is of use only if it notices the commonest slip: one digit wrong.
TEST(ValidatorsTest, OneWrongDigitBreaksACheckDigit) {
  const std::vector<std::pair<std::string_view, std::string>> checked = {
      {"cn_resident_id_18", "110101199003078881"},
      {"cn_uscc", "91350100M000100Y43"},
      {"credit_card", "4111111111111111"},
      {"imei", "490154203237518"},
      {"iban", "DE89370400440532013000"},
      {"aba_routing", "021000021"},
      {"us_npi", "1234567893"},
      {"uk_nhs", "9434765919"}};
  for (const auto& [validator, value] : checked) {
    ASSERT_TRUE(Check(validator, value).valid) << validator;
    for (size_t i = 0; i < value.size(); ++i) {
      if (value[i] < '0' || value[i] > '9') continue;
      for (char digit = '0'; digit <= '9'; ++digit) {
        if (digit == value[i]) continue;
        std::string damaged = value;
        damaged[i] = digit;
        EXPECT_FALSE(Check(validator, damaged).valid) << validator << " takes " << damaged;
      }
    }
  }
}

TEST(ValidatorsTest, AnyBytesAreRefusedOrTakenButNeverACrash) {
  const std::vector<std::string> hostile = {"",
                                            " ",
                                            "-",
                                            "()",
                                            std::string(5000, '1'),
                                            std::string(5000, 'A'),
                                            "中文",
                                            "\xE4\xB8\xAD",
                                            "+",
                                            "1",
                                            "@",
                                            "://",
                                            ".",
                                            "::",
                                            "0x",
                                            "eyJ",
                                            std::string(3, '\0')};
  for (const ValidatorEntry& entry : Validators()) {
    for (const std::string& value : hostile) EXPECT_FALSE(entry.check(value).reason.empty()) << entry.name;
  }
}

TEST(ValidatorsTest, TheRegistryIsSortedAndEveryEntrySaysWhatItChecks) {
  std::string_view previous;
  for (const ValidatorEntry& entry : Validators()) {
    EXPECT_LT(previous, entry.name);
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_EQ(FindValidator(entry.name), &entry);
    previous = entry.name;
  }
  EXPECT_EQ(FindValidator("no_such"), nullptr);
}

}  // namespace
}  // namespace privet
