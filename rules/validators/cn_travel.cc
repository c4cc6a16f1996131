#include "rules/validators/cn_travel.h"

#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// Letters of a second place never look like a digit.
bool IsSerialLetter(char c) { return IsUpper(c) && c != 'I' && c != 'O'; }

bool IsSerial(std::string_view digits, size_t length) { return digits.size() == length && AllDigits(digits); }

}  // namespace

Verdict CheckCnPassport(std::string_view value) {
  const Compact<9> compact(value, " -");
  const std::string_view text = compact.view();
  if (text.size() < 8) return Rejected("shorter than any passport number");
  const std::string_view behind = text.substr(1);
  const std::string_view behind_two = text.substr(2);
  switch (text.front()) {
    case 'E':
      if (IsSerial(behind, 8)) return Accepted("ordinary passport since 2012");
      if (IsSerialLetter(text[1]) && IsSerial(behind_two, 7)) return Accepted("ordinary passport since 2017");
      break;
    case 'G':
      if (IsSerial(behind, 8)) return Accepted("ordinary passport until 2012");
      break;
    case 'D':
    case 'S':
    case 'P':
      if (IsSerial(behind, 7) || IsSerial(behind, 8))
        return Accepted("diplomatic, service or public affairs passport");
      if (text[1] == 'E' && IsSerial(behind_two, 7))
        return Accepted("electronic diplomatic, service or public affairs passport");
      break;
    case 'H':
    case 'K':
      if (IsSerial(behind, 8)) return Accepted("Hong Kong passport");
      if (IsSerialLetter(text[1]) && IsSerial(behind_two, 7)) return Accepted("Hong Kong passport");
      break;
    case 'M':
      if (IsSerialLetter(text[1]) && IsSerial(behind_two, 7)) return Accepted("Macau passport");
      break;
    case '1':
      if ((text[1] == '4' || text[1] == '5') && IsSerial(text, 9))
        return Accepted("ordinary passport until 2007", -1.5);
      break;
    default:
      break;
  }
  return Rejected("no form of passport number");
}

Verdict CheckCnHkMacauPermit(std::string_view value) {
  const Compact<11> compact(value, " -");
  const std::string_view text = compact.view();
  if (text.size() < 9) return Rejected("shorter than any permit number");
  const std::string_view behind = text.substr(1);
  switch (text.front()) {
    case 'C':
    case 'W':
      if (IsSerial(behind, 8)) return Accepted("mainland resident's permit");
      if (IsSerialLetter(text[1]) && IsSerial(text.substr(2), 7))
        return Accepted("mainland resident's permit");
      break;
    case 'H':
    case 'M':
      if (IsSerial(behind, 8)) return Accepted("home-return permit");
      if (IsSerial(behind, 10)) return Accepted("home-return permit with its issue count", 0.5);
      break;
    default:
      break;
  }
  return Rejected("no form of permit number");
}

Verdict CheckCnTaiwanPermit(std::string_view value) {
  const Compact<12> compact(value, " -()");
  const std::string_view text = compact.view();
  if (text.empty()) return Rejected("longer than any permit number");
  if ((text.front() == 'L' || text.front() == 'T') && IsSerial(text.substr(1), 8)) {
    return Accepted("mainland resident's permit", 0.5);
  }
  if (AllDigits(text) && (text.size() == 8 || text.size() == 10)) {
    if (AllSame(text)) return Rejected("one digit repeated");
    return Accepted("Taiwan resident's permit");
  }
  if (text.size() == 11 && AllDigits(text.substr(0, 10)) && IsUpper(text[10])) {
    return Accepted("Taiwan resident's permit with its issue letter", 0.5);
  }
  return Rejected("no form of permit number");
}

Verdict CheckCnMilitaryId(std::string_view value) {
  // The characters before the number name the service; the pattern has chosen them, so here only the number
  // counts.
  size_t digits = 0;
  bool has_mark = false;
  for (char c : value) {
    digits += IsDigit(c) ? 1 : 0;
    has_mark |= !IsAscii(c);
  }
  if (!has_mark) return Rejected("no character names the service");
  if (digits < 4 || digits > 8) return Rejected("not 4 to 8 digits");
  return Accepted("service mark and 4 to 8 digits");
}

}  // namespace privet
