// In which order examples are learned from.
#ifndef PRIVET_TRAINING_DATA_SAMPLER_H_
#define PRIVET_TRAINING_DATA_SAMPLER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace privet {

// Where a source's next example is. With the seed, all that the order depends on.
struct SourcePosition {
  int64_t pass = 0;  // how often all of it was drawn
  int64_t next = 0;  // in this pass's order
  int64_t tokens_drawn = 0;

  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

// Draws examples from several sources, so that of the tokens each has the share that its weight says. Within
// a source each example comes once a pass, or as often as its copies say, in an order that seed, source and
// pass determine. One thread.
class Sampler {
 public:
  struct Source {
    double weight = 1;
    std::vector<int64_t> tokens;  // of each example
    std::vector<int32_t> copies;  // of each example in a pass; may be 0, but not of all
    // Where each pass has examples of its own, in place of the two: how many, and the tokens of one; not all
    // of a pass may have none. Then a pass has them in order.
    int64_t fresh = 0;
    std::function<int64_t(int64_t pass, int64_t example)> fresh_tokens = {};
  };
  struct Draw {
    size_t source = 0;
    size_t example = 0;
    int64_t pass = 0;  // 0 for sources whose passes are the same

    friend bool operator==(const Draw&, const Draw&) = default;
  };

  // Each source has at least one example with a copy.
  Sampler(uint64_t seed, std::vector<Source> sources);

  // The examples of the next batch: as many as `max_tokens` hold, at least one.
  std::vector<Draw> NextBatch(int64_t max_tokens);

  // The whole state: put back, the same batches follow. A pass that has come further than its source has
  // examples by now is over.
  const std::vector<SourcePosition>& positions() const { return positions_; }
  void Restore(std::vector<SourcePosition> positions);

 private:
  size_t NeediestSource() const;
  void OrderPass(size_t source);

  uint64_t seed_;
  std::vector<Source> sources_;
  std::vector<SourcePosition> positions_;
  std::vector<std::vector<uint32_t>> orders_;  // of each source's current pass
};

// A generator that gives the same numbers everywhere (Vigna's splitmix64).
class SplitMix64 {
 public:
  using result_type = uint64_t;
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return ~uint64_t{0}; }
  uint64_t operator()();
  // In [0, bound).
  uint64_t Below(uint64_t bound);
  // In [0, 1).
  double Unit();

 private:
  uint64_t state_;
};

// One seed from several numbers.
uint64_t MixSeeds(uint64_t a, uint64_t b, uint64_t c = 0);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SAMPLER_H_
