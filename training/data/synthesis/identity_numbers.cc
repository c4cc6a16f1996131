#include <array>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"
#include "training/data/synthesis/digits.h"
#include "training/data/synthesis/numbers.h"

namespace privet {
namespace {

struct DivisionCode {
  int code;
  int first_year;
  int last_year;
};
constexpr DivisionCode kDivisions[] = {
#include "rules/tables/cn_divisions.inc"
};

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

constexpr NumberKind kKinds[] = {
    {"not_a_resident_id", AppendNotAResidentId},
    {"resident_id", AppendResidentId},
    {"resident_id_15", AppendResidentId15},
    {"resident_id_spaced", AppendResidentIdSpaced},
    {"resident_id_x_lower", AppendResidentIdLowerX},
    {"ssn", AppendSsn},
    {"ssn_plain", AppendSsnPlain},
    {"ssn_spaced", AppendSsnSpaced},
    {"uscc", AppendUscc},
    {"year_born", AppendBirthYear},
    {"year_cn", AppendBirthYearInWords},
};

}  // namespace

std::span<const NumberKind> IdentityNumbers() { return kKinds; }

}  // namespace privet
