// Fits the numbers of the fusion to what is true of held-out text.
#ifndef PRIVET_TRAINING_JUDGE_FIT_FUSION_H_
#define PRIVET_TRAINING_JUDGE_FIT_FUSION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "core/taxonomy.h"
#include "stage2_filter/fusion_model.h"
#include "training/judge/judged_text.h"

namespace privet {

// One span that the fusion has to decide: the features of each type that anyone speaks of, and which is true.
struct FusionExample {
  struct Option {
    EntityType type = EntityType::OTHER_ID;
    FusionFeatures features{};
  };
  std::vector<Option> options;
  int truth = -1;  // index of options; -1: none of them
};

// The undecided spans of the texts (no conclusive ones), whose types the records cover. A span is true where
// a gold span has exactly its borders.
std::vector<FusionExample> FusionExamplesOf(std::span<const JudgedText> texts);

struct FusionFit {
  FusionModel model;
  double loss_before = 0;  // mean negative log-likelihood of the model that the fit began with
  double loss_after = 0;
};

// Maximum likelihood of the multinomial logistic model in stage2_filter/fusion.h, with a small ridge that
// holds weights near their defaults and biases near 0 where examples are few. Weights stay within what a
// manifest may say. A weight whose feature never occurs stays as it is. Full-batch Adam with projection;
// deterministic.
FusionFit FitFusion(std::span<const FusionExample> examples);

// Then temperatures, by type, on other examples: of a type with at least kLeastTrue true spans among them.
void FitTemperatures(std::span<const FusionExample> examples, FusionModel* model);
inline constexpr int64_t kLeastTrue = 20;

// The mean negative log-likelihood; `gradient`, where it is not nullptr, gets its derivatives by weight, then
// by bias.
double FusionLoss(std::span<const FusionExample> examples, const FusionModel& model,
                  std::vector<double>* gradient);

}  // namespace privet

#endif  // PRIVET_TRAINING_JUDGE_FIT_FUSION_H_
