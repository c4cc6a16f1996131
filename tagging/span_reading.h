// What one reader says of one span: the form in which stages hand their opinions to the fusion.
#ifndef PRIVET_TAGGING_SPAN_READING_H_
#define PRIVET_TAGGING_SPAN_READING_H_

#include <array>

#include "core/taxonomy.h"

namespace privet {

// Which of the types that a reader (a tagger or a span head) knows a span is, or none of them. Types exclude
// one another on one span; "none" is also every other reading of the place, such as a longer span.
struct SpanReading {
  TypeSet known;
  // By IndexOf(type): log P(type) - log P(none), within [-kMostLogOdds, kMostLogOdds] (tagging/log_odds.h);
  // 0 where not known.
  std::array<double, kEntityTypeCount> log_odds{};
};

// The probability of a known type, in [0, 1]; 0 for others.
double ProbabilityOf(const SpanReading& reading, EntityType type);

// That one of two spans is an entity, of which only one can be: probabilities add up. Both readings are of
// one reader.
SpanReading EitherOf(const SpanReading& a, const SpanReading& b);

// From the probabilities of the known types, by IndexOf(type), that add up to at most one; the rest is
// none's.
SpanReading ReadingOf(const TypeSet& known, const std::array<double, kEntityTypeCount>& probabilities);

}  // namespace privet

#endif  // PRIVET_TAGGING_SPAN_READING_H_
