// Which part of a text rules read once something in it looked as if it could match.
#ifndef PRIVET_RULES_SCAN_REGION_H_
#define PRIVET_RULES_SCAN_REGION_H_

#include <cstddef>
#include <string_view>

#include "core/span.h"

namespace privet {

// The rest of the line around the anchors, as far as context matters, widened to whole words of visible
// ASCII: no e-mail address, URL or token is cut.
Span RegionAround(std::string_view text, Span anchors);

// The same to the left, and the lines that follow: for patterns that run over several.
Span LinesAfter(std::string_view text, Span anchors);

}  // namespace privet

#endif  // PRIVET_RULES_SCAN_REGION_H_
