// The likelihood of a whole set of spans among all that could be found in a window.
#ifndef PRIVET_TRAINING_LEARN_SPAN_SET_H_
#define PRIVET_TRAINING_LEARN_SPAN_SET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tagging/token_range.h"

namespace privet {

// What may be said of a candidate's being of one type.
enum class SpanTruth : uint8_t {
  Wrong,
  Open,   // nobody knows: its source does not mark this type
  Right,  // it is an entity of it; of one candidate at most one type
};

// The candidates of a window and what is known of them. Candidates may overlap, right ones do not.
struct SpanLattice {
  size_t tokens = 0;
  std::vector<TokenRange> candidates;  // not empty, within the window, in order of begin and end, each once
  std::vector<SpanTruth> truth;        // [candidates x types]
};

// -log of the share that the sets which may be right have of the mass of all sets of typed candidates without
// overlaps, the empty one among them; a set's mass is the exponential of the sum of its spans' potentials. A
// set may be right where it has all that is right and nothing that is wrong. Near-copies of an entity
// compete with it here, where a loss of each candidate by itself splits the probability over them. A
// log-linear model over segments, as in semi-Markov CRFs (Sarawagi and Cohen 2004), whose segments are the
// candidates alone: a forward and a backward pass over positions, O(tokens + candidates * types).
//
// `potentials` and `gradient` are [candidates x types], row-major; `gradient` gets d loss / d potentials.
double SpanSetLoss(const SpanLattice& lattice, std::span<const float> potentials, std::span<float> gradient);

// The log of the mass of all sets.
double LogMassOfSpanSets(const SpanLattice& lattice, std::span<const float> potentials);

struct ChosenSpan {
  size_t candidate = 0;
  size_t type = 0;

  friend bool operator==(const ChosenSpan&, const ChosenSpan&) = default;
};

// The set of the most mass, in order of position.
std::vector<ChosenSpan> BestSpanSet(size_t tokens, std::span<const TokenRange> candidates, size_t types,
                                    std::span<const float> potentials);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_SPAN_SET_H_
