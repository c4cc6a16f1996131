#include "training/data/synthesis/numbers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "core/utf8.h"

namespace privet {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSerialLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ";  // no I and O

struct DivisionCode {
  int code;
  int first_year;
  int last_year;
};
constexpr DivisionCode kDivisions[] = {
#include "rules/tables/cn_divisions.inc"
};

struct CardPrefix {
  uint64_t prefix;
  uint8_t prefix_digits;
  uint8_t card_digits;
};
constexpr CardPrefix kCardPrefixes[] = {
#include "rules/tables/bank_bins.inc"
};

struct Segments {
  uint32_t first;
  uint32_t last;
};
constexpr Segments kMobileSegments[] = {
#include "rules/tables/cn_mobile_segments.inc"
};

constexpr int kAreaCodes[] = {
#include "rules/tables/cn_area_codes.inc"
};

template <class T, size_t N>
const T& PickFrom(const T (&items)[N], Random& random) {
  return items[random.Below(N)];
}

void AppendDigits(size_t count, Random& random, std::string* out) {
  for (size_t i = 0; i < count; ++i) out->push_back(random.Pick(kDigits));
}

std::string Padded(int number, size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// The digits in groups of the given sizes; the last size goes on.
std::string Grouped(std::string_view digits, std::string_view sizes, std::string_view separator) {
  std::string grouped;
  size_t group = 0;
  for (size_t at = 0; at < digits.size();) {
    const size_t size = static_cast<size_t>(sizes[std::min(group++, sizes.size() - 1)] - '0');
    if (at > 0) grouped.append(separator);
    grouped.append(digits.substr(at, size));
    at += size;
  }
  return grouped;
}

// --- Persons ---

std::string CountyCode(int year, Random& random) {
  while (true) {  // half of all entries are counties in use
    const DivisionCode& division = PickFrom(kDivisions, random);
    const bool county = division.code % 100 != 0 && division.code / 10000 < 70;
    const bool in_use = division.first_year <= year && year <= division.last_year;
    // Most cards were given out by counties that are still there.
    if (county && in_use && (division.last_year == 9999 || random.Chance(0.15))) {
      return std::to_string(division.code);
    }
  }
}

// GB 11643, ISO 7064 MOD 11-2.
char Mod11_2(std::string_view digits) {
  int remainder = 0;
  for (const char c : digits) remainder = (remainder + (c - '0')) * 2 % 11;
  const int check = (12 - remainder) % 11;
  return check == 10 ? 'X' : static_cast<char>('0' + check);
}

int BirthYear(Random& random) {
  // Two uniform draws make middle ages more common than the ends.
  return 1938 + random.Between(0, 40) + random.Between(0, 40);
}

std::string ResidentIdBody(Random& random) {
  const int year = BirthYear(random);
  return absl::StrCat(CountyCode(year, random), year, Padded(random.Between(1, 12), 2),
                      Padded(random.Between(1, 28), 2), Padded(random.Between(1, 999), 3));
}

std::string ResidentId(Random& random) {
  std::string digits = ResidentIdBody(random);
  digits.push_back(Mod11_2(digits));
  return digits;
}

void AppendResidentId(Random& random, std::string* out) { out->append(ResidentId(random)); }

void AppendResidentIdLowerX(Random& random, std::string* out) {
  std::string id = ResidentId(random);
  if (id.back() == 'X') id.back() = 'x';
  out->append(id);
}

void AppendResidentIdSpaced(Random& random, std::string* out) {
  out->append(
      Grouped(ResidentId(random), random.Chance(0.5) ? "684" : "6444", random.Chance(0.8) ? " " : "-"));
}

void AppendResidentId15(Random& random, std::string* out) {
  const int year = random.Between(1930, 1985);
  out->append(absl::StrCat(CountyCode(year, random), Padded(year % 100, 2), Padded(random.Between(1, 12), 2),
                           Padded(random.Between(1, 28), 2), Padded(random.Between(1, 999), 3)));
}

void AppendNotAResidentId(Random& random, std::string* out) {
  std::string digits = ResidentIdBody(random);
  const char right = Mod11_2(digits);
  char wrong = right;
  while (wrong == right) wrong = random.Pick(kDigits);
  out->append(digits).push_back(wrong);
}

void AppendBirthYear(Random& random, std::string* out) { out->append(std::to_string(BirthYear(random))); }

void AppendBirthYearInWords(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 10> kWords = {"〇", "一", "二", "三", "四",
                                                              "五", "六", "七", "八", "九"};
  for (const char c : std::to_string(BirthYear(random))) out->append(kWords[static_cast<size_t>(c - '0')]);
}

// --- United States: areas 000, 666 and 900 to 999, group 00 and serial 0000 are never given out ---

std::array<std::string, 3> SocialSecurityParts(Random& random) {
  int area = 666;
  while (area == 666) area = random.Between(1, 899);
  return {Padded(area, 3), Padded(random.Between(1, 99), 2), Padded(random.Between(1, 9999), 4)};
}
void AppendSsn(Random& random, std::string* out) {
  const auto parts = SocialSecurityParts(random);
  out->append(absl::StrCat(parts[0], "-", parts[1], "-", parts[2]));
}
void AppendSsnPlain(Random& random, std::string* out) {
  const auto parts = SocialSecurityParts(random);
  out->append(absl::StrCat(parts[0], parts[1], parts[2]));
}
void AppendSsnSpaced(Random& random, std::string* out) {
  const auto parts = SocialSecurityParts(random);
  out->append(absl::StrCat(parts[0], " ", parts[1], " ", parts[2]));
}

// --- Phones ---

std::string Mobile(Random& random) {
  // Segments have ten thousand numbers each; ranges of segments are drawn evenly, which favours no operator
  // much.
  static constexpr std::string_view kPrefixes =
      "130131132133134135136137138139150151152153155156157158159176177178180181182183184185186187188189191193"
      "195197"
      "198199173175166147";
  while (true) {
    const std::string prefix(kPrefixes.substr(random.Below(kPrefixes.size() / 3) * 3, 3));
    std::string number = prefix;
    AppendDigits(8, random, &number);
    const auto segment = static_cast<uint32_t>(std::stoul(number.substr(0, 7)));
    const auto after = std::upper_bound(std::begin(kMobileSegments), std::end(kMobileSegments), segment,
                                        [](uint32_t value, const Segments& s) { return value < s.first; });
    if (after != std::begin(kMobileSegments) && segment <= std::prev(after)->last) return number;
  }
}
void AppendMobile(Random& random, std::string* out) { out->append(Mobile(random)); }
void AppendMobile344(Random& random, std::string* out) { out->append(Grouped(Mobile(random), "344", " ")); }
void AppendMobile344Dash(Random& random, std::string* out) {
  out->append(Grouped(Mobile(random), "344", "-"));
}
void AppendMobile3344(Random& random, std::string* out) { out->append(Grouped(Mobile(random), "335", " ")); }
void AppendMobile434(Random& random, std::string* out) { out->append(Grouped(Mobile(random), "434", " ")); }
void AppendMobileFullWidth(Random& random, std::string* out) {
  for (const char c : Mobile(random)) AppendUtf8(0xFF10U + static_cast<uint32_t>(c - '0'), out);
}
void AppendNotAMobile(Random& random, std::string* out) {
  out->append("1").push_back(random.Pick("012"));
  AppendDigits(9, random, out);
}

std::string AreaCode(Random& random) {
  // The big cities have two digits and half of the numbers.
  static constexpr std::array<int, 11> kBig = {10, 20, 21, 22, 23, 24, 25, 27, 28, 29, 10};
  return random.Chance(0.45) ? std::to_string(kBig[random.Below(kBig.size())])
                             : std::to_string(PickFrom(kAreaCodes, random));
}
void AppendArea(Random& random, std::string* out) { out->append("0").append(AreaCode(random)); }
void AppendAreaWithoutZero(Random& random, std::string* out) { out->append(AreaCode(random)); }

// A local number to stand behind the area code that `out` may end with: eight digits in big cities, seven or
// eight elsewhere.
void AppendLocal(Random& random, std::string* out) {
  size_t digits = 0, end = out->size();
  while (end > 0 && (*out)[end - 1] >= '0' && (*out)[end - 1] <= '9') {
    --end;
    ++digits;
  }
  if (digits == 0 && out->size() >= 3) {
    // A separator stands between.
    const size_t last = out->find_last_of(kDigits);
    if (last != std::string::npos && out->size() - last < 5) {
      for (size_t i = last + 1; i > 0 && (*out)[i - 1] >= '0' && (*out)[i - 1] <= '9'; --i) ++digits;
    }
  }
  const bool eight = digits <= 3 || random.Chance(0.15);
  out->push_back(random.Pick("2345678"));
  AppendDigits(eight ? 7 : 6, random, out);
}

void AppendNpa(Random& random, std::string* out) {
  static constexpr std::string_view kAreas =
      "201202203205206207208209210212213214215216217218219224225228229231234239240248251252253254256260262267"
      "269270"
      "272276281301302303304305307308309310312313314315316317318319320321323325330334336337339346347351352360"
      "361386"
      "401402404405406407408409410412413414415417419423424425430432434435440443458469470475478479480484501502"
      "503504"
      "505507508509510512513515516517518520530540541551559561562563567570571573574575580585586601602603605606"
      "607608"
      "609610612614615616617618619620623626628629630631636641646650651657660661662667669678681682701702703704"
      "706707"
      "708712713714715716717718719720724725727731732734737740747754757760762763765769770772773774775779781785"
      "786801"
      "802803804805806808810812813814815816817818828830831832843845847848850856857858859860862863864865870872"
      "878901"
      "903904906907908909910912913914915916917918919920925928929931936937938940941947949951952954956959970971"
      "972973"
      "978979980984985989416604514403613905";
  out->append(kAreas.substr(random.Below(kAreas.size() / 3) * 3, 3));
}
void AppendNxx(Random& random, std::string* out) {
  if (random.Chance(0.25)) {
    out->append("555");
    return;
  }
  out->push_back(random.Pick("2345678"));
  out->push_back(random.Pick("023456789"));
  out->push_back(random.Pick("0123456789"));
}

// --- Cards ---

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

// --- Businesses ---

// GB 11714: eight characters and a check character modulo 11.
std::string OrganisationCode(Random& random) {
  static constexpr std::array<int, 8> kWeights = {3, 7, 9, 10, 5, 8, 4, 2};
  std::string code = random.Chance(0.6) ? "MA" : "";
  if (!code.empty()) code.push_back(random.Pick("0123456789ABCDEFGHJKLMNPQRTUWXY"));
  while (code.size() < 8)
    code.push_back(random.Pick(code.size() == 3 && random.Chance(0.5) ? "ABCDEFGHJKLMNPQRTUWXY" : kDigits));
  int sum = 0;
  for (size_t i = 0; i < 8; ++i) sum += (code[i] <= '9' ? code[i] - '0' : code[i] - 'A' + 10) * kWeights[i];
  const int check = 11 - sum % 11;
  code.push_back(check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check));
  return code;
}

// GB 32100: check character modulo 31 with weights 3^i.
void AppendUscc(Random& random, std::string* out) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static constexpr std::array<std::string_view, 12> kAuthorities = {"91", "91", "91", "91", "91", "91",
                                                                    "92", "93", "52", "51", "12", "11"};
  std::string code;
  do {
    code = absl::StrCat(AbslView(kAuthorities[random.Below(kAuthorities.size())]), CountyCode(2016, random),
                        OrganisationCode(random));
  } while (code.find_first_not_of(kAlphabet) != std::string::npos);
  int sum = 0, weight = 1;
  for (const char c : code) {
    sum += static_cast<int>(kAlphabet.find(c)) * weight;
    weight = weight * 3 % 31;
  }
  code.push_back(kAlphabet[static_cast<size_t>((31 - sum % 31) % 31)]);
  out->append(code);
}

