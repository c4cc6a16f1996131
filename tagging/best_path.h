// The single most probable labelling of a window: the plain baseline beside span marginals.
#ifndef PRIVET_TAGGING_BEST_PATH_H_
#define PRIVET_TAGGING_BEST_PATH_H_

#include <vector>

#include "core/taxonomy.h"
#include "tagging/chain.h"
#include "tagging/token_range.h"

namespace privet {

struct PathSpan {
  TokenRange tokens;
  EntityType type = EntityType::OTHER_ID;

  friend bool operator==(const PathSpan&, const PathSpan&) = default;
};

// The spans of the most probable valid labelling, in order, without overlaps (Viterbi 1967, on the chain).
// Of equally probable ones: less in spans, then the type whose label comes first. O(tokens * types) time,
// O(tokens) memory. What each span's own probability is SpanMarginals says.
std::vector<PathSpan> BestPath(const Chain& chain);

}  // namespace privet

#endif  // PRIVET_TAGGING_BEST_PATH_H_
