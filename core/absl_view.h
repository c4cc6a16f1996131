// Debian builds Abseil with a string_view of its own, which does not convert to or from std::string_view.
// These two names bridge them; ours is std::string_view everywhere else.
#ifndef PRIVET_CORE_ABSL_VIEW_H_
#define PRIVET_CORE_ABSL_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace privet {

inline absl::string_view AbslView(std::string_view view) { return {view.data(), view.size()}; }
inline std::string_view StdView(absl::string_view view) { return {view.data(), view.size()}; }

}  // namespace privet

#endif  // PRIVET_CORE_ABSL_VIEW_H_
