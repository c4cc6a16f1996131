// Texts whose entities are written into them, and what a pipeline knew of them, made up span by span.
#ifndef PRIVET_TESTS_TRAINING_JUDGE_SAMPLE_TEXTS_H_
#define PRIVET_TESTS_TRAINING_JUDGE_SAMPLE_TEXTS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagging/log_odds.h"
#include "training/judge/replay.h"

namespace privet {

inline Span SpanOf(std::string_view text, std::string_view piece) {
  const size_t begin = text.find(piece);
  return {begin, begin + piece.size()};
}

using Pieces = std::vector<std::pair<std::string, EntityType>>;

// A record whose entities are the first places of these pieces.
inline LabeledRecord RecordOf(const std::string& text, const Pieces& entities) {
  LabeledRecord record;
  record.text = text;
  for (const auto& [piece, type] : entities) record.spans.push_back({SpanOf(text, piece), type});
  record.origin = "sample.jsonl:1";
  return record;
}

inline Finding FindingOf(std::string_view text, std::string_view piece, EntityType type, double score = 0.9) {
  Finding finding = {SpanOf(text, piece), type, score, false, {}};
  finding.evidence.emplace_back();
  finding.evidence.back().source = "rule";
  finding.evidence.back().score = score;
  return finding;
}

// What a stage says: this type with this probability, and none of the other `known` types.
inline SpanReading Says(EntityType type, double probability,
                        const std::vector<EntityType>& known = {EntityType::PERSON, EntityType::LOCATION}) {
  TypeSet set;
  for (const EntityType k : known) set.set(IndexOf(k));
  std::array<double, kEntityTypeCount> probabilities{};
  probabilities[IndexOf(type)] = probability;
  return ReadingOf(set, probabilities);
}

inline ProposedSpan ProposedBy(std::string_view text, std::string_view piece, EntityType type, double stage1,
                               std::optional<double> stage2 = std::nullopt) {
  ProposedSpan proposal;
  proposal.span = SpanOf(text, piece);
  proposal.proposed.set(IndexOf(type));
  proposal.probability = stage1;
  proposal.stage1 = Says(type, stage1);
  if (stage2.has_value()) proposal.stage2 = Says(type, *stage2);
  return proposal;
}

// Both stages, no rules, one least score for all.
inline Variant BothStages(double min_score, double tau = 0.05) {
  Variant variant;
  variant.min_score = Everywhere(min_score);
  variant.tau = Everywhere(tau);
  return variant;
}

}  // namespace privet

#endif  // PRIVET_TESTS_TRAINING_JUDGE_SAMPLE_TEXTS_H_
