#include "rules/validators/phone.h"

#include "rules/validators/network.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "rules/validators/characters.h"
#include "rules/validators/cn_phone.h"
#include "rules/validators/phone_shape.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

enum class Numbering { Impossible, Possible, GivenOut };

// Parsing takes tens of microseconds, so every caller checks lengths first.
Numbering ParseAndLookUp(const std::string& digits, const char* region) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  if (util.Parse(digits, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return Numbering::Impossible;
  if (util.IsValidNumber(number)) return Numbering::GivenOut;
  return util.IsPossibleNumber(number) ? Numbering::Possible : Numbering::Impossible;
}

// Several rules meet on one number and ask the same, so each thread remembers its last answers: by hash, as
// no number should stay in memory.
Numbering LookUp(const std::string& digits, const char* region) {
  struct Answer {
    size_t hash = 0;
    Numbering numbering = Numbering::Impossible;
  };
  constexpr size_t kRemembered = 64;
  thread_local std::array<Answer, kRemembered> answers;
  const size_t hash = absl::HashOf(digits, absl::string_view(region)) | 1;  // never that of an empty place
  Answer& answer = answers[(hash >> 1) % kRemembered];
  if (answer.hash != hash) answer = {hash, ParseAndLookUp(digits, region)};
  return answer.numbering;
}

// Kept for films and books, and so for tests: they look like any other. `digits` begin with the trunk 0.
bool IsKeptForFiction(std::string_view digits) {
  constexpr size_t kDigits = 11;
  constexpr std::string_view kRanges[] = {"07700900", "01632960", "02079460", "01134960"};
  return digits.size() == kDigits && std::any_of(std::begin(kRanges), std::end(kRanges),
                                                 [&](std::string_view r) { return digits.starts_with(r); });
}

Verdict CheckWithCountryCode(std::string_view digits) {
  if (digits.size() < 7 || digits.size() > 15 || digits.front() == '0')
    return Rejected("not 7 to 15 digits (E.164)");
  if (AllSame(digits)) return Rejected("one digit repeated");
  if (digits.starts_with("44") && IsKeptForFiction("0" + std::string(digits.substr(2))))
    return Accepted("a range kept for fiction (Ofcom)");
  switch (LookUp("+" + std::string(digits), "ZZ")) {
    case Numbering::GivenOut:
      return Accepted("country code and number range are given out");
    case Numbering::Possible:
      return Accepted("length is possible in that country; number range unknown", -2);
    case Numbering::Impossible:
      break;
  }
  return Rejected("no country has such a number");
}

// NXX-NXX-XXXX, where N is 2 to 9 and neither code is N11.
bool IsNorthAmericanForm(std::string_view digits) {
  const auto is_code = [](std::string_view code) {
    return code[0] >= '2' && !(code[1] == '1' && code[2] == '1');
  };
  return digits.size() == 10 && is_code(digits.substr(0, 3)) && is_code(digits.substr(3, 3));
}

}  // namespace

Verdict CheckPhoneInternational(std::string_view value) {
  const PhoneShape shape(value);
  if (!shape.country_code_marked()) return Rejected("no + or 00 before the country code");
  std::string number(shape.number());
  // "+86 (0)10 ...", "+44 (0)20 ...": the national prefix does not belong behind a country code.
  if (const size_t trunk = value.find("(0)"); trunk != std::string_view::npos) {
    const size_t before = CountDigits(value.substr(0, trunk)) - (value.starts_with("00") ? 2 : 0);
    if (before < number.size() && number[before] == '0') number.erase(before, 1);
  }
  return CheckWithCountryCode(number);
}

Verdict CheckPhoneUnmarked(std::string_view value) {
  const PhoneShape shape(value);
  const std::string_view number = shape.number();
  if (shape.country_code_marked() || number.size() < 10) return Rejected("marked, or shorter than 10 digits");
  const Verdict verdict = CheckWithCountryCode(number);
  return verdict.valid && verdict.shift < 0 ? Rejected("number range is not given out") : verdict;
}

