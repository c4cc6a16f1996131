#include <cstdint>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "training/data/synthesis/digits.h"
#include "training/data/synthesis/numbers.h"

namespace privet {
namespace {

struct CardPrefix {
  uint64_t prefix;
  uint8_t prefix_digits;
  uint8_t card_digits;
};
constexpr CardPrefix kCardPrefixes[] = {
#include "rules/tables/bank_bins.inc"
};

void AppendLuhnDigit(std::string* digits) {
  int sum = 0;
  bool doubled = true;  // counted from the right, the digit to come being the first
  for (auto it = digits->rbegin(); it != digits->rend(); ++it) {
    const int value = (*it - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    doubled = !doubled;
  }
  digits->push_back(static_cast<char>('0' + (10 - sum % 10) % 10));
}

std::string BankCard(Random& random) {
  const CardPrefix* prefix = nullptr;
  do {
    prefix = &PickFrom(kCardPrefixes, random);
  } while (prefix->card_digits < 16 || (prefix->prefix / 10000 != 62 && !random.Chance(0.25)));
  std::string digits = std::to_string(prefix->prefix);
  AppendDigits(prefix->card_digits - digits.size() - 1U, random, &digits);
  AppendLuhnDigit(&digits);
  return digits;
}
void AppendBankCard(Random& random, std::string* out) { out->append(BankCard(random)); }
void AppendBankCard4444(Random& random, std::string* out) {
  out->append(Grouped(BankCard(random), "4", " "));
}
void AppendBankCardDashed(Random& random, std::string* out) {
  out->append(Grouped(BankCard(random), "4", "-"));
}
void AppendBankCardPlain62(Random& random, std::string* out) {
  std::string digits;
  while (digits.size() != 19 || !digits.starts_with("62")) digits = BankCard(random);
  out->append(digits);
}

std::string CreditCard(Random& random) {
  struct Scheme {
    std::string_view prefix;
    size_t digits;
  };
  static constexpr Scheme kSchemes[] = {{"4", 16},  {"4", 16},    {"4", 16},  {"51", 16},   {"52", 16},
                                        {"53", 16}, {"54", 16},   {"55", 16}, {"2221", 16}, {"34", 15},
                                        {"37", 15}, {"6011", 16}, {"65", 16}, {"3528", 16}, {"3566", 16},
                                        {"36", 14}, {"62", 16}};
  const Scheme& scheme = PickFrom(kSchemes, random);
  std::string digits(scheme.prefix);
  AppendDigits(scheme.digits - digits.size() - 1, random, &digits);
  AppendLuhnDigit(&digits);
  return digits;
}
std::string GroupedCredit(Random& random, std::string_view separator) {
  const std::string digits = CreditCard(random);
  return Grouped(digits, digits.size() == 16 ? "4" : "465", separator);
}
void AppendCreditCard(Random& random, std::string* out) { out->append(CreditCard(random)); }
void AppendCreditCard4444(Random& random, std::string* out) { out->append(GroupedCredit(random, " ")); }
void AppendCreditCardDashed(Random& random, std::string* out) { out->append(GroupedCredit(random, "-")); }

void AppendNotACard(Random& random, std::string* out) {
  std::string digits = BankCard(random);
  char& last = digits.back();
  last = static_cast<char>('0' + (last - '0' + random.Between(1, 9)) % 10);
  out->append(digits);
}

// ISO 13616: n digits, a capital letters, c both.
std::string Iban(Random& random) {
  struct Country {
    std::string_view code;
    std::string_view form;
  };
  static constexpr Country kCountries[] = {
      {"DE", "nnnnnnnnnnnnnnnnnn"}, {"DE", "nnnnnnnnnnnnnnnnnn"},       {"GB", "aaaannnnnnnnnnnnnn"},
      {"GB", "aaaannnnnnnnnnnnnn"}, {"FR", "nnnnnnnnnncccccccccccnn"},  {"ES", "nnnnnnnnnnnnnnnnnnnn"},
      {"NL", "aaaannnnnnnnnn"},     {"CH", "nnnnncccccccccccc"},        {"BE", "nnnnnnnnnnnn"},
      {"AT", "nnnnnnnnnnnnnnnn"},   {"PL", "nnnnnnnnnnnnnnnnnnnnnnnn"}, {"SE", "nnnnnnnnnnnnnnnnnnnn"},
      {"IE", "aaaannnnnnnnnnnnnn"}, {"IT", "annnnnnnnnncccccccccccc"},  {"PT", "nnnnnnnnnnnnnnnnnnnnn"},
      {"FI", "nnnnnnnnnnnnnn"}};
  const Country& country = PickFrom(kCountries, random);
  std::string account;
  for (const char kind : country.form) {
    account.push_back(
        random.Pick(kind == 'a' || (kind == 'c' && random.Chance(0.1)) ? kSerialLetters : kDigits));
  }
  int remainder = 0;
  for (const char c : absl::StrCat(account, AbslView(country.code), "00")) {
    remainder = c >= 'A' ? (remainder * 100 + (c - 'A' + 10)) % 97 : (remainder * 10 + (c - '0')) % 97;
  }
  return absl::StrCat(AbslView(country.code), Padded(98 - remainder, 2), account);
}
void AppendIban(Random& random, std::string* out) { out->append(Iban(random)); }
void AppendIbanSpaced(Random& random, std::string* out) { out->append(Grouped(Iban(random), "4", " ")); }

constexpr NumberKind kKinds[] = {
    {"bank_card", AppendBankCard},
    {"bank_card_4444", AppendBankCard4444},
    {"bank_card_dashed", AppendBankCardDashed},
    {"bank_card_plain_62", AppendBankCardPlain62},
    {"credit_card", AppendCreditCard},
    {"credit_card_4444", AppendCreditCard4444},
    {"credit_card_dashed", AppendCreditCardDashed},
    {"iban", AppendIban},
    {"iban_spaced", AppendIbanSpaced},
    {"not_a_card", AppendNotACard},
};

}  // namespace

std::span<const NumberKind> PaymentNumbers() { return kKinds; }

}  // namespace privet
