// Conformal risk control: the strictest threshold that keeps a promise on text nobody has seen.
#ifndef PRIVET_TRAINING_JUDGE_RISK_CONTROL_H_
#define PRIVET_TRAINING_JUDGE_RISK_CONTROL_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace privet {

// The losses of one document, in [0, 1], by threshold in rising order: what the answer misses there.
using LossCurve = std::vector<double>;

// The least curve above it that never falls: the running maximum. A lower threshold can cost an entity, when
// what it lets in wins an overlap; the bound needs losses that only grow with the threshold, and holds for
// the larger ones.
LossCurve Monotone(LossCurve losses);

// Documents from which on a bound of alpha can be given at all: the least n with 1 / (n + 1) <= alpha.
size_t LeastDocuments(double alpha);

// The index of the highest threshold at which n / (n + 1) * mean loss + 1 / (n + 1) <= alpha (Angelopoulos,
// Bates, Fisch, Lei and Schuster 2022, "Conformal risk control", arXiv 2208.02814, theorem 1 with B = 1 and
// lambda = -threshold); nothing when not even the lowest does. For documents drawn alike, these and the next,
// the expected loss of the next at that threshold is at most alpha. Curves must be monotone and of one
// length.
std::optional<size_t> HighestSafeThreshold(std::span<const LossCurve> documents, double alpha);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_RISK_CONTROL_H_
