#include "rules/validators/dates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "rules/validators/calendar.h"
#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {
namespace {

// A date as far as it is written: a missing part is 0.
struct Date {
  int year = 0, month = 0, day = 0;
};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

// The month whose English name starts with the letters at `at`, or 0.
int MonthNamedAt(std::string_view value, size_t at) {
  if (value.size() - at < 3) return 0;
  const std::array<char, 3> letters = {ToLower(value[at]), ToLower(value[at + 1]), ToLower(value[at + 2])};
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (std::string_view(letters.data(), letters.size()) == kMonths[i]) return static_cast<int>(i) + 1;
  }
  return 0;
}

struct Number {
  int value;
  size_t digits;
  size_t end;  // where it ends in the text
};

constexpr size_t kMostNumbers = 8;

std::vector<Number> NumbersIn(std::string_view value) {
  std::vector<Number> numbers;
  for (size_t i = 0; i < value.size() && numbers.size() < kMostNumbers;) {
    if (!IsDigit(value[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < value.size() && IsDigit(value[end])) ++end;
    if (end - i <= 9) numbers.push_back({static_cast<int>(NumberOf(value.substr(i, end - i))), end - i, end});
    i = end;
  }
  return numbers;
}

// Two-digit years are those of the last hundred years but a few.
int FullYear(const Number& number) {
  if (number.digits != 2) return number.value;
  const int pivot = static_cast<int>(Today().year()) % 100;
  return number.value > pivot ? 1900 + number.value : 2000 + number.value;
}

bool IsClock(std::string_view value) {
  const std::vector<Number> numbers = NumbersIn(value);
  return !numbers.empty() && numbers[0].digits <= 2 && numbers[0].value <= 24 &&
         (numbers[0].end < value.size() && (value[numbers[0].end] == ':' || numbers.size() == 1));
}

std::optional<Date> ParseDate(std::string_view value) {
  const std::vector<Number> n = NumbersIn(value);
  for (size_t i = 0; i + 3 <= value.size(); ++i) {
    const bool word_starts = IsLetter(value[i]) && (i == 0 || !IsLetter(value[i - 1]));
    const int month = word_starts ? MonthNamedAt(value, i) : 0;
    if (month == 0) continue;
    // "March 5, 2024", "5 March 2024", "May 2024", "5 March".
    Date date{0, month, 0};
    for (const Number& number : n) {
      if (number.digits == 4 && date.year == 0) {
        date.year = number.value;
      } else if (number.digits <= 2 && date.day == 0) {
        date.day = number.value;
      } else if (number.digits == 2 && date.year == 0) {
        date.year = FullYear(number);
      }
      if (date.year != 0 && date.day != 0) break;
    }
    return date;
  }
  if (n.empty()) return std::nullopt;
  const auto part = [&](size_t i) { return i < n.size() ? n[i].value : 0; };
  if (value.find("民国") != std::string_view::npos || value.find("民國") != std::string_view::npos) {
    constexpr int kYearBeforeTheRepublic = 1911;
    return Date{kYearBeforeTheRepublic + n[0].value, part(1), part(2)};
  }
  if (n[0].digits == 2 && value.find("年") != std::string_view::npos)
    return Date{FullYear(n[0]), part(1), part(2)};
  if (value.find("年") == std::string_view::npos && value.find("月") != std::string_view::npos) {
    return n.size() < 2 ? std::nullopt : std::optional<Date>({0, n[0].value, n[1].value});
  }
  if (n[0].digits == 8) return Date{n[0].value / 10000, n[0].value / 100 % 100, n[0].value % 100};
  if (n[0].digits == 4 && n.size() == 1 && value.find("年") != std::string_view::npos)
    return Date{n[0].value, 1, 0};
  if (n[0].digits == 4 && n.size() == 2) return Date{n[0].value, n[1].value, 0};
  if (n.size() < 3) return std::nullopt;
  if (n[0].digits == 4) return Date{n[0].value, n[1].value, n[2].value};
  // Day and month in either order before the year; the day cannot be told when both are below 13.
  const Date month_first{FullYear(n[2]), n[0].value, n[1].value};
  if (month_first.month <= 12) return month_first;
  return Date{month_first.year, n[1].value, n[0].value};
}

bool Exists(const Date& date) {
  constexpr int kLeapYear = 2000;  // any day that exists in some year, where the year is not written
  constexpr int kFirstYear = 1000, kLastYear = 2999;
  const int year = date.year == 0 ? kLeapYear : date.year;
  return year >= kFirstYear && year <= kLastYear &&
         IsRealDate(year, date.month, date.day == 0 ? 1 : date.day);
}

}  // namespace

Verdict CheckDateTime(std::string_view value) {
  const std::optional<Date> date = ParseDate(value);
  if (date.has_value() && Exists(*date)) return Accepted("the date exists");
  if (IsClock(value)) return Accepted("a time of day");
  return Rejected("no such date");
}

Verdict CheckDateOfBirth(std::string_view value) {
  const std::optional<Date> date = ParseDate(value);
  if (!date.has_value() || date->year == 0 || !Exists(*date)) return Rejected("no such date");
  // Of persons of history too: 生于1472年10月31日.
  if (std::chrono::year_month_day(
          std::chrono::year(date->year), std::chrono::month(static_cast<unsigned>(date->month)),
          std::chrono::day(static_cast<unsigned>(std::max(date->day, 1)))) > Today()) {
    return Rejected("nobody can be born on that date");
  }
  return Accepted("the date exists and lies in the past");
}

Verdict CheckBirthYear(std::string_view value) {
  constexpr int kFirstYear = 500;  // smaller numbers stand for other things too often
  const std::vector<Number> numbers = NumbersIn(value);
  if (numbers.size() != 1 || numbers[0].value < kFirstYear) return Rejected("no year");
  if (numbers[0].value > static_cast<int>(Today().year())) return Rejected("lies in the future");
  return Accepted("a year of the past");
}

Verdict CheckLifeSpan(std::string_view value) {
  // Shorter than a life mostly is a war, a contract or a time in office; longer a dynasty.
  constexpr int kShortest = 15, kLongest = 115;
  const int this_year = static_cast<int>(Today().year());
  std::vector<int> years;
  for (const Number& number : NumbersIn(value)) {
    if (number.digits == 3 || number.digits == 4) years.push_back(number.value);
  }
  if (years.empty() || years.size() > 2) return Rejected("not one year or two");
  const int length = (years.size() == 2 ? years[1] : this_year) - years[0];
  if (years.back() > this_year || length < kShortest || length > kLongest)
    return Rejected("no life is so long");
  return Accepted(years.size() == 2 ? "as long as a life" : "begins within a life");
}

}  // namespace privet
