// Recall by what an entity is like: seen in training or not, short or long, in a short text or a long one.
#ifndef PRIVET_TRAINING_JUDGE_BREAKDOWN_H_
#define PRIVET_TRAINING_JUDGE_BREAKDOWN_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "training/judge/matching.h"

namespace privet {

// How entities are written in training text, with their types. Holds a fingerprint of each, not its text.
class SurfaceForms {
 public:
  // As the record's text reads (core/unescape.h), which is what is judged.
  void Add(LabeledRecord record);
  bool Contains(std::string_view form, EntityType type) const;
  size_t size() const { return forms_.size(); }

 private:
  absl::flat_hash_set<uint64_t> forms_;
};

struct RecallBucket {
  std::string name;  // "3-4"
  size_t entities = 0;
  size_t found_exactly = 0;
  size_t found_overlapping = 0;
};

// Buckets in code points, in rising order.
struct Breakdown {
  std::vector<RecallBucket> by_entity_length;
  std::vector<RecallBucket> by_text_length;
  std::vector<RecallBucket> by_seen;  // "seen", "unseen"; empty without training text

  Breakdown(const SurfaceForms* training);  // nullptr: none; outlives this
  void Add(const LabeledRecord& record, std::span<const LabeledSpan> entities,
           std::span<const Finding> findings);

 private:
  const SurfaceForms* training_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_BREAKDOWN_H_
