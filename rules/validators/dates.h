// Dates, times and birth dates as people write them.
#ifndef PRIVET_RULES_VALIDATORS_DATES_H_
#define PRIVET_RULES_VALIDATORS_DATES_H_

#include "rules/validators.h"

namespace privet {

// A date that exists in the calendar, or a time of day; in numbers (year first, or day and month in either
// order), in Chinese (年月日) or with an English month's name.
Verdict CheckDateTime(std::string_view value);

// The same, on a day on which a person can have been born: today or before, also of centuries past. Years
// count from 1912 behind 民国.
Verdict CheckDateOfBirth(std::string_view value);

// A year alone, from 500 to this one.
Verdict CheckBirthYear(std::string_view value);

// Two dates or years as far apart as birth and death, the second not in the future; or one that so lies
// before today (1950年3月—). Only years are looked at.
Verdict CheckLifeSpan(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_DATES_H_
