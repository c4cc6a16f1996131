// Numbers as text has them: digits of every kind with separators inside, and the shape they are written in.
#ifndef PRIVET_RULES_NUMBER_SCAN_H_
#define PRIVET_RULES_NUMBER_SCAN_H_

#include <cstddef>
#include <string_view>

namespace privet {

struct NumberScan {
  size_t end = 0;           // behind its last digit
  int digits = 0;           // that count: Chinese numerals only in runs
  int runs = 0;             // the most runs of ASCII digits in a row that one '-', '.' or '/' each joins
  bool clock = false;       // a digit, ':' and two digits
  bool shaped = false;      // nothing but a date, a time of day, both, or an IPv4 address
  bool hex_groups = false;  // may be a part of hexadecimal groups joined by ':', '-' or '.'
  bool folds = false;       // holds characters that folding changes
};

// Scans the number that starts at `begin` of valid UTF-8: digits of every kind, separated by at most two of
// " -./:(),+" and their Unicode kin, and runs of Chinese numerals. Looks at no more than `max_bytes`.
// `digits` is 0, and `end` may be, when nothing that counts starts there.
NumberScan ScanNumber(std::string_view text, size_t begin, size_t max_bytes);

// Whether all of `number` (ASCII) is a date (2024-03-05, 5.3.2024), a time of day (10:22:33.123+08:00), a
// date and a time, or an IPv4 address with a port or prefix length. Such numbers are common and can be
// nothing else.
bool IsDateTimeOrIpv4(std::string_view number);

// No escape that EscapeEndingAt knows is longer, but for a colour's.
inline constexpr size_t kLongestEscape = 6;

// The size of the escape sequence that ends at `i`, 0 where none does. It stands for a sign and so separates
// what its letters and digits seem to touch: \n \r \t \b \f, \u8bc1, \x0a, %3A, the =3D and =EF=BC=9A of
// quoted-printable, and ESC[31m. \n in a path (C:\new\notes) is none, nor is %41, an A.
size_t EscapeEndingAt(std::string_view text, size_t i);

}  // namespace privet

#endif  // PRIVET_RULES_NUMBER_SCAN_H_
