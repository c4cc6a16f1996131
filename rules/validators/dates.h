// Dates, times and birth dates as people write them.
#ifndef PRIVET_RULES_VALIDATORS_DATES_H_
#define PRIVET_RULES_VALIDATORS_DATES_H_

#include "rules/validators.h"

namespace privet {

// A date that exists in the calendar, or a time of day; in numbers (year first, or day and month in either
// order), in Chinese (年月日) or with an English month's name.
Verdict CheckDateTime(std::string_view value);

// The same, on a day on which a living or remembered person can have been born.
Verdict CheckDateOfBirth(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_DATES_H_
