// What is behind the sums: scores by kind of text and by file, recall by what an entity is like (seen in
// training or not, short or long, in a short text or a long one), and which types are taken for which.
#ifndef PRIVET_TRAINING_JUDGE_BREAKDOWN_H_
#define PRIVET_TRAINING_JUDGE_BREAKDOWN_H_

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

// Texts that have something in common.
struct TextGroup {
  std::string name;  // "with Chinese characters", or a file's
  size_t texts = 0;
  Counts exact = {};
  Counts overlap = {};
};

// Entities of one type in whose place something was found, and nothing of their type.
struct Confusion {
  size_t entities = 0;
  size_t with_borders = 0;  // of these: the finding has just their borders
};

// Buckets of lengths are in code points, in rising order.
struct Breakdown {
  std::vector<TextGroup>
      by_language;                 // with and without Chinese characters, as least scores are set (HasHan)
  std::vector<TextGroup> by_file;  // in order of their first texts
  std::vector<RecallBucket> by_entity_length;
  std::vector<RecallBucket> by_text_length;
  std::vector<RecallBucket> by_seen;  // "seen", "unseen"; empty without training text
  // By the marked type and that of the finding; of several findings the one that has most of the entity.
  std::map<std::pair<EntityType, EntityType>, Confusion> confusions;

  Breakdown(const SurfaceForms* training);  // nullptr: none; outlives this
  void Add(const LabeledRecord& record, std::span<const LabeledSpan> entities,
           std::span<const Finding> findings);

 private:
  void AddConfusions(std::span<const LabeledSpan> entities, std::span<const Finding> findings,
                     const std::vector<bool>& overlapping);

  const SurfaceForms* training_;
};

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_BREAKDOWN_H_
