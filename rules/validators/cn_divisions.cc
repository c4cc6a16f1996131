#include "rules/validators/cn_divisions.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace privet {
namespace {

struct DivisionYears {
  int32_t code;
  int16_t first_year;
  int16_t last_year;
};

constexpr DivisionYears kDivisions[] = {
#include "rules/tables/cn_divisions.inc"
};

}  // namespace

bool IsProvince(int two_digits) {
  switch (two_digits / 10) {
    case 1:
      return two_digits >= 11 && two_digits <= 15;
    case 2:
      return two_digits >= 21 && two_digits <= 23;
    case 3:
      return two_digits >= 31 && two_digits <= 37;
    case 4:
      return two_digits >= 41 && two_digits <= 46;
    case 5:
      return two_digits >= 50 && two_digits <= 54;
    case 6:
      return two_digits >= 61 && two_digits <= 65;
    case 7:
      return two_digits == 71;
    default:
      return false;
  }
}

DivisionUse UseOfDivision(int code, int first_year, int last_year) {
  if (!IsProvince(code / 10000)) return DivisionUse::NoProvince;
  const auto before = [](const DivisionYears& entry, int wanted) { return entry.code < wanted; };
  const DivisionYears* entry = std::lower_bound(std::begin(kDivisions), std::end(kDivisions), code, before);
  if (entry == std::end(kDivisions) || entry->code != code) return DivisionUse::Unknown;
  for (; entry != std::end(kDivisions) && entry->code == code; ++entry) {
    if (entry->first_year <= last_year && first_year <= entry->last_year) return DivisionUse::InUse;
  }
  return DivisionUse::OtherYears;
}

}  // namespace privet
