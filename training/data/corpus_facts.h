// What a corpus is like.
#ifndef PRIVET_TRAINING_DATA_CORPUS_FACTS_H_
#define PRIVET_TRAINING_DATA_CORPUS_FACTS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/taxonomy.h"
#include "training/data/record.h"

namespace privet {

struct TypeFacts {
  int64_t entities = 0;
  int64_t surfaces = 0;  // distinct values
  double mean_code_points = 0;
  int64_t unmarked = 0;    // occurrences of its values (of three characters at least) that nobody marked
  int64_t other_type = 0;  // its values that are also marked as another type
};

struct CorpusFacts {
  int64_t records = 0;
  int64_t with_entities = 0;
  std::map<EntityType, TypeFacts> types;
  std::vector<int64_t> length_quantiles;  // code points: of 10, 50, 90, 99 and 100 % of the texts
  int64_t copies = 0;                     // records whose text came before
  int64_t near_copies = 0;                // the same, or nearly the same
  int64_t against = 0;                    // records of the other part
  int64_t leaked = 0;                     // of those, how many are near-copies of these
};

CorpusFacts FactsOf(std::span<const LabeledRecord> records, std::span<const LabeledRecord> against);

// For a terminal; with a sentence on each thing that may go wrong. Holds no text.
std::string DescribeCorpus(const CorpusFacts& facts);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_CORPUS_FACTS_H_
