// Parts of a corpus that do not leak into one another.
#ifndef PRIVET_TRAINING_DATA_SPLIT_H_
#define PRIVET_TRAINING_DATA_SPLIT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "training/data/record.h"

namespace privet {

struct SplitPart {
  std::string name;
  double share = 1;  // beside the other parts' shares
};

// The part of each record. Similar texts (similar_texts.h) go to one part; large groups first, each to the
// part that is furthest behind its share, in an order that the seed determines.
std::vector<size_t> SplitRecords(std::span<const LabeledRecord> records, const std::vector<SplitPart>& parts,
                                 uint64_t seed);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SPLIT_H_
