#include "rules/validators/international.h"

#include <algorithm>
#include <iterator>

#include "rules/validators/characters.h"
#include "rules/validators/check_digits.h"
#include "rules/validators/country_codes.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// What follows the country and its two check digits, as the SWIFT registry writes it: so many digits (n),
// letters (a) or both (c).
struct IbanCountry {
  std::string_view country;
  std::string_view structure;
};

// Of the registry, and of those who use the form without being in it (Angola, Iran, West and Central Africa).
// clang-format off
constexpr IbanCountry kIbanCountries[] = {
    {"AD","8n12c"}, {"AE","19n"}, {"AL","8n16c"}, {"AO","21n"}, {"AT","16n"}, {"AX","14n"},
    {"AZ","4a20c"}, {"BA","16n"}, {"BE","12n"}, {"BF","2c22n"}, {"BG","4a6n8c"}, {"BH","4a14c"},
    {"BI","23n"}, {"BJ","2c22n"}, {"BL","10n11c2n"}, {"BR","23n1a1c"}, {"BY","4c4n16c"}, {"CF","23n"},
    {"CG","23n"}, {"CH","5n12c"}, {"CI","2a22n"}, {"CM","23n"}, {"CR","18n"}, {"CV","21n"},
    {"CY","8n16c"}, {"CZ","20n"}, {"DE","18n"}, {"DJ","23n"}, {"DK","14n"}, {"DO","4c20n"}, {"DZ","22n"},
    {"EE","16n"}, {"EG","25n"}, {"ES","20n"}, {"FI","14n"}, {"FK","2a12n"}, {"FO","14n"},
    {"FR","10n11c2n"}, {"GA","23n"}, {"GB","4a14n"}, {"GE","2a16n"}, {"GF","10n11c2n"}, {"GI","4a15c"},
    {"GL","14n"}, {"GP","10n11c2n"}, {"GQ","23n"}, {"GR","7n16c"}, {"GT","24c"}, {"GW","2c19n"},
    {"HN","4a20n"}, {"HR","17n"}, {"HU","24n"}, {"IE","4a14n"}, {"IL","19n"}, {"IQ","4a15n"},
    {"IR","22n"}, {"IS","22n"}, {"IT","1a10n12c"}, {"JO","4a4n18c"}, {"KM","23n"}, {"KW","4a22c"},
    {"KZ","3n13c"}, {"LB","4n20c"}, {"LC","4a24c"}, {"LI","5n12c"}, {"LT","16n"}, {"LU","3n13c"},
    {"LV","4a13c"}, {"LY","21n"}, {"MA","24n"}, {"MC","10n11c2n"}, {"MD","20c"}, {"ME","18n"},
    {"MF","10n11c2n"}, {"MG","23n"}, {"MK","3n10c2n"}, {"ML","2c22n"}, {"MN","16n"}, {"MQ","10n11c2n"},
    {"MR","23n"}, {"MT","4a5n18c"}, {"MU","4a19n3a"}, {"MZ","21n"}, {"NC","10n11c2n"}, {"NE","2a22n"},
    {"NI","4a20n"}, {"NL","4a10n"}, {"NO","11n"}, {"OM","3n16c"}, {"PF","10n11c2n"}, {"PK","4a16c"},
    {"PL","24n"}, {"PM","10n11c2n"}, {"PS","4a21c"}, {"PT","21n"}, {"QA","4a21c"}, {"RE","10n11c2n"},
    {"RO","4a16c"}, {"RS","18n"}, {"RU","14n15c"}, {"SA","2n18c"}, {"SC","4a20n3a"}, {"SD","14n"},
    {"SE","20n"}, {"SI","15n"}, {"SK","20n"}, {"SM","1a10n12c"}, {"SN","2a22n"}, {"SO","19n"},
    {"ST","21n"}, {"SV","4a20n"}, {"TD","23n"}, {"TF","10n11c2n"}, {"TG","2a22n"}, {"TL","19n"},
    {"TN","20n"}, {"TR","6n16c"}, {"UA","6n19c"}, {"VA","18n"}, {"VG","4a16n"}, {"WF","10n11c2n"},
    {"XK","16n"}, {"YE","4a4n18c"}, {"YT","10n11c2n"},
};
// clang-format on

