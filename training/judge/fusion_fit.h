// Fits the fusion (stage2_filter/fusion.h) to spans whose truth is known.
#ifndef PRIVET_TRAINING_JUDGE_FUSION_FIT_H_
#define PRIVET_TRAINING_JUDGE_FUSION_FIT_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "stage2_filter/fusion.h"
#include "training/judge/replay.h"

namespace privet {

// One proposed span: the features of each type that anyone speaks of, and what it is.
struct FusionSample {
  struct TypeFeatures {
    EntityType type = EntityType::OTHER_ID;
    FusionFeatures features{};
  };
  std::vector<TypeFeatures> types;  // in order of type
  std::optional<EntityType> truth;  // nothing: no entity has just these borders
};

// The samples of a text: its proposals that are up to the fusion. Left out are those whose truth the record
// does not tell: no entity is marked there and somebody proposes a type that the record does not cover.
void AppendSamples(const JudgedText& text, const Variant& variant, const TypeSet& stage2_types,
                   std::vector<FusionSample>* samples);

// Gaussian priors around FusionModel's defaults, by their precision, which counts as so many samples: what
// the data says little about stays where it was, and separable data has a finite fit. Biases are held the
// tighter, because fits with a precision of 1 cost exact F1: 0.35 points against the plain average of both
// stages on the very text that they were fitted to, more on other text; with 100 they cost nothing.
struct FusionPrior {
  double weights = 1;
  double biases = 100;
};

struct FusionFitOptions {
  FusionPrior prior;
  size_t max_steps = 100;
};

// -log P(truth) of all samples under the model, and half the squared distance from the defaults times the
// prior's precision. The gradient is with respect to the weights, then the biases by IndexOf(type);
// temperatures must be 1.
struct FusionLoss {
  double value = 0;
  std::vector<double> gradient;
  std::vector<double> hessian;  // row by row
};
FusionLoss FusionLossOf(const FusionModel& model, std::span<const FusionSample> samples,
                        const FusionPrior& prior);

// The weights (shared by all types) and biases that minimise it, within the bounds that ParseFusionModel
// asks: weights not negative but for rule_present. Multinomial logistic regression, which is convex, by
// projected Newton steps (Bertsekas 1982, "Projected Newton methods for optimization problems with simple
// constraints"). Weights of features that never occur keep their defaults. O(steps * samples * types^2).
FusionModel FitFusion(std::span<const FusionSample> samples, const FusionFitOptions& options = {});

// Sets each type's temperature to what makes `samples`, which the fit has not seen, likeliest, one type after
// the other a few times (Guo et al. 2017, section 4.2, by type), with a Gaussian prior of precision 1 on its
// logarithm, so that a type that is never wrong has a finite one. Types that are the truth of fewer than
// `least_entities` samples keep 1. Within the bounds that ParseFusionModel asks.
void FitTemperatures(std::span<const FusionSample> samples, size_t least_entities, FusionModel* model);

// The mean of -log P(truth). 0 without samples.
double MeanLoss(const FusionModel& model, std::span<const FusionSample> samples);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_FUSION_FIT_H_
