// The likelihood of a whole labelling, and its gradient.
#ifndef PRIVET_TRAINING_LEARN_CHAIN_LOSS_H_
#define PRIVET_TRAINING_LEARN_CHAIN_LOSS_H_

#include <cstdint>
#include <span>

#include "tagging/label_scheme.h"

namespace privet {

// -log of the share that the labellings in which each token has an allowed label have of the mass of all
// valid ones; a labelling's mass is the exponential of the sum of its labels' scores. Forward-backward in log
// space (Lafferty et al. 2001), O(tokens * labels). BIOES and BIO.
//
// `scores` and `gradient` are [tokens x labels], row-major; `gradient` gets d loss / d scores. `allowed` is
// the same, not 0 where a label is right; each token has one at least, and some valid labelling must be
// allowed throughout: else the result is not finite.
double ChainLoss(const LabelScheme& scheme, std::span<const float> scores, std::span<const uint8_t> allowed,
                 std::span<float> gradient);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_CHAIN_LOSS_H_
