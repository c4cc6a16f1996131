#include "training/data/synthesis/divisions.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/absl_view.h"

namespace privet {
namespace {

constexpr size_t kHan = 3;  // bytes of a Han character in UTF-8

template <class T>
const T& DrawByWeight(const std::vector<T>& items, Random& random) {
  const double at = random.Unit() * items.back().cumulative;
  const auto found = std::upper_bound(items.begin(), items.end() - 1, at,
                                      [](double value, const T& item) { return value < item.cumulative; });
  return *found;
}

}  // namespace

std::string_view WithoutPlaceKind(std::string_view name) {
  for (const std::string_view kind :
       {std::string_view("街道"), std::string_view("社区"), std::string_view("苏木"), std::string_view("镇"),
        std::string_view("乡"), std::string_view("村")}) {
    if (name.ends_with(kind) && name.size() >= kind.size() + 2 * kHan) {
      name.remove_suffix(kind.size());
      break;
    }
  }
  return name;
}

std::string Place::Region() const {
  return in_municipality ? std::string(city) : absl::StrCat(AbslView(province), AbslView(city));
}

std::string Place::RegionBare() const {
  return in_municipality ? std::string(city_bare)
                         : absl::StrCat(AbslView(province_bare), AbslView(city_bare));
}

absl::StatusOr<Divisions> Divisions::Parse(std::string_view name, const std::string& content) {
  Divisions divisions;
  std::string province, province_bare;
  size_t line_number = 0;
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    ++line_number;
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    const auto wrong = [&](std::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat(AbslView(name), ":", line_number, ": ", AbslView(what)));
    };
    double weight = 0;
    if (fields[0] == "1" && fields.size() == 3) {
      province = fields[1];
      province_bare = fields[2];
    } else if (fields[0] == "2" && fields.size() == 4 && absl::SimpleAtod(fields[3], &weight)) {
      divisions.cities_.push_back({province, province_bare, fields[1], fields[2], {}, weight});
    } else if (fields[0] == "3" && fields.size() == 4 && absl::SimpleAtod(fields[3], &weight)) {
      if (divisions.cities_.empty()) return wrong("a county before the first city");
      divisions.cities_.back().districts.push_back({fields[1], fields[2], {}, weight});
    } else if (fields[0] == "4" && fields.size() == 2) {
      if (divisions.cities_.empty() || divisions.cities_.back().districts.empty()) {
        return wrong("towns before the first county");
      }
      divisions.cities_.back().districts.back().towns = absl::StrSplit(fields[1], ' ', absl::SkipEmpty());
    } else {
      return wrong("no line of a province, city, county or of towns");
    }
  }
  // Counties that lie right under a province have no city to speak of, and are left out.
  std::erase_if(divisions.cities_, [](City& city) {
    std::erase_if(city.districts, [](const District& district) { return district.towns.empty(); });
    if (city.name.empty() && city.province.ends_with("市")) {
      city.name = city.province;
      city.bare = city.province_bare;
    }
    return city.name.empty() || city.districts.empty();
  });
  if (divisions.cities_.empty()) return absl::InvalidArgumentError(absl::StrCat(AbslView(name), ": no city"));
  double total = 0;
  for (City& city : divisions.cities_) {
    city.cumulative = total += city.cumulative;
    double within = 0;
    for (District& district : city.districts) district.cumulative = within += district.cumulative;
  }
  return divisions;
}

Place Divisions::Draw(Random& random) const {
  const City& city = DrawByWeight(cities_, random);
  const District& district = DrawByWeight(city.districts, random);
  const std::string& town = district.towns[random.Below(district.towns.size())];
  return {.province = city.province,
          .province_bare = city.province_bare,
          .city = city.name,
          .city_bare = city.bare,
          .district = district.name,
          // 铁岭县 in 铁岭市: the short name would say 铁岭铁岭.
          .district_bare = district.bare == city.bare ? district.name : district.bare,
          .town = town,
          .town_bare = WithoutPlaceKind(town),
          .in_municipality = city.name == city.province};
}

}  // namespace privet
