// Which texts are near-copies of one another.
#ifndef PRIVET_TRAINING_DATA_SIMILAR_TEXTS_H_
#define PRIVET_TRAINING_DATA_SIMILAR_TEXTS_H_

#include <cstddef>
#include <string_view>
#include <vector>

namespace privet {

// The group of each text: texts that share most of their five-character pieces (about 0.7 of them or more, by
// MinHash with 8 bands of 4 hashes; Broder 1997) get the same number, the index of the first of them. Exact
// copies always do. Digits count as one character, so that forms filled in differently are near-copies. Time
// and memory are linear in the texts' size.
std::vector<size_t> GroupSimilarTexts(const std::vector<std::string_view>& texts);

}  // namespace privet

#endif  // PRIVET_TRAINING_DATA_SIMILAR_TEXTS_H_
