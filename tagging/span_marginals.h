// How likely each span is an entity, given all that a tagger said of the window.
#ifndef PRIVET_TAGGING_SPAN_MARGINALS_H_
#define PRIVET_TAGGING_SPAN_MARGINALS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "core/taxonomy.h"
#include "tagging/chain.h"
#include "tagging/span_reading.h"
#include "tagging/token_range.h"

namespace privet {

// One span of a window, with the probability that it is an entity of this type with exactly these borders.
struct TaggedSpan {
  TokenRange tokens;
  EntityType type = EntityType::OTHER_ID;
  double probability = 0;

  friend bool operator==(const TaggedSpan&, const TaggedSpan&) = default;
};

// tau by IndexOf(type): the least probability of a span that counts. Above 1: none of that type.
using TypeThresholds = std::array<double, kEntityTypeCount>;

// The posterior over all valid labellings of a window, where the probability of a labelling is in proportion
// to the product of exp(score) of its labels: forward-backward on the chain (Rabiner 1989, "A tutorial on
// hidden Markov models", section V.A on scaling), in O(tokens * types). A span [i, j) of type T has
//   P = closed(i) * B-T(i) * I-T(i+1) ... I-T(j-2) * E-T(j-1) * closed'(j) / Z
// with closed(i) the mass of all labellings of the tokens before i, closed'(j) of those from j on.
//
// Masses are doubles, scaled at each token to sum to one (see Chain::kLowestScore), so extreme scores and
// long windows cost no precision.
//
// Immutable and thread-safe. Holds 8 bytes for each token and type beside the chain.
class SpanMarginals {
 public:
  explicit SpanMarginals(Chain chain);

  const Chain& chain() const { return chain_; }

  // Every span whose probability is at least its type's tau, but at most the `max_spans` most probable (of
  // equals the earlier), in order of begin, then end, then type. A tau below kLowestTau counts as kLowestTau.
  // Exact: a span is extended for as long as P(a span of T begins at i and reaches j) >= tau, which never
  // grows with j. At most 1 / tau such beginnings are alive at a token, since their probabilities add up to
  // at most one, so time is O(tokens * (types + 1 / tau)), and memory O(max_spans).
  std::vector<TaggedSpan> FindSpans(const TypeThresholds& tau, size_t max_spans) const;
  static constexpr double kLowestTau = 1e-4;

  // The probability of any span, proposed or not: in [0, 1], 0 for a type that the scheme does not know.
  // span.begin < span.end <= chain().tokens().
  double Probability(TokenRange span, EntityType type) const;

  // The same for all types at once, each against none of them.
  SpanReading Read(TokenRange span) const;

 private:
  double Probability(TokenRange span, size_t type_index) const;

  Chain chain_;
  std::vector<double> scale_;          // by token: what its forward masses were multiplied by
  std::vector<double> closed_before_;  // by token: scaled forward mass, closed before it
  std::vector<double> closed_after_;   // by token: scaled backward mass over Z, closed behind it
  std::vector<double> open_after_;     // [tokens x types]: the same, open in a type
};

}  // namespace privet

#endif  // PRIVET_TAGGING_SPAN_MARGINALS_H_
