// Which name was meant by one that is mistyped.
#ifndef PRIVET_CORE_NEAREST_NAME_H_
#define PRIVET_CORE_NEAREST_NAME_H_

#include <span>
#include <string>
#include <string_view>

namespace privet {

// The one of `names` from which the fewest letters differ (Levenshtein's distance); the first of several, and
// empty where more than half of the letters do.
std::string_view NearestName(std::string_view mistyped, std::span<const std::string_view> names);

// What follows in an error text: "; did you mean default?", or nothing.
std::string NearestNameHint(std::string_view mistyped, std::span<const std::string_view> names);

}  // namespace privet

#endif  // PRIVET_CORE_NEAREST_NAME_H_
