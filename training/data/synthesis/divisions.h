// Provinces, cities, counties and towns of the mainland, each under the one it belongs to.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_DIVISIONS_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_DIVISIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "training/data/synthesis/random.h"

namespace privet {

// One place with all that it lies in. Views into the Divisions it was drawn from. In a municipality, `city`
// is the municipality itself and `in_municipality` is true.
struct Place {
  std::string_view province, province_bare;  // 广东省, 广东
  std::string_view city, city_bare;          // 深圳市, 深圳
  std::string_view district, district_bare;  // 南山区, 南山
  std::string_view town, town_bare;          // 粤海街道, 粤海
  bool in_municipality = false;

  // Province and city, each once: 广东省深圳市, 上海市.
  std::string Region() const;
  std::string RegionBare() const;
};

class Divisions {
 public:
  // tables/divisions.tsv, by level: 1 province, bare form; 2 city, bare form, weight; 3 county, bare form,
  // weight; 4 the county's towns. Errors name the line.
  static absl::StatusOr<Divisions> Parse(std::string_view name, const std::string& content);

  // Cities by weight, then counties of the city by weight, then towns by equal chances. The place's views
  // hold as long as this object.
  Place Draw(Random& random) const;

 private:
  struct District {
    std::string name, bare;
    std::vector<std::string> towns;
    double cumulative = 0;  // within the city
  };
  struct City {
    std::string province, province_bare, name, bare;
    std::vector<District> districts;
    double cumulative = 0;
  };
  std::vector<City> cities_;
};

// 粤海街道 -> 粤海, 上屋村 -> 上屋, 桂园社区 -> 桂园: without the word for what it is; as it was where one
// character would be left.
std::string_view WithoutPlaceKind(std::string_view name);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_DIVISIONS_H_
