#include "training/data/synthesis/lookalikes.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"

namespace privet {
namespace {

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool LuhnHolds(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (size_t i = digits.size(); i > 0; --i) {
    const int value = (digits[i - 1] - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    doubled = !doubled;
  }
  return sum % 10 == 0;
}

// MMDD of a birth date at `at`.
bool MonthAndDayAt(std::string_view digits, size_t at) {
  const int month = (digits[at] - '0') * 10 + (digits[at + 1] - '0');
  const int day = (digits[at + 2] - '0') * 10 + (digits[at + 3] - '0');
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool DigitsReadAsNumberOfAPerson(std::string_view digits) {
  const size_t size = digits.size();
  if (size == 9 && (digits.starts_with("14") || digits.starts_with("15"))) return true;  // old passports
  // Mobiles also with the country code before them: 86 1xx.
  if (size == 11) return digits[0] == '1' && digits[1] >= '3';
  if (size == 13 && digits.starts_with("861")) return true;
  if (size == 15 && MonthAndDayAt(digits, 8)) return true;
  if (size == 18 && MonthAndDayAt(digits, 10)) return true;
  return size >= 13 && size <= 19 && LuhnHolds(digits);
}

}  // namespace

bool ReadsAsNumberOfAPerson(std::string_view value) {
  const size_t letters =
      static_cast<size_t>(std::find_if(value.begin(), value.end(), IsDigit) - value.begin());
  const std::string_view rest = value.substr(letters);
  const bool rest_is_digits = std::all_of(rest.begin(), rest.end(), IsDigit);
  if (letters == 0 && rest_is_digits) return DigitsReadAsNumberOfAPerson(value);
  if (rest_is_digits) return letters <= 2 && rest.size() >= 7 && rest.size() <= 10;
  const size_t digits =
      static_cast<size_t>(std::find_if_not(value.begin(), value.end(), IsDigit) - value.begin());
  if (digits >= 11 && value[0] == '1' && value[1] >= '3') return true;  // a mobile with letters behind it
  return value.size() == 17;
}

}  // namespace privet
