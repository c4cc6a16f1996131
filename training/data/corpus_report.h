// What a corpus is like, for people and for machines.
#ifndef PRIVET_TRAINING_DATA_CORPUS_REPORT_H_
#define PRIVET_TRAINING_DATA_CORPUS_REPORT_H_

#include <string>

#include "training/data/corpus_facts.h"

namespace privet {

// For a terminal; with a sentence on each thing that may go wrong. Holds no text but the values that the
// facts were asked for.
std::string DescribeCorpus(const CorpusFacts& facts);

// All of the facts as one line of JSON. Lists of values only where the facts were asked for them.
std::string CorpusJson(const CorpusFacts& facts);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_CORPUS_REPORT_H_
