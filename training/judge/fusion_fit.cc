#include "training/judge/fusion_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace privet {
namespace {

constexpr size_t kParameters = kFusionFeatureCount + kEntityTypeCount;
constexpr double kMost = 100;  // of a weight or bias, as ParseFusionModel has it
constexpr double kLowestTemperature = 0.05, kHighestTemperature = 20;

using Parameters = std::array<double, kParameters>;

Parameters ParametersOf(const FusionModel& model) {
  Parameters parameters{};
  std::copy(model.weights.begin(), model.weights.end(), parameters.begin());
  std::copy(model.bias.begin(), model.bias.end(), parameters.begin() + kFusionFeatureCount);
  return parameters;
}

FusionModel ModelOf(const Parameters& parameters) {
  FusionModel model;
  std::copy_n(parameters.begin(), kFusionFeatureCount, model.weights.begin());
  std::copy_n(parameters.begin() + kFusionFeatureCount, kEntityTypeCount, model.bias.begin());
  return model;
}

double LeastOf(size_t parameter) {
  const bool may_be_negative =
      parameter >= kFusionFeatureCount || parameter == static_cast<size_t>(FusionFeature::RulePresent);
  return may_be_negative ? -kMost : 0;
}

double LogitOf(const FusionModel& model, const FusionSample::TypeFeatures& type) {
  return model.bias[IndexOf(type.type)] +
         std::inner_product(type.features.begin(), type.features.end(), model.weights.begin(), 0.0);
}

// P of each of the sample's types; adds -log P(truth) to the loss.
std::vector<double> Probabilities(const FusionModel& model, const FusionSample& sample, double* loss) {
  std::vector<double> p;
  double highest = 0, truth = 0;
  for (const auto& type : sample.types) {
    p.push_back(LogitOf(model, type) / model.temperature[IndexOf(type.type)]);
    highest = std::max(highest, p.back());
    if (sample.truth == type.type) truth = p.back();
  }
  double sum = std::exp(-highest);
  for (double& logit : p) sum += logit = std::exp(logit - highest);
  for (double& share : p) share /= sum;
  *loss += highest + std::log(sum) - truth;
  return p;
}

// Solves H x = g for the free parameters by Cholesky's method; x is 0 elsewhere. H is positive definite, as
// the prior on its diagonal sees to.
std::vector<double> NewtonStep(const FusionLoss& loss, const std::vector<size_t>& free) {
  const size_t n = free.size();
  std::vector<double> lower(n * n), x(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = loss.hessian[free[i] * kParameters + free[j]];
      for (size_t k = 0; k < j; ++k) sum -= lower[i * n + k] * lower[j * n + k];
      lower[i * n + j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / lower[j * n + j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    double sum = loss.gradient[free[i]];
    for (size_t k = 0; k < i; ++k) sum -= lower[i * n + k] * x[k];
    x[i] = sum / lower[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) x[i] -= lower[k * n + i] * x[k];
    x[i] /= lower[i * n + i];
  }
  std::vector<double> step(kParameters);
  for (size_t i = 0; i < n; ++i) step[free[i]] = x[i];
  return step;
}

// Parameters that some sample has a say in and that no bound holds back.
std::vector<size_t> FreeParameters(const Parameters& at, const FusionLoss& loss,
                                   const std::vector<bool>& occurs) {
  std::vector<size_t> free;
  for (size_t i = 0; i < kParameters; ++i) {
    const bool held =
        (at[i] <= LeastOf(i) && loss.gradient[i] > 0) || (at[i] >= kMost && loss.gradient[i] < 0);
    if (occurs[i] && !held) free.push_back(i);
  }
  return free;
}

std::vector<bool> Occurring(std::span<const FusionSample> samples) {
  std::vector<bool> occurs(kParameters);
  for (const FusionSample& sample : samples) {
    for (const auto& type : sample.types) {
      occurs[kFusionFeatureCount + IndexOf(type.type)] = true;
      for (size_t i = 0; i < kFusionFeatureCount; ++i) occurs[i] = occurs[i] || type.features[i] != 0;
    }
  }
  return occurs;
}

double PrecisionOf(const FusionPrior& prior, size_t parameter) {
  return parameter < kFusionFeatureCount ? prior.weights : prior.biases;
}

double LossValue(const FusionModel& model, std::span<const FusionSample> samples, const FusionPrior& prior) {
  double loss = 0;
  for (const FusionSample& sample : samples) Probabilities(model, sample, &loss);
  const Parameters at = ParametersOf(model), origin = ParametersOf(FusionModel());
  for (size_t i = 0; i < kParameters; ++i)
    loss += PrecisionOf(prior, i) / 2 * (at[i] - origin[i]) * (at[i] - origin[i]);
  return loss;
}

}  // namespace

void AppendSamples(const JudgedText& text, const Variant& variant, const TypeSet& stage2_types,
                   std::vector<FusionSample>* samples) {
  const LabeledRecord& record = text.record;
  for (const ProposedSpan& proposal : text.proposals) {
    ProposedSpan seen = proposal;
    if (!SeenBy(variant, stage2_types, &seen) || seen.conclusive()) continue;
    const TypeSet known = seen.known();
    TypeSet suspected = seen.proposed;
    std::vector<RuleOpinion> rules;
    for (const Finding& rule : seen.rules) {
      if (!known.test(IndexOf(rule.type))) continue;  // not up to the fusion
      rules.push_back({rule.type, rule.score});
      suspected.set(IndexOf(rule.type));
    }
    if (suspected.none()) continue;
    FusionSample sample;
    for (const LabeledSpan& entity : record.spans) {
      if (entity.span == seen.span && known.test(IndexOf(entity.type))) sample.truth = entity.type;
    }
    if (!sample.truth.has_value() && (suspected & ~record.covers).any()) continue;
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (known.test(IndexOf(spec.type)))
        sample.types.push_back({spec.type, FeaturesOf({seen.stage1, seen.stage2, rules}, spec.type)});
    }
    samples->push_back(std::move(sample));
  }
}

FusionLoss FusionLossOf(const FusionModel& model, std::span<const FusionSample> samples,
                        const FusionPrior& prior) {
  FusionLoss loss = {0, std::vector<double>(kParameters), std::vector<double>(kParameters * kParameters)};
  auto& h = loss.hessian;
  for (const FusionSample& sample : samples) {
    const std::vector<double> p = Probabilities(model, sample, &loss.value);
    // d logit(t) / d parameters is (features(t), one at t's bias); the loss's Hessian is the covariance of
    // these under p, with none's all zero.
    FusionFeatures mean{};
    for (size_t a = 0; a < p.size(); ++a) {
      const auto& type = sample.types[a];
      const double error = p[a] - (sample.truth == type.type ? 1 : 0);
      loss.gradient[kFusionFeatureCount + IndexOf(type.type)] += error;
      for (size_t i = 0; i < kFusionFeatureCount; ++i) {
        loss.gradient[i] += error * type.features[i];
        mean[i] += p[a] * type.features[i];
      }
    }
    for (size_t a = 0; a < p.size(); ++a) {
      const auto& type = sample.types[a];
      const size_t bias = kFusionFeatureCount + IndexOf(type.type);
      for (size_t i = 0; i < kFusionFeatureCount; ++i) {
        const double cross = p[a] * (type.features[i] - mean[i]);
        h[i * kParameters + bias] += cross;
        h[bias * kParameters + i] += cross;
        for (size_t j = 0; j < kFusionFeatureCount; ++j) h[i * kParameters + j] += cross * type.features[j];
      }
      for (size_t b = 0; b < p.size(); ++b) {
        const size_t other = kFusionFeatureCount + IndexOf(sample.types[b].type);
        h[bias * kParameters + other] += (a == b ? p[a] : 0) - p[a] * p[b];
      }
    }
  }
  const Parameters at = ParametersOf(model), origin = ParametersOf(FusionModel());
  for (size_t i = 0; i < kParameters; ++i) {
    const double precision = PrecisionOf(prior, i);
    loss.value += precision / 2 * (at[i] - origin[i]) * (at[i] - origin[i]);
    loss.gradient[i] += precision * (at[i] - origin[i]);
    h[i * kParameters + i] += precision;
  }
  return loss;
}

FusionModel FitFusion(std::span<const FusionSample> samples, const FusionFitOptions& options) {
  constexpr double kEnough = 1e-9;  // of the loss, relative
  const std::vector<bool> occurs = Occurring(samples);
  Parameters at = ParametersOf(FusionModel());
  for (size_t step = 0; step < options.max_steps; ++step) {
    const FusionLoss loss = FusionLossOf(ModelOf(at), samples, options.prior);
    const std::vector<double> direction = NewtonStep(loss, FreeParameters(at, loss, occurs));
    // Shorter and shorter until the loss falls as a step of that length should (Armijo).
    bool moved = false;
    double gained = 0;
    for (int halvings = 0; halvings < 34 && !moved; ++halvings) {
      const double length = std::ldexp(1.0, -halvings);
      Parameters next = at;
      double expected = 0;
      for (size_t i = 0; i < kParameters; ++i) {
        next[i] = std::clamp(at[i] - length * direction[i], LeastOf(i), kMost);
        expected += loss.gradient[i] * (at[i] - next[i]);
      }
      gained = loss.value - LossValue(ModelOf(next), samples, options.prior);
      moved = expected > 0 && gained >= 1e-4 * expected;
      if (moved) at = next;
    }
    if (!moved || gained <= kEnough * std::max(1.0, loss.value)) break;
  }
  return ModelOf(at);
}

void FitTemperatures(std::span<const FusionSample> samples, size_t least_entities, FusionModel* model) {
  constexpr int kSweeps = 3, kNarrowings = 40;
  const double golden = (std::sqrt(5.0) - 1) / 2;
  std::array<size_t, kEntityTypeCount> entities{};
  for (const FusionSample& sample : samples) {
    if (sample.truth.has_value()) ++entities[IndexOf(*sample.truth)];
  }
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const EntityTypeSpec& spec : Taxonomy()) {
      const size_t t = IndexOf(spec.type);
      if (entities[t] < std::max<size_t>(least_entities, 1)) continue;
      // The loss depends on this type's temperature through one logit: log(rest + exp(logit / T)), where the
      // rest is a log-sum that does not move.
      struct Term {
        double logit, log_rest;
        bool is_truth;
      };
      std::vector<Term> terms;
      for (const FusionSample& sample : samples) {
        Term term = {0, 0, sample.truth == spec.type};
        bool speaks = false;
        double rest = 1;  // none's
        for (const auto& type : sample.types) {
          const double logit = LogitOf(*model, type);
          if (type.type == spec.type) {
            speaks = true;
            term.logit = logit;
          } else {
            rest += std::exp(std::min(logit / model->temperature[IndexOf(type.type)], 600.0));
          }
        }
        term.log_rest = std::log(rest);
        if (speaks) terms.push_back(term);
      }
      const auto loss_at = [&](double log_temperature) {
        double loss = log_temperature * log_temperature / 2;
        for (const Term& term : terms) {
          const double scaled = term.logit / std::exp(log_temperature);
          const double high = std::max(scaled, term.log_rest), low = std::min(scaled, term.log_rest);
          loss += high + std::log1p(std::exp(low - high)) - (term.is_truth ? scaled : 0);
        }
        return loss;
      };
      double low = std::log(kLowestTemperature), high = std::log(kHighestTemperature);
      for (int i = 0; i < kNarrowings; ++i) {
        const double a = high - golden * (high - low), b = low + golden * (high - low);
        (loss_at(a) <= loss_at(b) ? high : low) = loss_at(a) <= loss_at(b) ? b : a;
      }
      model->temperature[t] = std::clamp(std::exp((low + high) / 2), kLowestTemperature, kHighestTemperature);
    }
  }
}

double MeanLoss(const FusionModel& model, std::span<const FusionSample> samples) {
  double loss = 0;
  for (const FusionSample& sample : samples) Probabilities(model, sample, &loss);
  return samples.empty() ? 0 : loss / static_cast<double>(samples.size());
}

}  // namespace privet
