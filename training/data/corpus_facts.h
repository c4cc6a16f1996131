// What a corpus is like.
#ifndef PRIVET_TRAINING_DATA_CORPUS_FACTS_H_
#define PRIVET_TRAINING_DATA_CORPUS_FACTS_H_

#include <cstddef>
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
  int64_t texts = 0;     // that hold it
  int64_t surfaces = 0;  // distinct values
  double mean_code_points = 0;
  int64_t unmarked = 0;    // places of its values that nobody marked, as marked_values.h counts them
  int64_t other_type = 0;  // its values that are also marked as another type
};

struct FileFacts {
  std::string file;
  int64_t records = 0;
  int64_t with_entities = 0;
};

// Texts of one file that are near-copies of texts in another.
struct SharedTexts {
  std::string file;
  std::string other;
  int64_t records = 0;  // of `other`
};

// How one value is marked. A piece of people's text: shown only to who asks for it.
struct ValueFacts {
  std::string value;
  EntityType type = EntityType::OTHER_ID;  // most often
  int64_t marked = 0;
  int64_t unmarked = 0;
};

struct CorpusFacts {
  int64_t records = 0;
  int64_t with_entities = 0;
  int64_t unusable = 0;          // lines that are no records
  std::vector<FileFacts> files;  // as they come first; those of the other part are left out
  std::map<EntityType, TypeFacts> types;
  std::vector<int64_t> length_quantiles;  // code points: of 10, 50, 90, 99 and 100 % of the texts
  int64_t copies = 0;                     // records whose text came before
  int64_t near_copies = 0;                // the same, or nearly the same
  std::vector<SharedTexts> shared;        // by pair of files, those of the other part among them
  int64_t against = 0;                    // records of the other part
  int64_t leaked = 0;                     // of those, how many are near-copies of these
  std::vector<ValueFacts> frequent;       // the most frequent of each type; empty unless asked for
  std::vector<ValueFacts> inconsistent;   // marked here and unmarked there, the most often; the same
};

// With the first `most_values` values of both lists; 0: none.
CorpusFacts FactsOf(std::span<const LabeledRecord> records, std::span<const LabeledRecord> against,
                    size_t most_values = 0);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_CORPUS_FACTS_H_
