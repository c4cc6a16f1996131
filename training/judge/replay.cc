#include "training/judge/replay.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "pipeline/policy.h"
#include "pipeline/repeats.h"
#include "pipeline/selection.h"
#include "rules/rule_set.h"

namespace privet {
namespace {

// Texts that share forwards. Enough to fill batches, few enough that a progress line moves.
constexpr size_t kTextsAtOnce = 64;

absl::StatusOr<std::shared_ptr<const CompiledPolicy>> PolicyOf(const Limits& limits, const TypeSet& models,
                                                               double tau) {
  Offer offer;
  offer.model_types = models;
  OperatingPoint point;
  point.name = kDefaultOperatingPoint;
  point.tau = tau;
  offer.operating_points = {point};
  return CompilePolicy({}, limits, offer);
}

// What the pipeline does once candidates are known.
std::vector<Finding> Choose(const JudgedText& text, const Variant& variant, std::vector<Finding> candidates) {
  std::vector<Finding> findings = SelectWithoutOverlaps(std::move(candidates));
  AddRepeats(text.record.text, variant.min_score, Limits().max_findings, /*stop=*/{}, &findings)
      .IgnoreError();  // nothing stops it
  return findings;
}

}  // namespace

absl::StatusOr<Readings> ReadTexts(const Detector& detector, const TypeSet& model_types, double tau,
                                   std::vector<LabeledRecord> records, const ReadingProgress& progress) {
  const auto policy = PolicyOf(detector.limits(), model_types, tau);
  if (!policy.ok()) return policy.status();
  Readings readings;
  for (const RuleSpec& rule : detector.rules().specs()) readings.rule_types.set(IndexOf(rule.type));
  readings.types = readings.rule_types | model_types;
  readings.stage2_types = detector.stage2_types();
  readings.texts.reserve(records.size());
  for (size_t begin = 0; begin < records.size(); begin += kTextsAtOnce) {
    const size_t end = std::min(begin + kTextsAtOnce, records.size());
    std::vector<std::string_view> texts;
    for (size_t i = begin; i < end; ++i) {
      Unescape(&records[i]);
      texts.push_back(records[i].text);
    }
    auto proposals = detector.ProposeEach(texts, **policy);
    for (size_t i = begin; i < end; ++i) {
      if (auto& proposed = proposals[i - begin]; proposed.ok()) {
        readings.texts.push_back({std::move(records[i]), *std::move(proposed)});
      } else {
        readings.failed.push_back(absl::StrCat(records[i].origin, ": ", proposed.status().message()));
      }
    }
    if (progress) progress(end, records.size());
  }
  return readings;
}

TypeThresholds MinScoresOf(const OperatingPoint& point, bool has_han) {
  TypeThresholds thresholds{};
  for (const EntityTypeSpec& spec : Taxonomy())
    thresholds[IndexOf(spec.type)] = MinScoreOf(point, spec.type, has_han);
  return thresholds;
}

TypeThresholds TausOf(const OperatingPoint& point) {
  TypeThresholds thresholds{};
  for (const EntityTypeSpec& spec : Taxonomy()) thresholds[IndexOf(spec.type)] = TauOf(point, spec.type);
  return thresholds;
}

TypeThresholds Everywhere(double threshold) {
  TypeThresholds thresholds{};
  thresholds.fill(threshold);
  return thresholds;
}

bool SeenBy(const Variant& variant, const TypeSet& stage2_types, ProposedSpan* proposal) {
  if (!variant.rules) proposal->rules.clear();
  if (!variant.stage1) {
    proposal->stage1.reset();
    proposal->proposed.reset();
  }
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    const bool proposed = proposal->proposed.test(t) && proposal->stage1.has_value() &&
                          ProbabilityOf(*proposal->stage1, Taxonomy()[t].type) >= variant.tau[t];
    proposal->proposed.set(t, proposed);
  }
  if (!variant.stage1 || !variant.stage2 || !AsksStage2(*proposal, stage2_types)) proposal->stage2.reset();
  return proposal->proposed.any() || !proposal->rules.empty();
}

std::vector<Finding> Candidates(std::span<const ProposedSpan> proposals, const Variant& variant,
                                const TypeSet& stage2_types) {
  std::vector<Finding> candidates;
  for (const ProposedSpan& proposal : proposals) {
    ProposedSpan seen = proposal;
    if (SeenBy(variant, stage2_types, &seen)) {
      Decide(std::move(seen), variant.fusion, variant.min_score, &candidates);
    }
  }
  std::erase_if(candidates, [&](const Finding& f) { return f.score < variant.min_score[IndexOf(f.type)]; });
  return candidates;
}

std::vector<Finding> Replay(const JudgedText& text, const Variant& variant, const TypeSet& stage2_types) {
  return Choose(text, variant, Candidates(text.proposals, variant, stage2_types));
}

TypeThresholds LeastScores(double threshold, const TypeSet& rule_types) {
  TypeThresholds thresholds = Everywhere(threshold);
  for (size_t t = 0; t < kEntityTypeCount; ++t) {
    if (rule_types.test(t)) thresholds[t] = std::max(threshold, kLeastGated);
  }
  return thresholds;
}

void ReplayAtEach(const Readings& readings, const JudgedText& text, Variant variant,
                  std::span<const double> thresholds,
                  const std::function<void(size_t, std::vector<Finding>)>& take) {
  std::optional<std::vector<Finding>> candidates;  // at the first threshold that is the same for all types
  for (size_t i = 0; i < thresholds.size(); ++i) {
    variant.min_score = LeastScores(thresholds[i], readings.rule_types);
    if (thresholds[i] < kLeastGated) {
      take(i, Replay(text, variant, readings.stage2_types));
      continue;
    }
    if (!candidates.has_value()) candidates = Candidates(text.proposals, variant, readings.stage2_types);
    std::erase_if(*candidates, [&](const Finding& f) { return f.score < thresholds[i]; });
    take(i, Choose(text, variant, *candidates));
  }
}

}  // namespace privet
