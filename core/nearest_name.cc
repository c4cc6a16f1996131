#include "core/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/absl_view.h"

namespace privet {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view mistyped, std::span<const std::string_view> names) {
  std::string_view nearest;
  size_t nearest_distance = mistyped.size() / 2 + 1;
  for (const std::string_view name : names) {
    const size_t distance = EditDistance(mistyped, name);
    if (distance < nearest_distance) {
      nearest_distance = distance;
      nearest = name;
    }
  }
  return nearest;
}

std::string NearestNameHint(std::string_view mistyped, std::span<const std::string_view> names) {
  const std::string_view nearest = NearestName(mistyped, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", AbslView(nearest), "?");
}

}  // namespace privet
