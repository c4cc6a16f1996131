// Administrative divisions of China (GB/T 2260) over the years.
#ifndef PRIVET_RULES_VALIDATORS_CN_DIVISIONS_H_
#define PRIVET_RULES_VALIDATORS_CN_DIVISIONS_H_

namespace privet {

enum class DivisionUse {
  NoProvince,  // its first two digits name no province, municipality or region
  Unknown,     // no table has the code, but its province exists
  OtherYears,  // the code existed, but in none of the years asked for
  InUse,       // the code existed in one of the years asked for
};

// What is known of a six-digit code in the closed range of years. O(log n) in the table.
DivisionUse UseOfDivision(int code, int first_year, int last_year);

// Whether the two digits name a province-level division of the mainland, or Taiwan (71). The codes 81 to 83,
// which stand for Hong Kong, Macau and Taiwan in residence permits alone, are not among them.
bool IsProvince(int two_digits);

}  // namespace privet

#endif  // PRIVET_RULES_VALIDATORS_CN_DIVISIONS_H_
