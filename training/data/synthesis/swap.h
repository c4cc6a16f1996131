// Other names in an annotated text: what a model must not learn is which names the few annotated texts hold.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_SWAP_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_SWAP_H_

#include "training/data/record.h"
#include "training/data/synthesis/fillers.h"
#include "training/data/synthesis/random.h"

namespace privet {

// The record with about `share` (0 to 1) of its entities replaced by others of their kind and script: a
// Chinese name by one of as many characters, a surname alone by a surname, a country by a country, a number
// by one of its form that passes the same check. The same text becomes the same text wherever the record
// marks it, and the parts of a full name follow it: where it stays, they stay. What no filler fits (康熙帝,
// the Senate) stays. Only marked places change.
LabeledRecord Swapped(const LabeledRecord& record, double share, const Fillers& fillers, Random& random);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_SWAP_H_
