#include "stage2_filter/fusion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tagging/log_odds.h"

namespace privet {
namespace {

const RuleOpinion* RuleFor(const SpanOpinions& opinions, EntityType type) {
  const auto found = std::find_if(opinions.rules.begin(), opinions.rules.end(),
                                  [&](const RuleOpinion& rule) { return rule.type == type; });
  return found == opinions.rules.end() ? nullptr : &*found;
}

// What a stage says of a type; nothing where it did not run or does not know the type.
std::optional<double> LogOddsFrom(const std::optional<SpanReading>& stage, EntityType type) {
  if (!stage.has_value() || !stage->known.test(IndexOf(type))) return std::nullopt;
  return stage->log_odds[IndexOf(type)];
}

TypeSet TypesSpokenOf(const SpanOpinions& opinions) {
  TypeSet types;
  if (opinions.stage1.has_value()) types |= opinions.stage1->known;
  if (opinions.stage2.has_value()) types |= opinions.stage2->known;
  for (const RuleOpinion& rule : opinions.rules) types.set(IndexOf(rule.type));
  return types;
}

bool StaysReadable(EntityType type) { return Describe(type).treatment == Treatment::Keep; }

TypeSet TypesOfRules(const SpanOpinions& opinions, double least_score) {
  TypeSet types;
  for (const RuleOpinion& rule : opinions.rules) types.set(IndexOf(rule.type), rule.score >= least_score);
  return types;
}

bool RuleHides(const SpanOpinions& opinions) {
  return std::any_of(opinions.rules.begin(), opinions.rules.end(), [](const RuleOpinion& rule) {
    return rule.score >= kTrustedRuleScore && !StaysReadable(rule.type);
  });
}

// A password that a rule found: what models say that it looks like says that it is one.
void NameSecret(const SpanOpinions& opinions, FusedSpan* fused) {
  const size_t secret = IndexOf(EntityType::SECRET);
  if (!TypesOfRules(opinions, kTrustedRuleScore).test(secret)) return;
  const TypeSet of_rules = TypesOfRules(opinions, 0);
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (!of_rules.test(t)) fused->probability[secret] += std::exchange(fused->probability[t], 0);
  }
}

}  // namespace

FusionFeatures FeaturesOf(const SpanOpinions& opinions, EntityType type) {
  FusionFeatures features{};
  const auto feature = [&](FusionFeature name) -> double& { return features[static_cast<size_t>(name)]; };
  const std::optional<double> stage1 = LogOddsFrom(opinions.stage1, type);
  const std::optional<double> stage2 = LogOddsFrom(opinions.stage2, type);
  if (stage1.has_value() && stage2.has_value()) {
    feature(FusionFeature::Stage1) = *stage1;
    feature(FusionFeature::Stage2) = *stage2;
  } else if (stage1.has_value() || stage2.has_value()) {
    feature(FusionFeature::Alone) = stage1.has_value() ? *stage1 : *stage2;
  }
  if (const RuleOpinion* rule = RuleFor(opinions, type)) {
    const bool beside_a_stage = stage1.has_value() || stage2.has_value();
    feature(beside_a_stage ? FusionFeature::Rule : FusionFeature::RuleAlone) = LogOddsOf(rule->score);
    feature(FusionFeature::RulePresent) = beside_a_stage ? 1 : 0;
  }
  return features;
}

FusedSpan Fuse(const FusionModel& model, const SpanOpinions& opinions) {
  // Softmax, from the highest logit down so that none overflows; none's is 0.
  TypeSet types = TypesSpokenOf(opinions);
  if (RuleHides(opinions)) {
    for (const EntityTypeSpec& spec : Taxonomy()) {
      if (StaysReadable(spec.type)) types.reset(IndexOf(spec.type));
    }
  }
  std::array<double, kEntityTypeCount> logits{};
  double highest = 0;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const size_t t = IndexOf(spec.type);
    if (!types.test(t)) continue;
    const FusionFeatures features = FeaturesOf(opinions, spec.type);
    double logit = model.bias[t];
    for (size_t i = 0; i < kFusionFeatureCount; ++i) logit += model.weights[i] * features[i];
    logits[t] = logit / model.temperature[t];
    if (const RuleOpinion* rule = RuleFor(opinions, spec.type);
        rule != nullptr && rule->score >= kTrustedRuleScore)
      logits[t] = std::max(logits[t], LogOddsOf(rule->score));
    highest = std::max(highest, logits[t]);
  }
  FusedSpan fused;
  fused.none = std::exp(-highest);
  double sum = fused.none;
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (types.test(t)) sum += fused.probability[t] = std::exp(logits[t] - highest);
  }
  for (double& probability : fused.probability) probability /= sum;
  fused.none /= sum;
  NameSecret(opinions, &fused);
  return fused;
}

std::optional<Judgement> Judge(const FusedSpan& fused, const TypeThresholds& thresholds) {
  std::optional<Judgement> judgement;
  for (const EntityTypeSpec& spec : Taxonomy()) {
    const double probability = fused.probability[IndexOf(spec.type)];
    // A type that nobody spoke of is never found, even where any probability would do.
    if (probability <= (judgement.has_value() ? judgement->probability : 0)) continue;
    if (probability >= thresholds[IndexOf(spec.type)]) judgement = {spec.type, probability};
  }
  return judgement;
}

std::optional<Judgement> JudgeTrusted(const FusedSpan& fused, const TypeThresholds& thresholds) {
  if (std::optional<Judgement> judgement = Judge(fused, thresholds)) return judgement;
  const auto likeliest = std::max_element(fused.probability.begin(), fused.probability.end());
  const EntityType type = Taxonomy()[static_cast<size_t>(likeliest - fused.probability.begin())].type;
  const double anything = 1 - fused.none;
  if (*likeliest <= 0 || anything < thresholds[IndexOf(type)]) return std::nullopt;
  return Judgement{type, anything};
}

}  // namespace privet
