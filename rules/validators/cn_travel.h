// Passports and travel permits of China. None of them has a public check digit, so nothing here is
// conclusive.
#ifndef PRIVET_RULES_VALIDATORS_CN_TRAVEL_H_
#define PRIVET_RULES_VALIDATORS_CN_TRAVEL_H_

#include <string_view>

#include "rules/validators.h"

namespace privet {

// Passports: E, EA to EZ, G and 14/15 (ordinary), D/DE (diplomatic), S/SE (service), P/PE (public affairs),
// and those of Hong Kong (H, K) and Macau (M with a letter).
Verdict CheckCnPassport(std::string_view value);

// Permits between the mainland and Hong Kong or Macau: C or W (mainlanders), H or M (home-return permits).
Verdict CheckCnHkMacauPermit(std::string_view value);

// Permits between the mainland and Taiwan: L or T (mainlanders), eight digits, or ten with a suffix
// (Taiwanese).
Verdict CheckCnTaiwanPermit(std::string_view value);

// Certificates of officers, soldiers and civil staff of the army: 军字第1234567号 and its kin.
Verdict CheckCnMilitaryId(std::string_view value);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CN_TRAVEL_H_
