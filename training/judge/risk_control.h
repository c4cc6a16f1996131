// Thresholds that keep a promise: conformal risk control (Angelopoulos, Bates, Fisch, Lei & Schuster 2022,
// arXiv 2208.02814).
#ifndef PRIVET_TRAINING_JUDGE_RISK_CONTROL_H_
#define PRIVET_TRAINING_JUDGE_RISK_CONTROL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace privet {

// Losses in [0, 1] of n exchangeable documents at several thresholds: losses[threshold][document], thresholds
// in rising order. A loss that falls as the threshold rises is first lifted to the highest before it, so that
// it never falls. Returns the index of the highest threshold with
//   n / (n + 1) * mean loss + 1 / (n + 1) <= alpha     (theorem 1, with B = 1)
// for which the loss of a new document is at most alpha in expectation; nothing where there is none.
std::optional<size_t> HighestSafeThreshold(std::vector<std::vector<double>> losses, double alpha);

// Documents without which no threshold can be safe, whatever the losses: 1 / (n + 1) <= alpha.
int64_t LeastDocuments(double alpha);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_RISK_CONTROL_H_
