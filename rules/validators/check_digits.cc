#include "rules/validators/check_digits.h"

#include "rules/validators/characters.h"

namespace privet {

bool LuhnHolds(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    if (!IsDigit(digits[i])) return false;
    const int digit = digits[i] - '0';
    sum += !doubled ? digit : (digit < 5 ? 2 * digit : 2 * digit - 9);
  }
  return !digits.empty() && sum % 10 == 0;
}

bool Mod11_2Holds(std::string_view digits_or_x) {
  if (digits_or_x.size() < 2) return false;
  int product = 0;
  for (char c : digits_or_x.substr(0, digits_or_x.size() - 1)) {
    if (!IsDigit(c)) return false;
    product = (product + (c - '0')) * 2 % 11;
  }
  const int check = (12 - product) % 11;
  return digits_or_x.back() == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

bool Mod11_10Holds(std::string_view digits) {
  int product = 10;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (!IsDigit(digits[i])) return false;
    const int sum = (product + (digits[i] - '0')) % 10;
    if (i + 1 == digits.size()) return sum == 1;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return false;
}

int Mod97Remainder(std::string_view alphanumeric) {
  int remainder = 0;
  for (char c : alphanumeric) {
    if (IsDigit(c)) {
      remainder = (remainder * 10 + (c - '0')) % 97;
    } else if (IsUpper(c)) {
      remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
    } else {
      return -1;
    }
  }
  return remainder;
}

int WeightedSum(std::string_view digits, std::span<const int> weights) {
  int sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) sum += (digits[i] - '0') * weights[i];
  return sum;
}

int Icao9303CheckDigit(std::string_view characters) {
  constexpr int kWeights[] = {7, 3, 1};
  int sum = 0;
  for (size_t i = 0; i < characters.size(); ++i) {
    const char c = characters[i];
    if (!IsDigit(c) && !IsUpper(c) && c != '<') return -1;
    sum += kWeights[i % 3] * (IsDigit(c) ? c - '0' : c == '<' ? 0 : c - 'A' + 10);
  }
  return sum % 10;
}

}  // namespace privet
