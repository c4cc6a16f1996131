// What a tagger should say of each token of a record.
#ifndef PRIVET_TRAINING_LEARN_TARGETS_H_
#define PRIVET_TRAINING_LEARN_TARGETS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/span.h"
#include "core/taxonomy.h"
#include "tagging/label_scheme.h"
#include "tagging/token_range.h"
#include "training/data/record.h"
#include "training/learn/span_set.h"

namespace privet {

// O, then B-, I-, E-, S- of each type: the id2label of every model that is made here.
std::vector<std::string> BioesLabels(const std::vector<EntityType>& types);

inline constexpr int32_t kAnyLabel = -1;

// One window of a record, as a model reads it.
struct Example {
  std::vector<int32_t> ids;
  // By token: the label, an index of the scheme; kAnyLabel where nothing is known, as in a piece of an entity
  // that the window's edge cut.
  std::vector<int32_t> labels;
  // Types of which an O says nothing, because the record's source does not mark them: where a label is O, the
  // labels of these types are as right.
  TypeSet open_types;
  TypeSet present;  // types of its entities
  // By token: how probable a model that did not see the text found it that the token lies in a span that is
  // no entity, or outside where it is in one. Empty: nobody asked a model.
  std::vector<float> doubt;
  // Spans that are an entity or were proposed as one, in order of begin and end, each once: what a span head
  // chooses among. Without those that touch a token whose label is not known.
  std::vector<TokenRange> candidates;
};

struct TargetCounts {
  int64_t entities = 0;
  int64_t between_tokens = 0;  // a border of theirs lies inside a token: the whole token counts
  int64_t lost = 0;  // no token of their own: white space alone, or they share one with the entity before
};

// The labels of a text's tokens, whose byte ranges are `tokens`. Spans of types that the scheme lacks are O.
std::vector<int32_t> LabelTokens(const LabeledRecord& record, std::span<const Span> tokens,
                                 const LabelScheme& scheme, TargetCounts* counts);

// The doubt of a text's tokens, as Example has it, of a record with proposals. All readings of a token
// exclude one another, so a token's doubt is the sum of the wrong spans over it; of an entity's token, what
// its own span lacks to one. Types that the scheme lacks count as nothing; of types that the record does not
// cover nothing is known to be wrong.
std::vector<float> DoubtOfTokens(const LabeledRecord& record, std::span<const Span> tokens,
                                 const LabelScheme& scheme);

// The spans of a text's tokens that were proposed as a type of the scheme, in order, each once.
std::vector<TokenRange> ProposedRanges(const LabeledRecord& record, std::span<const Span> tokens,
                                       const LabelScheme& scheme);

// The entities that labels of the form BIOES mark, in order, with their type index. Pieces are left out.
struct MarkedRange {
  TokenRange tokens;
  size_t type_index = 0;
};
std::vector<MarkedRange> MarkedRanges(std::span<const int32_t> labels, const LabelScheme& scheme);

// What is known of an example's candidates, by the types of the scheme.
SpanLattice LatticeOf(const Example& example, const LabelScheme& scheme);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_TARGETS_H_
