#include "rules/validators/cards.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "rules/validators/characters.h"
#include "rules/validators/check_digits.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

struct BankPrefix {
  uint64_t prefix;
  uint8_t prefix_digits;
  uint8_t card_digits;
};

// In order of the prefix as text.
constexpr BankPrefix kBankPrefixes[] = {
#include "rules/tables/bank_bins.inc"
};

// The prefixes have 3 to 10 digits; comparing all of them to nineteen digits makes numeric order that of
// text.
constexpr uint64_t PowerOfTen(size_t exponent) {
  uint64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}
constexpr uint64_t Widened(const BankPrefix& entry) {
  return entry.prefix * PowerOfTen(10U - entry.prefix_digits);
}

bool IsBankCardPrefix(std::string_view card) {
  for (size_t digits = 3; digits <= 10; ++digits) {
    const uint64_t widened = NumberOf(card.substr(0, digits)) * PowerOfTen(10 - digits);
    const auto before = [](const BankPrefix& entry, uint64_t wanted) { return Widened(entry) < wanted; };
    const BankPrefix* entry =
        std::lower_bound(std::begin(kBankPrefixes), std::end(kBankPrefixes), widened, before);
    for (; entry != std::end(kBankPrefixes) && Widened(*entry) == widened; ++entry) {
      if (entry->prefix_digits == digits && entry->card_digits == card.size()) return true;
    }
  }
  return false;
}

// Issuer ranges of the schemes: the first digits from `low` to `high`, both with the same number of digits.
struct IssuerRange {
  uint32_t low;
  uint32_t high;
  uint8_t prefix_digits;
  uint8_t min_digits;
  uint8_t max_digits;
  std::string_view scheme;
};

constexpr IssuerRange kIssuers[] = {
    {4, 4, 1, 16, 16, "Visa: issuer range and check digit hold"},
    {4, 4, 1, 19, 19, "Visa: issuer range and check digit hold"},
    {4, 4, 1, 13, 13, "Visa of 13 digits: issuer range and check digit hold"},
    {51, 55, 2, 16, 16, "Mastercard: issuer range and check digit hold"},
    {2221, 2720, 4, 16, 16, "Mastercard: issuer range and check digit hold"},
    {34, 34, 2, 15, 15, "American Express: issuer range and check digit hold"},
    {37, 37, 2, 15, 15, "American Express: issuer range and check digit hold"},
    {62, 62, 2, 16, 19, "UnionPay: issuer range and check digit hold"},
    {8171, 8171, 4, 16, 19, "UnionPay: issuer range and check digit hold"},
    {6011, 6011, 4, 16, 19, "Discover: issuer range and check digit hold"},
    {644, 649, 3, 16, 19, "Discover: issuer range and check digit hold"},
    {65, 65, 2, 16, 19, "Discover: issuer range and check digit hold"},
    {3528, 3589, 4, 16, 19, "JCB: issuer range and check digit hold"},
    {300, 305, 3, 14, 19, "Diners Club: issuer range and check digit hold"},
    {3095, 3095, 4, 14, 19, "Diners Club: issuer range and check digit hold"},
    {36, 36, 2, 14, 19, "Diners Club: issuer range and check digit hold"},
    {38, 39, 2, 14, 19, "Diners Club: issuer range and check digit hold"},
    {2200, 2204, 4, 16, 19, "Mir: issuer range and check digit hold"},
    {5018, 5018, 4, 13, 19, "Maestro: issuer range and check digit hold"},
    {5020, 5020, 4, 13, 19, "Maestro: issuer range and check digit hold"},
    {5038, 5038, 4, 13, 19, "Maestro: issuer range and check digit hold"},
    {5893, 5893, 4, 13, 19, "Maestro: issuer range and check digit hold"},
    {6304, 6304, 4, 13, 19, "Maestro: issuer range and check digit hold"},
    {6759, 6763, 4, 13, 19, "Maestro: issuer range and check digit hold"},
    {60, 60, 2, 16, 16, "RuPay: issuer range and check digit hold"},
    {81, 82, 2, 16, 16, "RuPay: issuer range and check digit hold"},
};

const IssuerRange* FindIssuer(std::string_view card) {
  for (const IssuerRange& range : kIssuers) {
    if (card.size() < range.min_digits || card.size() > range.max_digits) continue;
    const uint64_t prefix = NumberOf(card.substr(0, range.prefix_digits));
    if (prefix >= range.low && prefix <= range.high) return &range;
  }
  return nullptr;
}

}  // namespace

Verdict CheckCnBankCard(std::string_view value) {
  const Compact<19> compact(value, kGroupSeparators);
  const std::string_view card = compact.view();
  if (card.size() < 15 || !AllDigits(card)) return Rejected("not 15 to 19 digits");
  if (!LuhnHolds(card)) return Rejected("check digit fails");
  if (AllSame(card.substr(3))) return Rejected("one digit repeated");
  if (IsBankCardPrefix(card)) return Conclusive("bank prefix with its length and check digit hold");
  if (card.starts_with("62") && card.size() >= 16) {
    return Accepted("UnionPay and check digit hold; bank prefix unknown", -0.7);
  }
  return Rejected("no bank's prefix with this length");
}

Verdict CheckCreditCard(std::string_view value) {
  const Compact<19> compact(value, " -./_");
  const std::string_view card = compact.view();
  if (card.size() < 13 || !AllDigits(card)) return Rejected("not 13 to 19 digits");
  if (!LuhnHolds(card)) return Rejected("check digit fails");
  if (AllSame(card)) return Rejected("one digit repeated");
  const IssuerRange* issuer = FindIssuer(card);
  if (issuer == nullptr) return Rejected("no scheme's issuer range with this length");
  // Thirteen digits are also how milliseconds since 1970 and ISBNs are written.
  return card.size() == 13 ? Accepted(issuer->scheme, -1) : Conclusive(issuer->scheme);
}

Verdict CheckLuhn(std::string_view value) {
  const Compact<64> compact(value, kGroupSeparators);
  if (compact.view().size() < 2 || !AllDigits(compact.view())) return Rejected("not digits");
  return LuhnHolds(compact.view()) ? Accepted("check digit holds") : Rejected("check digit fails");
}

Verdict CheckImei(std::string_view value) {
  const Compact<16> compact(value, " -./");
  const std::string_view imei = compact.view();
  if (imei.size() < 14 || !AllDigits(imei)) return Rejected("not 14 to 16 digits");
  if (AllSame(imei)) return Rejected("one digit repeated");
  // The first two digits name the reporting body: 01 for PTCRB, 35 for BABT, 86 for TAF, and few others.
  const bool body_known = IsOneOf(imei.substr(0, 2), "01 30 33 35 44 45 49 50 51 52 53 54 86 91 97 98 99");
  if (imei.size() == 14) {
    return body_known ? Accepted("14 digits without a check digit; reporting body holds", -1)
                      : Rejected("neither check digit nor reporting body");
  }
  if (imei.size() == 16) return Accepted("16 digits with a software version, without a check digit", -1.5);
  if (!LuhnHolds(imei)) return Rejected("check digit fails");
  if (body_known) return Accepted("check digit and reporting body hold");
  return Accepted("check digit holds; reporting body unknown", -1);
}

}  // namespace privet
