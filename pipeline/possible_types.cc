#include "pipeline/possible_types.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"
#include "core/folded_text.h"

namespace privet {
namespace {

constexpr size_t kMostBytes = 256;  // of a value that could have any of these forms
constexpr size_t kDigitsOfANumber = 4;
constexpr size_t kLettersOfANumber = 8;  // that it may have beyond its digits, as IBANs have a few

struct Signs {
  std::string text;  // folded
  size_t digits = 0;
  size_t letters = 0;  // of ASCII
  bool odd = false;    // a part is hidden, or in another script
};

Signs SignsOf(std::string_view value) {
  FoldedText folded;
  folded.Assign(value, {0, value.size()});
  Signs signs = {.text = folded.text()};
  size_t crosses = 0;
  for (const char c : signs.text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isdigit(byte)) ++signs.digits;
    if (absl::ascii_isalpha(byte)) ++signs.letters;
    if (c == 'x' || c == 'X') ++crosses;
    if (byte >= 0x80 || c == '*' || c == '#' || c == '[' || c == '(') signs.odd = true;
  }
  const bool spelt = signs.letters > signs.digits + kLettersOfANumber;
  const bool crossed_out = crosses > 0 && crosses == signs.letters;
  if (spelt || crossed_out || signs.text.find("..") != signs.text.npos) signs.odd = true;
  return signs;
}

bool IsIpv4(std::string_view text) {
  text = text.substr(0, text.find_first_of(":/-"));  // a port, a prefix's length, the end of a range
  const std::vector<absl::string_view> parts = absl::StrSplit(AbslView(text), '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
           int number = 0;
           return part.size() <= 3 && absl::SimpleAtoi(part, &number) && number >= 0 && number <= 255;
         });
}

// Hexadecimal groups, with a zone or a prefix's length behind them, and perhaps in brackets before a port.
bool MayBeIpv6(std::string_view text) {
  const std::string_view groups = text.substr(0, text.find_first_of("%/"));
  return std::count(groups.begin(), groups.end(), ':') >= 2 &&
         groups.find_first_not_of("0123456789abcdefABCDEF:.[] ") == groups.npos;
}

}  // namespace

TypeSet ImpossibleTypes(std::string_view value) {
  TypeSet impossible;
  if (value.size() > kMostBytes) return impossible;
  const Signs signs = SignsOf(value);
  if (signs.odd) return impossible;
  const size_t size = signs.digits + signs.letters;
  const auto unless = [&](EntityType type, bool possible) {
    if (!possible) impossible.set(IndexOf(type));
  };
  const auto within = [size](size_t least, size_t most) { return least <= size && size <= most; };
  unless(EntityType::CN_RESIDENT_ID, within(15, 18));
  unless(EntityType::CN_USCC, within(15, 20));
  unless(EntityType::VIN, within(16, 18));
  unless(EntityType::CREDIT_CARD, within(12, 19));
  unless(EntityType::BANK_CARD, within(12, 20));
  unless(EntityType::IBAN, within(14, 34));
  unless(EntityType::MAC_ADDRESS, within(11, 17));
  unless(EntityType::US_SSN, within(8, 10));
  unless(EntityType::PHONE_NUMBER, within(3, 30) && signs.text.find(':') == signs.text.npos);
  unless(EntityType::IP_ADDRESS, IsIpv4(signs.text) || MayBeIpv6(signs.text));
  return impossible;
}

void RuleOutImpossible(std::string_view value, SpanReading* reading) {
  const TypeSet impossible = ImpossibleTypes(value) & reading->known;
  if (impossible.none()) return;
  const size_t other = IndexOf(EntityType::OTHER_ID);
  const bool goes_on = reading->known.test(other) && SignsOf(value).digits >= kDigitsOfANumber;
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (!impossible.test(t)) continue;
    if (goes_on) reading->log_odds[other] = std::max(reading->log_odds[other], reading->log_odds[t]);
    reading->log_odds[t] = 0;
  }
  reading->known &= ~impossible;
}

}  // namespace privet
