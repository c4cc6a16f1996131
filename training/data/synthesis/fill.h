// Filling a snippet: values for its slots, consistent with one another and written as the snippet is.
#ifndef PRIVET_TRAINING_DATA_SYNTHESIS_FILL_H_
#define PRIVET_TRAINING_DATA_SYNTHESIS_FILL_H_

#include "training/data/record.h"
#include "training/data/synthesis/fillers.h"
#include "training/data/synthesis/random.h"
#include "training/data/synthesis/template.h"

namespace privet {

// The snippet with every slot filled, and the spans of what is labelled. The same arguments give the same
// record.
LabeledRecord Fill(const Template& snippet, const Fillers& fillers, Random& random);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SYNTHESIS_FILL_H_
