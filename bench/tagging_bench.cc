// Measures the lattice on one core, per window: from scores to all spans above tau, beside the time of a
// plain log-softmax over the same scores in the same run (the least that any head has to pay).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "core/taxonomy.h"
#include "tagging/best_path.h"
#include "tagging/span_marginals.h"
#include "timing.h"

namespace privet::bench {
namespace {

LabelScheme SchemeOfAllTypes() {
  std::vector<std::string> labels = {"O"};
  for (const EntityTypeSpec& spec : Taxonomy()) {
    for (const char* tag : {"B-", "I-", "E-", "S-"}) labels.push_back(tag + std::string(spec.id));
  }
  return *LabelScheme::FromLabels(labels);
}

// Scores as a tagger of middling quality gives them: O mostly, now and then a span, of which it is unsure.
std::vector<float> Scores(const LabelScheme& scheme, size_t tokens, std::mt19937* random) {
  const size_t labels = scheme.label_count();
  std::normal_distribution<float> noise(0, 1.5F);
  std::vector<float> scores(tokens * labels);
  for (float& score : scores) score = noise(*random) - 8;
  size_t open_for = 0, type = 0;
  for (size_t k = 0; k < tokens; ++k) {
    float* row = scores.data() + k * labels;
    row[scheme.outside_label()] += open_for > 0 ? 9 : 12;
    if (open_for == 0 && (*random)() % 15 == 0) {
      open_for = 1 + (*random)() % 6;
      type = (*random)() % scheme.types().size();
      if (const auto label = scheme.LabelOf(open_for == 1 ? Tag::Single : Tag::Begin, type))
        row[*label] += 12;
    } else if (open_for > 0) {
      if (const auto label = scheme.LabelOf(open_for == 1 ? Tag::End : Tag::Inside, type)) row[*label] += 11;
    }
    if (open_for > 0) --open_for;
  }
  return scores;
}

float LogSoftmax(const std::vector<float>& scores, size_t labels, std::vector<float>* out) {
  for (size_t at = 0; at < scores.size(); at += labels) {
    const float* row = scores.data() + at;
    const float most = *std::max_element(row, row + labels);
    float sum = 0;
    for (size_t i = 0; i < labels; ++i) sum += std::exp(row[i] - most);
    const float log_sum = most + std::log(sum);
    for (size_t i = 0; i < labels; ++i) (*out)[at + i] = row[i] - log_sum;
  }
  return (*out)[0];
}

void Measure(const LabelScheme& scheme, size_t tokens, double tau) {
  constexpr int kRuns = 101;
  std::mt19937 random(1);
  const std::vector<float> scores = Scores(scheme, tokens, &random);
  TypeThresholds thresholds;
  thresholds.fill(tau);
  std::vector<float> normalised(scores.size());
  volatile float sink = 0;
  const Seconds softmax =
      TimeRuns(kRuns, [&] { sink = LogSoftmax(scores, scheme.label_count(), &normalised); });
  const Seconds chain = TimeRuns(kRuns, [&] { sink = Chain::FromScores(scheme, scores)->outside(0); });
  const Chain built = *Chain::FromScores(scheme, scores);
  const Seconds forward_backward =
      TimeRuns(kRuns, [&] { sink = static_cast<float>(SpanMarginals(built).chain().tokens()); });
  const SpanMarginals marginals(built);
  size_t found = 0;
  const Seconds search = TimeRuns(kRuns, [&] { found = marginals.FindSpans(thresholds, 100000).size(); });
  const Seconds viterbi = TimeRuns(kRuns, [&] { sink = static_cast<float>(BestPath(built).size()); });
  const double whole = chain.median + forward_backward.median + search.median;
  std::printf("%6zu %6zu %7.4f %9.0f %9.0f %9.0f %9.0f %9.0f %9.0f %8.2fx %10.1f\n", tokens,
              scheme.label_count(), tau, chain.median * 1e6, forward_backward.median * 1e6,
              search.median * 1e6, whole * 1e6, viterbi.median * 1e6, softmax.median * 1e6,
              whole / softmax.median, 100 * static_cast<double>(found) / static_cast<double>(tokens));
}

int Run() {
  const LabelScheme scheme = SchemeOfAllTypes();
  std::printf("%6s %6s %7s %9s %9s %9s %9s %9s %9s %9s %10s\n", "tokens", "labels", "tau", "chain us",
              "f-b us", "search us", "whole us", "viterbi", "softmax", "ratio", "spans/100");
  for (const size_t tokens : {size_t{64}, size_t{512}, size_t{2048}}) {
    for (const double tau : {0.1, 0.01, 0.001}) Measure(scheme, tokens, tau);
  }
  return 0;
}

}  // namespace
}  // namespace privet::bench

int main() { return privet::bench::Run(); }
