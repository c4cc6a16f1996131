#include "rules/validators/cn_phone.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "rules/validators/characters.h"
#include "rules/validators/phone_shape.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

struct SegmentRange {
  uint32_t first;
  uint32_t last;
};

constexpr SegmentRange kMobileSegments[] = {
#include "rules/tables/cn_mobile_segments.inc"
};

constexpr uint16_t kAreaCodes[] = {
#include "rules/tables/cn_area_codes.inc"
};

// What the ministry has given to operators, those of the internet of things (14x, 10x of 13 digits) left out
// where they never ring. Newer than the segment table are 190, 192, 193, 196 and 197.
constexpr std::string_view kMobilePrefixes =
    "130 131 132 133 134 135 136 137 138 139 141 144 145 146 147 148 149 150 151 152 153 155 156 157 158 159 "
    "162 165 166 167 170 171 172 173 174 175 176 177 178 180 181 182 183 184 185 186 187 188 189 "
    "190 191 192 193 195 196 197 198 199";
constexpr std::string_view kPrefixesNewerThanTable = "190 192 193 196 197";

bool IsKnownSegment(uint32_t segment) {
  const auto before = [](const SegmentRange& range, uint32_t wanted) { return range.last < wanted; };
  const SegmentRange* range =
      std::lower_bound(std::begin(kMobileSegments), std::end(kMobileSegments), segment, before);
  return range != std::end(kMobileSegments) && range->first <= segment;
}

// Areas whose local numbers have eight digits; elsewhere they have seven.
constexpr std::string_view kAreasOfEightTwoDigits = "10 20 21 22 23 24 25 27 28 29";
constexpr std::string_view kAreasOfEightThreeDigits =
    "311 371 377 379 411 431 432 451 510 511 512 513 514 515 516 517 518 519 523 527 531 532 535 536 539 551 "
    "553 571 573 "
    "574 575 576 577 579 591 592 595 731 733 755 756 757 760 769 771 791 851 871 898 931 991";

// The number of digits of the area code that `digits` begin with (without a leading 0), or 0.
size_t AreaCodeLength(std::string_view digits) {
  for (size_t length : {2, 3}) {
    if (digits.size() > length &&
        std::binary_search(std::begin(kAreaCodes), std::end(kAreaCodes),
                           static_cast<uint16_t>(NumberOf(digits.substr(0, length))))) {
      return length;
    }
  }
  return 0;
}

// Seven or eight digits. Local numbers begin with 2 to 8 (1, 9 and 0 lead to services and other areas).
bool HasLocalLength(std::string_view digits) { return digits.size() == 7 || digits.size() == 8; }
bool IsLocalNumber(std::string_view digits) {
  return HasLocalLength(digits) && digits[0] >= '2' && digits[0] <= '8' && !AllSame(digits);
}

bool HasEightDigits(std::string_view area) {
  return IsOneOf(area, area.size() == 2 ? kAreasOfEightTwoDigits : kAreasOfEightThreeDigits);
}

}  // namespace

Verdict CheckCnMobile(std::string_view value) {
  // The extension of a virtual number: 15900001234-0138.
  constexpr size_t kDigits = 11, kExtension = 4;
  if (value.size() == kDigits + 1 + kExtension && value[kDigits] == '-' &&
      AllDigits(value.substr(0, kDigits)) && AllDigits(value.substr(kDigits + 1))) {
    value = value.substr(0, kDigits);
  }
  const PhoneShape shape(value);
  std::string_view number = shape.number();
  if (shape.country_code_marked() && !number.starts_with("86")) return Rejected("another country's code");
  if (number.size() > 11 && number.starts_with("86")) number.remove_prefix(2);
  if (number.size() == 12 && number.starts_with("01")) number.remove_prefix(1);  // dialled from another city
  if (number.size() != 11) return Rejected("not 11 digits");
  if (!IsOneOf(number.substr(0, 3), kMobilePrefixes)) {
    // Not given out when the table was written; new prefixes come every few years.
    if (number[0] == '1' && number[1] >= '3') return Accepted("mobile form; prefix given to no operator", -2);
    return Rejected("prefix given to no operator");
  }
  if (AllSame(number.substr(3))) return Accepted("operator's prefix, then one digit repeated", -1);
  if (IsKnownSegment(static_cast<uint32_t>(NumberOf(number.substr(0, 7))))) {
    return Accepted("operator's prefix and segment are given out");
  }
  const bool newer = IsOneOf(number.substr(0, 3), kPrefixesNewerThanTable);
  return Accepted("operator's prefix; segment unknown", newer ? 0 : -0.7);
}

