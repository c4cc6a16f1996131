// The Gregorian calendar as the validators need it.
#ifndef PRIVET_RULES_VALIDATORS_CALENDAR_H_
#define PRIVET_RULES_VALIDATORS_CALENDAR_H_

#include <chrono>
#include <string_view>

namespace privet {

// Today in the time zone that is furthest ahead (UTC+14), so that no date that has begun anywhere is in the
// future.
std::chrono::year_month_day Today();

// Whether the day exists: no 30 February, and 29 February in leap years only.
bool IsRealDate(int year, int month, int day);

// Whether a person alive in the age of records can have been born then: a real date from 1850 up to today.
bool IsBirthDate(int year, int month, int day);

// IsBirthDate of eight digits YYYYMMDD.
bool IsBirthDate(std::string_view yyyymmdd);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CALENDAR_H_
