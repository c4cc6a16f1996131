// Which of two ways to find is better, and whether that could be chance.
#ifndef PRIVET_TRAINING_JUDGE_COMPARISON_H_
#define PRIVET_TRAINING_JUDGE_COMPARISON_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/bundle_manifest.h"
#include "training/judge/evaluation.h"
#include "training/judge/matching.h"

namespace privet {

// What lies between the 2.5th and the 97.5th percentile of the difference in F1 where texts are drawn again,
// as many, with replacement: a paired bootstrap (Koehn, Statistical Significance Tests for Machine
// Translation Evaluation, EMNLP 2004). Where 0 lies outside, the difference is hardly a matter of which texts
// were at hand; least scores that were chosen on these very texts flatter both ways still.
struct F1Difference {
  double low = 0;
  double high = 0;
};

// `a[i]` and `b[i]` are what two ways found in text i, and there are as many of each; F1 of `a` less F1 of
// `b`. Draws the same each time.
F1Difference CompareF1(std::span<const Counts> a, std::span<const Counts> b);

// Of two pipelines on the same texts; nothing where either could not read one of them.
std::optional<F1Difference> ComparePipelines(const Evaluation& a, const Evaluation& b);

// " (-0.002 to +0.011 in 95% of 1000 resamplings of the texts)".
std::string InWords(const F1Difference& difference);

// Whether both stages are taggers, so that their average is a rival to the fusion.
bool HasTwoTaggers(const BundleManifest& bundle);

// What the comparison of the parts says: where stage 2 does not beat stage 1 alone, or the fusion does not
// beat the average of two taggers. `parts` as Evaluate lists them.
std::vector<std::string> RemarksOn(const std::vector<PartsScore>& parts, const BundleManifest* bundle);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_COMPARISON_H_