// --- Vehicles ---

std::string_view PlateProvince(Random& random) {
  static constexpr std::array<std::string_view, 40> kProvinces = {
      "京", "京", "京", "沪", "沪", "沪", "粤", "粤", "粤", "浙", "浙", "苏", "苏", "津",
      "渝", "冀", "豫", "云", "辽", "黑", "湘", "皖", "鲁", "鲁", "新", "赣", "鄂", "桂",
      "甘", "晋", "蒙", "陕", "吉", "闽", "贵", "青", "藏", "川", "宁", "琼"};
  return kProvinces[random.Below(kProvinces.size())];
}
std::string PlateHead(Random& random) {
  std::string head(PlateProvince(random));
  head.push_back(random.Pick(random.Chance(0.5) ? "ABC" : "ABCDEFGHJKLMNPQRSTUV"));
  return head;
}
// Five characters of which at most two are letters.
std::string PlateSerial(Random& random) {
  std::string serial;
  AppendDigits(5, random, &serial);
  for (size_t letters = random.Below(3); letters > 0; --letters)
    serial[random.Below(5)] = random.Pick(kSerialLetters);
  return serial;
}
void AppendPlate(Random& random, std::string* out) {
  out->append(PlateHead(random)).append(PlateSerial(random));
}
void AppendPlateDot(Random& random, std::string* out) {
  out->append(PlateHead(random)).append("·").append(PlateSerial(random));
}
void AppendPlateSpaced(Random& random, std::string* out) {
  out->append(PlateHead(random)).append(random.Chance(0.6) ? " " : "-").append(PlateSerial(random));
}
void AppendPlateNewEnergy(Random& random, std::string* out) {
  out->append(PlateHead(random));
  if (random.Chance(0.2)) out->append("·");
  if (random.Chance(0.9)) {
    out->push_back(random.Pick("DDDDDFABCE"));
    const bool letter = random.Chance(0.25);
    if (letter) out->push_back(random.Pick(kSerialLetters));
    AppendDigits(letter ? 4 : 5, random, out);
  } else {
    AppendDigits(5, random, out);
    out->push_back(random.Pick("DF"));
  }
}
void AppendPlateSpecial(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 4> kEndings = {"挂", "学", "警", "挂"};
  if (random.Chance(0.2)) {
    out->append("粤Z");
    for (int i = 0; i < 4; ++i) out->push_back(random.Pick(i == 1 ? kSerialLetters : kDigits));
    out->append(random.Chance(0.6) ? "港" : "澳");
    return;
  }
  out->append(PlateHead(random));
  AppendDigits(4, random, out);
  out->append(kEndings[random.Below(kEndings.size())]);
}

