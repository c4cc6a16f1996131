#include "rules/validators/places.h"

#include <charconv>
#include <vector>

#include "rules/validators/characters.h"
#include "rules/validators/verdicts.h"

namespace privet {

Verdict CheckCnPostcode(std::string_view value) {
  if (value.size() != 6 || !AllDigits(value)) return Rejected("not six digits");
  const int province = static_cast<int>(NumberOf(value.substr(0, 2)));
  // 01-07 Inner Mongolia and Shanxi, 10-16 the north, 20-36 the east, 40-57 the middle, 61-86 the west; 99 is
  // Hong Kong and Macau.
  const bool given_out = (province >= 1 && province <= 7) || (province >= 10 && province <= 16) ||
                         province == 20 || (province >= 21 && province <= 36) ||
                         (province >= 40 && province <= 57) || (province >= 61 && province <= 86) ||
                         province == 99;
  if (!given_out || AllSame(value)) return Rejected("no province has these first digits");
  return Accepted("the first digits are a province's");
}

Verdict CheckGeoCoordinates(std::string_view value) {
  // The whole degrees of both parts; what follows them are decimals, minutes or seconds.
  std::vector<double> degrees;
  for (size_t i = 0; i < value.size();) {
    if (!IsDigit(value[i])) {
      ++i;
      continue;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(value.data() + i, value.data() + value.size(), number);
    if (error != std::errc()) return Rejected("not numbers");
    size_t next = static_cast<size_t>(end - value.data());
    degrees.push_back(number);
    i = next;
    // Minutes and seconds belong to the degrees before them.
    if (value.substr(i).starts_with("°") || value.substr(i).starts_with("度")) {
      while (i < value.size() && value.substr(i, 1) != "," && value.substr(i, 1) != " " &&
             !value.substr(i).starts_with("，") && !value.substr(i).starts_with("东") &&
             !value.substr(i).starts_with("西") && !value.substr(i).starts_with("北") &&
             !value.substr(i).starts_with("南")) {
        ++i;
      }
    }
  }
  if (degrees.size() < 2) return Rejected("not two numbers");
  const double a = degrees[0], b = degrees[1];
  constexpr double kLatitude = 90, kLongitude = 180;
  if (a > kLongitude || b > kLongitude || (a > kLatitude && b > kLatitude))
    return Rejected("beyond 90 or 180 degrees");
  return Accepted("latitude and longitude in range");
}

}  // namespace privet
