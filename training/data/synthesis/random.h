// Random numbers that are the same everywhere: the standard's distributions differ between libraries.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_RANDOM_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace privet {

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // A stream of its own for each (seed, epoch, index), so that records can be drawn in any order.
  Random(uint64_t seed, uint64_t epoch, uint64_t index) : state_(Mixed(Mixed(Mixed(seed) + epoch) + index)) {}

  uint64_t Next() { return Mixed(state_ += 0x9E3779B97F4A7C15U); }
  // A number below `bound`, which is above 0 and below 2^32. Lemire's product in place of a division; its
  // bias is below bound / 2^32.
  size_t Below(size_t bound) { return static_cast<size_t>(((Next() >> 32U) * bound) >> 32U); }
  int Between(int low, int high) {
    return low + static_cast<int>(Below(static_cast<size_t>(high - low) + 1));
  }
  double Unit() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }  // in [0, 1)
  bool Chance(double probability) { return Unit() < probability; }
  char Pick(std::string_view characters) { return characters[Below(characters.size())]; }

 private:
  static uint64_t Mixed(uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  uint64_t state_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_RANDOM_H_
