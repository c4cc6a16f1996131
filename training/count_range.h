// What a count or a seed on the command line may be.
#ifndef PRIVET_TRAINING_COUNT_RANGE_H_
#define PRIVET_TRAINING_COUNT_RANGE_H_

#include <CLI/CLI.hpp>
#include <cstdint>

namespace privet {

// To check an option with. By itself CLI11 wraps a negative number into an unsigned one, and takes one that
// is too large for the largest.
inline CLI::Range CountRange() { return {int64_t{0}, int64_t{1'000'000'000'000}}; }

}  // namespace privet

#endif  // PRIVET_TRAINING_COUNT_RANGE_H_