Verdict CheckCnLandline(std::string_view value) {
  // An extension behind a dash: 010-55550123-801.
  const size_t dash = value.rfind('-');
  constexpr size_t kMostExtensionDigits = 6, kFewestBeforeExtension = 10;
  if (dash != std::string_view::npos && AllDigits(value.substr(dash + 1)) &&
      value.size() - dash - 1 <= kMostExtensionDigits &&
      CountDigits(value.substr(0, dash)) >= kFewestBeforeExtension) {
    value = value.substr(0, dash);
  }
  const PhoneShape shape(value);
  std::string_view number = shape.number();
  const bool marked = shape.country_code_marked();
  if (marked && !number.starts_with("86")) return Rejected("another country's code");
  bool international = marked;
  if (marked) number.remove_prefix(2);
  if (!marked && number.starts_with("86") && number.size() > 8) {
    number.remove_prefix(2);
    international = true;
  }
  bool trunk = number.starts_with('0');
  if (trunk) number.remove_prefix(1);
  if (!trunk && !international) {
    if (number.size() > 8) {
      // An area code that has lost its 0: (10) 6552 9988.
      const size_t area = AreaCodeLength(number);
      if (area > 0 && IsLocalNumber(number.substr(area)) && !number.starts_with('1')) {
        return Accepted("area code without its 0, and local number", -1);
      }
      if (area == 2 && number.size() == 10 && IsLocalNumber(number.substr(area))) {
        return Accepted("area code without its 0, and local number", -1);
      }
      return Rejected("neither area code nor the length of a local number");
    }
    return IsLocalNumber(number) ? Accepted("local number without area code")
                                 : Rejected("no form of a local number");
  }
  const size_t area = AreaCodeLength(number);
  if (area == 0) return Rejected("no such area code");
  const std::string_view local = number.substr(area);
  if (!HasLocalLength(local) || local[0] == '0')
    return Rejected("local number has the wrong length or first digit");
  if (!IsLocalNumber(local)) return Accepted("area code holds; local number begins unusually", -0.7);
  if (HasEightDigits(number.substr(0, area)) == (local.size() == 8)) {
    return Accepted("area code and its length of local numbers hold");
  }
  return Accepted("area code holds; local number has another length than usual there", -0.5);
}

Verdict CheckCnServiceNumber(std::string_view value) {
  const PhoneShape shape(value);
  std::string_view number = shape.number();
  if (shape.country_code_marked()) {
    if (!number.starts_with("86")) return Rejected("another country's code");
    number.remove_prefix(2);
  }
  if (number.starts_with("400") && number.size() == 10 && number[3] != '2' && number[3] != '3') {
    return Accepted("400 and seven digits");
  }
  if (number.starts_with("800") && number.size() == 10) return Accepted("800 and seven digits");
  if (number.starts_with("95") && number.size() >= 5 && number.size() <= 8)
    return Accepted("95 and three to six digits");
  if (number.starts_with("96") && number.size() >= 5 && number.size() <= 8)
    return Accepted("96 and three to six digits");
  if ((number.starts_with("10") || number.starts_with("12")) && number.size() >= 5 && number.size() <= 8) {
    return Accepted("service of an operator or authority");
  }
  if (number.size() == 3 && (number.starts_with("11") || number == "100" || number == "101")) {
    return Accepted("emergency or public service");
  }
  return Rejected("no form of a service number");
}

}  // namespace privet
