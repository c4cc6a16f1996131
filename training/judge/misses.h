// Where recall goes: for each entity that was not found exactly, the one step of the pipeline that lost it.
#ifndef PRIVET_TRAINING_JUDGE_MISSES_H_
#define PRIVET_TRAINING_JUDGE_MISSES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "training/judge/matching.h"
#include "training/judge/replay.h"

namespace privet {

// In the pipeline's order; an entity is lost at the first that holds.
enum class MissCause {
  NoCandidate,  // nothing that overlaps it was proposed
  Border,       // only other borders were
  Stage2,       // proposed just so, and dropped; stage 1 and the rules without stage 2 would have kept it
  Threshold,    // proposed just so, and dropped below the least score
  Type,         // its borders were kept, or proposed, as other types only
  Selection,    // kept, and lost to a finding that overlaps it
};
inline constexpr size_t kMissCauseCount = 6;
inline constexpr std::array<std::string_view, kMissCauseCount> kMissCauseNames = {
    "no_candidate", "border", "stage2", "threshold", "type", "selection"};

struct Miss {
  LabeledSpan entity;
  MissCause cause = MissCause::NoCandidate;
  // NoCandidate and Border: just these borders would be proposed at the tau that the text was read with.
  bool within_reach = false;
};

// The misses among the judged entities, in order of position. `findings` are Replay's of the variant.
std::vector<Miss> FindMisses(const JudgedText& text, const Variant& variant, const TypeSet& stage2_types,
                             std::span<const Finding> findings);

struct MissCounts {
  std::array<size_t, kMissCauseCount> by_cause{};
  size_t within_reach = 0;
  size_t unknown_type =
      0;  // of types that neither rules nor models of the pipeline know; part of NoCandidate or Border

  size_t total() const;
};

// What would help most, in sentences; none where nothing was missed. `tau` is the one that texts were read
// with, which `within_reach` speaks of.
std::vector<std::string> AdviceOn(const MissCounts& counts, double tau);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_MISSES_H_
