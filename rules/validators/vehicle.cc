#include "rules/validators/vehicle.h"

#include <array>
#include <string>

#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

constexpr std::array<std::string_view, 31> kProvinces = {
    "京", "津", "沪", "渝", "冀", "豫", "云", "辽", "黑", "湘", "皖", "鲁", "新", "苏", "浙", "赣",
    "鄂", "桂", "甘", "晋", "蒙", "陕", "吉", "闽", "贵", "粤", "青", "藏", "川", "宁", "琼"};
constexpr std::array<std::string_view, 7> kEndings = {"挂", "学", "警", "港", "澳", "超", "试"};
constexpr size_t kHan = 3;  // bytes of a Han character

bool IsSeparator(std::string_view text, size_t i, size_t* length) {
  for (const std::string_view separator :
       {std::string_view(" "), std::string_view("-"), std::string_view("·"), std::string_view("•")}) {
    if (text.substr(i).starts_with(separator)) {
      *length = separator.size();
      return true;
    }
  }
  return false;
}

// The plate in upper case without its dot.
std::string WithoutDot(std::string_view value) {
  std::string compact;
  for (size_t i = 0; i < value.size();) {
    size_t length = 0;
    if (IsSeparator(value, i, &length)) {
      i += length;
    } else {
      compact.push_back(ToUpper(value[i++]));
    }
  }
  return compact;
}

// Serial characters: I and O would be read as 1 and 0.
bool IsSerial(std::string_view text) {
  for (const char c : text) {
    if (!IsDigit(c) && (!IsUpper(c) || c == 'I' || c == 'O')) return false;
  }
  return !text.empty();
}

template <size_t N>
bool StartsWithAny(std::string_view text, const std::array<std::string_view, N>& prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (text.starts_with(prefix)) return true;
  }
  return false;
}

bool IsOrdinary(std::string_view rest) {
  if (rest.size() < 2 || !IsUpper(rest[0]) || rest[0] == 'I') return false;
  std::string_view serial = rest.substr(1);
  for (const std::string_view ending : kEndings) {
    if (serial.ends_with(ending)) return serial.size() == 4 + ending.size() && IsSerial(serial.substr(0, 4));
  }
  if (serial.ends_with("领")) return serial.size() == 4 + kHan && IsSerial(serial.substr(0, 4));
  // At most two letters in five characters.
  if (serial.size() == 5) return IsSerial(serial) && CountDigits(serial) >= 3;
  if (serial.size() != 6) return false;
  // New energy: a letter first (small) or last (large), digits else; the second may be a letter on small
  // ones.
  const auto is_energy_letter = [](char c) { return IsUpper(c) && c <= 'K' && c != 'I'; };
  const bool small =
      is_energy_letter(serial[0]) && IsSerial(serial.substr(1, 1)) && AllDigits(serial.substr(2));
  const bool large = AllDigits(serial.substr(0, 5)) && is_energy_letter(serial[5]);
  return small || large;
}

// ISO 3779 transliteration: the value of each letter.
int VinValue(char c) {
  if (IsDigit(c)) return c - '0';
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::string_view kValues = "12345678123457923456789";
  const size_t at = kLetters.find(c);
  return at == std::string_view::npos ? -1 : kValues[at] - '0';
}

}  // namespace

Verdict CheckCnLicensePlate(std::string_view value) {
  const std::string plate = WithoutDot(value);
  const std::string_view text = plate;
  if (StartsWithAny(text, kProvinces)) {
    const std::string_view rest = text.substr(kHan);
    if (IsOrdinary(rest)) return Accepted("a plate of its province");
    if (rest.ends_with("临")) return Accepted("a temporary plate");
    return Rejected("not a form that plates have");
  }
  if (text.starts_with("使") || text.ends_with("使") || text.starts_with("领") || text.ends_with("领")) {
    return CountDigits(text) >= 5 ? Accepted("a plate of an embassy or consulate")
                                  : Rejected("too few digits");
  }
  if (text.starts_with("WJ"))
    return CountDigits(text) >= 4 ? Accepted("a plate of the armed police") : Rejected("too few digits");
  if (text.starts_with("临")) return Accepted("a temporary plate", -1);
  if (text.starts_with("民航"))
    return IsSerial(text.substr(2 * kHan)) ? Accepted("a plate of civil aviation", -1)
                                           : Rejected("not a serial");
  if (CountDigits(text) == 5) return Accepted("a military plate", -1.5);
  return Rejected("not a form that plates have");
}

Verdict CheckVin(std::string_view value) {
  constexpr size_t kLength = 17;
  constexpr size_t kCheckAt = 8;
  constexpr std::array<int, kLength> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  if (value.size() != kLength) return Rejected("not 17 characters");
  // ISO 3780 gives 0 to no region, and ids of cloud resources begin with it (vol-0abcd1234ef567890).
  if (value[0] == '0') return Rejected("no region begins with 0");
  int sum = 0;
  size_t letters = 0;
  for (size_t i = 0; i < kLength; ++i) {
    const char c = ToUpper(value[i]);
    const int number = VinValue(c);
    if (number < 0) return Rejected("I, O and Q do not occur");
    letters += IsLetter(c) ? 1 : 0;
    sum += number * kWeights[i];
  }
  // The last four are digits by ISO 3779; a number without letters, or all one, is something else.
  if (!AllDigits(value.substr(kLength - 4)) || letters < 2)
    return Rejected("not made like a vehicle's number");
  const int remainder = sum % 11;
  const char check = remainder == 10 ? 'X' : static_cast<char>('0' + remainder);
  if (ToUpper(value[kCheckAt]) == check) return Conclusive("check digit holds", 2);
  return Accepted("check digit fails, as it may outside North America and China", -2.5);
}

}  // namespace privet
