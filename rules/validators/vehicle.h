// Licence plates and vehicle identification numbers.
#ifndef PRIVET_RULES_VALIDATORS_VEHICLE_H_
#define PRIVET_RULES_VALIDATORS_VEHICLE_H_

#include "rules/validators.h"

namespace privet {

// Plates of the mainland by GA 36: ordinary, new energy, police, trailer, learner, Hong Kong and Macau,
// embassy and consulate, temporary, armed police, military, civil aviation.
Verdict CheckCnLicensePlate(std::string_view value);

// ISO 3779 with the check digit of 49 CFR 565: conclusive where it holds. Europe does not use the check
// digit, so a failing one only weighs against.
Verdict CheckVin(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_VEHICLE_H_
