// Every valid labelling of a short window, one by one: what the lattice's answers are compared with. Knows of
// labels and LabelScheme only, nothing of chains.
#ifndef PRIVET_TESTS_TAGGING_BRUTE_FORCE_H_
#define PRIVET_TESTS_TAGGING_BRUTE_FORCE_H_

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tagging/chain.h"
#include "tagging/label_scheme.h"
#include "tagging/token_range.h"

namespace privet {

struct PlainSpan {
  TokenRange tokens;
  EntityType type;
  friend bool operator==(const PlainSpan&, const PlainSpan&) = default;
  friend auto operator<=>(const PlainSpan&, const PlainSpan&) = default;
};

// The spans that a valid labelling writes, by the books: from each B or S to the E, to itself, or in BIO to
// the last I.
inline std::vector<PlainSpan> SpansOf(const LabelScheme& scheme, std::span<const size_t> labelling) {
  std::vector<PlainSpan> spans;
  for (size_t i = 0; i < labelling.size(); ++i) {
    switch (scheme.tag(labelling[i])) {
      case Tag::Outside:
        break;
      case Tag::Begin:
      case Tag::Single:
        spans.push_back({{i, i + 1}, scheme.types()[scheme.type_index(labelling[i])]});
        break;
      case Tag::Inside:
      case Tag::End:
        spans.back().tokens.end = i + 1;
        break;
    }
  }
  return spans;
}

// Calls `visit` with each valid labelling of the window and its weight.
inline void ForEachLabelling(const LabelScheme& scheme, std::span<const float> scores,
                             const std::function<void(std::span<const size_t>, long double)>& visit) {
  const size_t labels = scheme.label_count();
  const size_t tokens = scores.size() / labels;
  std::vector<size_t> labelling;
  const std::function<void(long double)> extend = [&](long double weight) {
    if (labelling.size() == tokens) {
      if (tokens == 0 || scheme.MayEnd(labelling.back())) visit(labelling, weight);
      return;
    }
    const std::span<const float> row = scores.subspan(labelling.size() * labels, labels);
    const float most = *std::max_element(row.begin(), row.end());
    for (size_t next = 0; next < labels; ++next) {
      if (labelling.empty() ? !scheme.MayStart(next) : !scheme.MayFollow(labelling.back(), next)) continue;
      const long double score = std::max(row[next] - most, Chain::kLowestScore);
      labelling.push_back(next);
      extend(weight * std::exp(score));
      labelling.pop_back();
    }
  };
  extend(1);
}

struct BruteForce {
  std::map<PlainSpan, double> marginals;  // of every span that some labelling has
  std::vector<double> outside;            // by token: the probability that it is in no span
  std::vector<PlainSpan> best;            // of the most probable labelling
  double best_probability = 0;
};

inline BruteForce Enumerate(const LabelScheme& scheme, std::span<const float> scores) {
  long double sum = 0, most = -1;
  std::map<PlainSpan, long double> mass;
  std::vector<long double> outside(scores.size() / scheme.label_count(), 0);
  BruteForce result;
  ForEachLabelling(scheme, scores, [&](std::span<const size_t> labelling, long double weight) {
    sum += weight;
    const std::vector<PlainSpan> spans = SpansOf(scheme, labelling);
    for (const PlainSpan& span : spans) mass[span] += weight;
    for (size_t i = 0; i < labelling.size(); ++i) {
      if (labelling[i] == scheme.outside_label()) outside[i] += weight;
    }
    if (weight > most) {
      most = weight;
      result.best = spans;
    }
  });
  for (const auto& [span, weight] : mass) result.marginals[span] = static_cast<double>(weight / sum);
  for (const long double weight : outside) result.outside.push_back(static_cast<double>(weight / sum));
  result.best_probability = static_cast<double>(most / sum);
  return result;
}

// A random scheme of one to three types, at times with tags left out, its labels in random order.
inline std::vector<std::string> RandomLabels(std::mt19937* random) {
  const bool bioes = (*random)() % 2 == 0;
  std::vector<std::string> labels = {"O"};
  std::vector<std::string> types = {"PERSON", "ADDRESS", "SECRET"};
  std::shuffle(types.begin(), types.end(), *random);
  types.resize(1 + (*random)() % 3);
  for (const std::string& type : types) {
    const bool has_rest = (*random)() % 5 != 0;
    if (bioes) {
      for (const char* tag : {"B-", "E-"}) labels.push_back(tag + type);
      if (has_rest || type == types[0]) labels.push_back("S-" + type);
      if (has_rest) labels.push_back("I-" + type);
    } else {
      labels.push_back("B-" + type);
      if (has_rest) labels.push_back("I-" + type);
    }
  }
  std::shuffle(labels.begin(), labels.end(), *random);
  return labels;
}

// Normal scores of that deviation; `extreme` ones jump to the ends of float's range and to -infinity.
inline std::vector<float> RandomScores(size_t tokens, size_t labels, float deviation, bool extreme,
                                       std::mt19937* random) {
  constexpr float kExtremes[] = {-1e30F, -3e38F, 3e38F, -500, 500, -79, -90, 0};
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> scores(tokens * labels);
  for (float& score : scores) {
    score = normal(*random);
    if (extreme && (*random)() % 3 == 0) score = kExtremes[(*random)() % std::size(kExtremes)];
    if (extreme && (*random)() % 8 == 0) score = -INFINITY;
  }
  // A row needs one score that is finite.
  for (size_t i = 0; extreme && i < tokens; ++i) scores[i * labels + (*random)() % labels] = 0;
  return scores;
}

}  // namespace privet

#endif  // PRIVET_TESTS_TAGGING_BRUTE_FORCE_H_