enum class StructureMatch { Holds, WrongLength, WrongCharacter };

StructureMatch MatchStructure(std::string_view structure, std::string_view account) {
  size_t at = 0;
  size_t length = 0;
  for (char c : structure) {
    if (IsDigit(c)) {
      length = length * 10 + static_cast<size_t>(c - '0');
      continue;
    }
    for (; length > 0; --length, ++at) {
      if (at == account.size()) return StructureMatch::WrongLength;
      const bool fits = c == 'n'   ? IsDigit(account[at])
                        : c == 'a' ? IsUpper(account[at])
                                   : IsAlphanumeric(account[at]);
      if (!fits) return StructureMatch::WrongCharacter;
    }
  }
  return at == account.size() ? StructureMatch::Holds : StructureMatch::WrongLength;
}

}  // namespace

Verdict CheckIban(std::string_view value) {
  const Compact<34> compact(value, kGroupSeparators);
  const std::string_view iban = compact.view();
  if (iban.size() < 15) return Rejected("shorter than any IBAN");
  const IbanCountry* country = std::lower_bound(
      std::begin(kIbanCountries), std::end(kIbanCountries), iban.substr(0, 2),
      [](const IbanCountry& entry, std::string_view wanted) { return entry.country < wanted; });
  if (country == std::end(kIbanCountries) || country->country != iban.substr(0, 2)) {
    return Rejected("no country with IBANs");
  }
  if (!AllDigits(iban.substr(2, 2))) return Rejected("no check digits");
  switch (MatchStructure(country->structure, iban.substr(4))) {
    case StructureMatch::WrongLength:
      return Rejected("not the country's length");
    case StructureMatch::WrongCharacter:
      return Rejected("not the country's structure");
    case StructureMatch::Holds:
      break;
  }
  // The check is over the account first, then the country and its check digits.
  int remainder = Mod97Remainder(iban.substr(4));
  for (char c : iban.substr(0, 4)) {
    remainder = IsDigit(c) ? (remainder * 10 + (c - '0')) % 97 : (remainder * 100 + (c - 'A' + 10)) % 97;
  }
  if (remainder != 1) return Rejected("check digits fail");
  return Conclusive("check digits, length and structure of the country hold");
}

Verdict CheckSwift(std::string_view value) {
  if (value.size() != 8 && value.size() != 11) return Rejected("not 8 or 11 characters");
  for (char c : value) {
    if (!IsDigit(c) && !IsUpper(c)) return Rejected("not upper-case letters and digits");
  }
  if (!AllUpper(value.substr(0, 4))) return Rejected("institution is not four letters");
  if (!IsAlpha2Country(value.substr(4, 2))) return Rejected("no such country");
  if (value.size() == 11 && value.ends_with("XXX")) return Accepted("country holds; head office branch", 2);
  return CountDigits(value) > 0 ? Accepted("country holds; has digits", 0.5) : Accepted("country holds");
}

Verdict CheckPassportZone(std::string_view value) {
  constexpr size_t kCharacters = 44;
  struct Field {
    size_t begin, size;  // its check digit follows
  };
  constexpr Field kNumber{0, 9}, kBirth{13, 6}, kExpiry{21, 6};
  if (value.size() != kCharacters) return Rejected("not 44 characters");
  for (const auto& [begin, size] : {kNumber, kBirth, kExpiry}) {
    if (Icao9303CheckDigit(value.substr(begin, size)) != value[begin + size] - '0')
      return Rejected("a check digit fails");
  }
  return Conclusive("check digits of number, birth date and expiry hold");
}

}  // namespace privet
