#include "rules/validators/calendar.h"

#include "rules/validators/characters.h"

namespace privet {

std::chrono::year_month_day Today() {
  const auto furthest_ahead = std::chrono::system_clock::now() + std::chrono::hours(14);
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(furthest_ahead));
}

bool IsRealDate(int year, int month, int day) {
  if (month < 1 || day < 1) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool IsBirthDate(int year, int month, int day) {
  if (year < 1850 || !IsRealDate(year, month, day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))) <= Today();
}

bool IsBirthDate(std::string_view yyyymmdd) {
  return yyyymmdd.size() == 8 && AllDigits(yyyymmdd) &&
         IsBirthDate(static_cast<int>(NumberOf(yyyymmdd.substr(0, 4))),
                     static_cast<int>(NumberOf(yyyymmdd.substr(4, 2))),
                     static_cast<int>(NumberOf(yyyymmdd.substr(6, 2))));
}

}  // namespace privet
