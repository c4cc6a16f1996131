#include "training/judge/fit_fusion.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "stage2_filter/fusion.h"

namespace privet {
namespace {

constexpr size_t kParameters = kFusionFeatureCount + kEntityTypeCount;
constexpr double kMostWeight = 100;

double Logit(const FusionModel& model, const FusionExample::Option& option) {
  double logit = model.bias[IndexOf(option.type)];
  for (size_t f = 0; f < kFusionFeatureCount; ++f) logit += model.weights[f] * option.features[f];
  return logit / model.temperature[IndexOf(option.type)];
}

void Project(FusionModel* model) {
  for (size_t f = 0; f < kFusionFeatureCount; ++f) {
    const bool may_be_negative = f == static_cast<size_t>(FusionFeature::RulePresent);
    model->weights[f] = std::clamp(model->weights[f], may_be_negative ? -kMostWeight : 0.0, kMostWeight);
  }
  for (double& bias : model->bias) bias = std::clamp(bias, -kMostWeight, kMostWeight);
}

}  // namespace

std::vector<FusionExample> FusionExamplesOf(std::span<const JudgedText> texts) {
  std::vector<FusionExample> examples;
  for (const JudgedText& text : texts) {
    for (const SpanOpinion& opinion : text.opinions) {
      if (opinion.conclusive()) continue;
      const TypeSet known = (opinion.stage1.has_value() ? opinion.stage1->known : TypeSet()) |
                            (opinion.stage2.has_value() ? opinion.stage2->known : TypeSet());
      std::vector<RuleOpinion> rules;
      for (const Finding& rule : opinion.rules) {
        if (known.test(IndexOf(rule.type)) && !IsCustom(rule))
          rules.push_back({rule.type, rule.score, false});
      }
      if (rules.empty() && opinion.proposed.none()) continue;
      const SpanOpinions opinions = {opinion.stage1, opinion.stage2, rules};
      FusionExample example;
      bool open = false;
      for (const EntityTypeSpec& spec : Taxonomy()) {
        if (!known.test(IndexOf(spec.type))) continue;
        open |= !text.record.covers.test(IndexOf(spec.type));
        for (const LabeledSpan& gold : text.record.spans) {
          if (gold.span == opinion.span && gold.type == spec.type)
            example.truth = static_cast<int>(example.options.size());
        }
        example.options.push_back({spec.type, FeaturesOf(opinions, spec.type)});
      }
      // Where a record does not say, a span that is none of what it marks may be one of the rest.
      if (open && example.truth < 0) continue;
      if (!example.options.empty()) examples.push_back(std::move(example));
    }
  }
  return examples;
}

double FusionLoss(std::span<const FusionExample> examples, const FusionModel& model,
                  std::vector<double>* gradient) {
  if (gradient != nullptr) gradient->assign(kParameters, 0);
  double loss = 0;
  std::vector<double> logits;
  for (const FusionExample& example : examples) {
    logits.clear();
    double highest = 0;
    for (const FusionExample::Option& option : example.options) {
      logits.push_back(Logit(model, option));
      highest = std::max(highest, logits.back());
    }
    double sum = std::exp(-highest);  // none
    for (const double logit : logits) sum += std::exp(logit - highest);
    const double log_sum = highest + std::log(sum);
    loss += log_sum - (example.truth < 0 ? 0 : logits[static_cast<size_t>(example.truth)]);
    if (gradient == nullptr) continue;
    for (size_t i = 0; i < logits.size(); ++i) {
      const FusionExample::Option& option = example.options[i];
      const double residual =
          (std::exp(logits[i] - log_sum) - (example.truth == static_cast<int>(i) ? 1 : 0)) /
          model.temperature[IndexOf(option.type)];
      for (size_t f = 0; f < kFusionFeatureCount; ++f) (*gradient)[f] += residual * option.features[f];
      (*gradient)[kFusionFeatureCount + IndexOf(option.type)] += residual;
    }
  }
  const double count = std::max<double>(1, static_cast<double>(examples.size()));
  if (gradient != nullptr) {
    for (double& value : *gradient) value /= count;
  }
  return loss / count;
}

FusionFit FitFusion(std::span<const FusionExample> examples) {
  FusionFit fit;
  const FusionModel start;
  fit.loss_before = FusionLoss(examples, start, nullptr);
  std::array<bool, kFusionFeatureCount> occurs{};
  for (const FusionExample& example : examples) {
    for (const FusionExample::Option& option : example.options) {
      for (size_t f = 0; f < kFusionFeatureCount; ++f) occurs[f] = occurs[f] || option.features[f] != 0;
    }
  }
  constexpr int kSteps = 600;
  constexpr double kRidge = 1.0;  // as many examples' worth
  const double ridge = kRidge / std::max<double>(1, static_cast<double>(examples.size()));
  std::vector<double> first(kParameters);
  std::vector<double> second(kParameters);
  std::vector<double> gradient;
  for (int step = 1; step <= kSteps; ++step) {
    FusionLoss(examples, fit.model, &gradient);
    const double rate = 0.05 * (1 - static_cast<double>(step) / (kSteps + 1));
    for (size_t i = 0; i < kParameters; ++i) {
      const bool is_weight = i < kFusionFeatureCount;
      if (is_weight && !occurs[i]) continue;
      double& value = is_weight ? fit.model.weights[i] : fit.model.bias[i - kFusionFeatureCount];
      const double slope = gradient[i] + ridge * (value - (is_weight ? start.weights[i] : 0));
      first[i] = 0.9 * first[i] + 0.1 * slope;
      second[i] = 0.999 * second[i] + 0.001 * slope * slope;
      value -= rate * (first[i] / (1 - std::pow(0.9, step))) /
               (std::sqrt(second[i] / (1 - std::pow(0.999, step))) + 1e-8);
    }
    Project(&fit.model);
  }
  fit.loss_after = FusionLoss(examples, fit.model, nullptr);
  return fit;
}

void FitTemperatures(std::span<const FusionExample> examples, FusionModel* model) {
  std::array<int64_t, kEntityTypeCount> true_spans{};
  for (const FusionExample& example : examples) {
    if (example.truth >= 0) ++true_spans[IndexOf(example.options[static_cast<size_t>(example.truth)].type)];
  }
  for (size_t type = 0; type < kEntityTypeCount; ++type) {
    if (true_spans[type] < kLeastTrue) continue;
    double best = FusionLoss(examples, *model, nullptr);
    double chosen = model->temperature[type];
    // Steps of a tenth, each way, from 0.4 to 4.
    for (double temperature = 0.4; temperature <= 4; temperature *= 1.1) {
      model->temperature[type] = temperature;
      const double loss = FusionLoss(examples, *model, nullptr);
      if (loss < best) {
        best = loss;
        chosen = temperature;
      }
    }
    model->temperature[type] = chosen;
  }
}

}  // namespace privet