// 49 CFR 565: the ninth character is a weighted sum modulo 11.
void AppendVin(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 20> kMakers = {
      "LSV", "LFV", "LGB", "LVS", "LHG", "LBV", "LRW", "LSG", "LFP", "LGX",
      "L6T", "LC0", "LZW", "1HG", "WBA", "WVW", "JTD", "KMH", "5YJ", "1FT"};
  static constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  static constexpr std::string_view kValues = "12345678123457923456789";
  static constexpr std::array<int, 17> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  std::string vin(kMakers[random.Below(kMakers.size())]);
  for (int i = 0; i < 5; ++i)
    vin.push_back(random.Chance(0.45) ? random.Pick(kLetters) : random.Pick(kDigits));
  vin.push_back('0');
  vin.push_back(random.Pick("ABCDEFGHJKLMNPR1234567890"));
  vin.push_back(random.Chance(0.6) ? random.Pick(kLetters) : random.Pick(kDigits));
  AppendDigits(6, random, &vin);
  int sum = 0;
  for (size_t i = 0; i < vin.size(); ++i) {
    const size_t letter = kLetters.find(vin[i]);
    sum += (letter == std::string_view::npos ? vin[i] - '0' : kValues[letter] - '0') * kWeights[i];
  }
  vin[8] = sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
  out->append(vin);
}