Verdict CheckPhoneUs(std::string_view value) {
  const PhoneShape shape(value);
  std::string_view number = shape.number();
  if (number.size() == 11 && number.front() == '1') {
    number.remove_prefix(1);
  } else if (shape.country_code_marked()) {
    return Rejected("another country's code");
  }
  if (!IsNorthAmericanForm(number)) return Rejected("not ten digits of the North American plan");
  if (AllSame(number)) return Rejected("one digit repeated");
  if (LookUp("+1" + std::string(number), "ZZ") == Numbering::GivenOut)
    return Accepted("area code is given out");
  return Accepted("form of the North American plan; area code unknown", -2);
}

Verdict CheckPhoneUk(std::string_view value) {
  const PhoneShape shape(value);
  const std::string digits(shape.number());
  if (!digits.starts_with('0') || (digits.size() != 10 && digits.size() != 11))
    return Rejected("not 10 or 11 digits from 0");
  if (IsKeptForFiction(digits)) return Accepted("a range kept for fiction (Ofcom)");
  switch (LookUp(digits, "GB")) {
    case Numbering::GivenOut:
      return Accepted("number range is given out in Britain");
    case Numbering::Possible:
      return Accepted("length is possible in Britain; number range unknown", -2);
    case Numbering::Impossible:
      break;
  }
  return Rejected("no number of Britain");
}

Verdict CheckPhoneAny(std::string_view value) {
  const PhoneShape shape(value);
  const std::string_view number = shape.number();
  if (number.size() < 3) return Rejected("hardly a digit");
  if (shape.country_code_marked()) return CheckPhoneInternational(value);
  for (const auto check : {CheckCnMobile, CheckCnLandline, CheckCnServiceNumber, CheckPhoneUs}) {
    const Verdict verdict = check(value);
    if (verdict.valid && verdict.shift > -1.5) return verdict;
  }
  // A country code that has lost its '+': 852-9123-4567.
  for (std::string_view code : {"86", "852", "853", "886", "1", "44"}) {
    if (number.starts_with(code) && number.size() >= code.size() + 8 &&
        LookUp("+" + std::string(number), "ZZ") == Numbering::GivenOut) {
      return Accepted("country code without +, number range is given out", -0.5);
    }
  }
  const std::string digits(number);
  if (number.front() == '0' && (number.size() == 9 || number.size() == 10 || number.size() == 11)) {
    for (const char* region : {"TW", "GB"}) {
      if (LookUp(digits, region) == Numbering::GivenOut) {
        return Accepted("national number of Taiwan or Britain, range is given out", -0.5);
      }
    }
  }
  if (number.size() >= 8 && number.size() <= 10) {
    for (const char* region : {"HK", "MO", "TW"}) {
      if (LookUp(digits, region) == Numbering::GivenOut) {
        return Accepted("bare number of Hong Kong, Macau or Taiwan, range is given out", -1);
      }
    }
  }
  const Verdict mobile = CheckCnMobile(value);
  return mobile.valid ? mobile : CheckPhoneUs(value);
}

Verdict CheckPhoneLabelled(std::string_view value) {
  constexpr size_t kFewest = 5, kMost = 15, kWholeNumber = 7, kCnMobileDigits = 11;
  const PhoneShape shape(value);
  const std::string_view number = shape.number();
  if (number.size() < kFewest || number.size() > kMost) return Rejected("not 5 to 15 digits");
  if (AllSame(number)) return Rejected("one digit repeated");
  size_t whole_groups = 0, group = 0, dots = 0, first_group = 0;
  for (size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && IsDigit(value[i])) {
      ++group;
      continue;
    }
    if (group >= kWholeNumber) ++whole_groups;
    if (first_group == 0) first_group = group;
    group = 0;
    if (i < value.size() && value[i] == '.') ++dots;
  }
  if (whole_groups > 1) return Rejected("two numbers");
  size_t digits = 0, end = 0;  // of what a Chinese mobile number would be
  while (digits < kCnMobileDigits && end < value.size()) digits += IsDigit(value[end++]) ? 1 : 0;
  if (end < value.size() && value[end] == ' ' && CheckCnMobile(value.substr(0, end)).valid)
    return Rejected("a mobile number and another number");
  if (dots == 3 && first_group <= 3 && CheckIpv4(value).valid) return Rejected("an IP address");
  const bool year_first = first_group == 4 && (value.starts_with("19") || value.starts_with("20"));
  if (year_first && number.size() <= 8 && value.find_first_of("-/.") == 4) return Rejected("a date");
  return Accepted("as many digits as phones have");
}

}  // namespace privet
