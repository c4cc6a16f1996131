// Parts of a corpus that do not leak into one another.
#ifndef PRIVET_TRAINING_DATA_SPLIT_H_
#define PRIVET_TRAINING_DATA_SPLIT_H_

#include <cstddef>
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

struct Split {
  std::vector<size_t> part_of;  // by record
  size_t largest_part = 0;      // by share; of equals the first
  // What went to the largest part because it would have filled another.
  int64_t large_groups = 0;
  int64_t large_records = 0;
};

// Similar texts (similar_texts.h), and records with the same entry in `keys` where that is not empty, are a
// group and go to one part. Each part gets its share of the texts with each type, and of those without any
// entity: beginning with the rarest, each group goes to the part that lacks most of it (iterative
// stratification; Sechidis et al. 2011), in an order that the seed determines. A group of similar texts that
// is more than a tenth of a smaller part goes to the largest; one that `keys` made may fill what a part still
// lacks.
Split SplitRecords(std::span<const LabeledRecord> records, const std::vector<SplitPart>& parts, uint64_t seed,
                   const std::vector<std::string>& keys = {});

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SPLIT_H_