// --- Network and secrets ---

void AppendPublicIp(Random& random, std::string* out) {
  int first = 10;
  while (first == 10 || first == 127 || first == 172 || first == 192 || first == 169)
    first = random.Between(1, 223);
  out->append(absl::StrCat(first, ".", random.Between(0, 255), ".", random.Between(0, 255), ".",
                           random.Between(1, 254)));
}

// What a password generator gives: of all kinds, without quotes, spaces and backslashes.
void AppendPassword(Random& random, std::string* out) {
  static constexpr std::string_view kAll =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwx"
      "yz!@#$%^*_-+=";
  const int length = random.Between(8, 18);
  for (int i = 0; i < length; ++i) {
    // No punctuation at the ends, where a reader would not know whether it belongs to the value.
    out->push_back(random.Pick(i == 0 || i == length - 1 ? kAll.substr(0, 56) : kAll));
  }
}

void AppendRoom(Random& random, std::string* out) {
  const int floor = random.Chance(0.6) ? random.Between(1, 9) : random.Between(10, 32);
  out->append(absl::StrCat(floor, Padded(random.Between(1, random.Chance(0.8) ? 8 : 28), 2)));
}

void AppendPostcodeUk(Random& random, std::string* out) {
  static constexpr std::array<std::string_view, 30> kAreas = {
      "SW", "SE", "NW", "N",  "E",  "W",  "EC", "WC", "M",  "B",  "LS", "G",  "L",  "BS", "S",
      "EH", "CF", "BT", "NE", "NG", "LE", "SO", "PO", "OX", "CB", "YO", "BA", "EX", "NR", "BN"};
  out->append(absl::StrCat(AbslView(kAreas[random.Below(kAreas.size())]), random.Between(1, 22), " ",
                           random.Between(1, 9)));
  for (int i = 0; i < 2; ++i) out->push_back(random.Pick("ABDEFGHJLNPQRSTUWXYZ"));
}

