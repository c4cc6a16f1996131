// Postcodes and coordinates.
#ifndef PRIVET_RULES_VALIDATORS_PLACES_H_
#define PRIVET_RULES_VALIDATORS_PLACES_H_

#include "rules/validators.h"

namespace privet {

// Six digits of China Post: the first two name a province or part of one.
Verdict CheckCnPostcode(std::string_view value);

// Two numbers, one within 90 and the other within 180 degrees.
Verdict CheckGeoCoordinates(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_PLACES_H_