void AppendPostcodeCa(Random& random, std::string* out) {
  static constexpr std::string_view kLetters = "ABCEGHJKLMNPRSTVXY";
  for (int i = 0; i < 6; ++i) {
    if (i == 3) out->push_back(' ');
    out->push_back(random.Pick(i % 2 == 0 ? kLetters : kDigits));
  }
}

constexpr NumberKind kKinds[] = {
    {"area", AppendArea},
    {"area0", AppendAreaWithoutZero},
    {"bank_card", AppendBankCard},
    {"bank_card_4444", AppendBankCard4444},
    {"bank_card_dashed", AppendBankCardDashed},
    {"bank_card_plain_62", AppendBankCardPlain62},
    {"credit_card", AppendCreditCard},
    {"credit_card_4444", AppendCreditCard4444},
    {"credit_card_dashed", AppendCreditCardDashed},
    {"iban", AppendIban},
    {"iban_spaced", AppendIbanSpaced},
    {"local", AppendLocal},
    {"mobile", AppendMobile},
    {"mobile_3344", AppendMobile3344},
    {"mobile_344", AppendMobile344},
    {"mobile_344_dash", AppendMobile344Dash},
    {"mobile_434", AppendMobile434},
    {"mobile_full_width", AppendMobileFullWidth},
    {"mobile_wechat", AppendMobile},
    {"not_a_card", AppendNotACard},
    {"not_a_mobile", AppendNotAMobile},
    {"not_a_resident_id", AppendNotAResidentId},
    {"npa", AppendNpa},
    {"nxx", AppendNxx},
    {"password", AppendPassword},
    {"plate", AppendPlate},
    {"plate_dot", AppendPlateDot},
    {"plate_new_energy", AppendPlateNewEnergy},
    {"plate_spaced", AppendPlateSpaced},
    {"plate_special", AppendPlateSpecial},
    {"postcode_ca", AppendPostcodeCa},
    {"postcode_uk", AppendPostcodeUk},
    {"public_ip", AppendPublicIp},
    {"resident_id", AppendResidentId},
    {"resident_id_15", AppendResidentId15},
    {"resident_id_spaced", AppendResidentIdSpaced},
    {"resident_id_x_lower", AppendResidentIdLowerX},
    {"room", AppendRoom},
    {"ssn", AppendSsn},
    {"ssn_plain", AppendSsnPlain},
    {"ssn_spaced", AppendSsnSpaced},
    {"uscc", AppendUscc},
    {"vin", AppendVin},
    {"year_born", AppendBirthYear},
    {"year_cn", AppendBirthYearInWords},
};

}  // namespace

std::span<const NumberKind> NumberKinds() { return kKinds; }

}  // namespace privet
