// Any labels, any scores: what is read is sound, and so is every answer of the lattice.
//
// The input is labels, one a line, up to a byte 0xFF; then two bytes for tau; then scores, four bytes each as
// a float's bits lie in memory.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "tagging/best_path.h"
#include "tagging/span_marginals.h"

namespace privet {
namespace {

void Check(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

void CheckScheme(const LabelScheme& scheme) {
  for (size_t label = 0; label < scheme.label_count(); ++label) {
    if (label == scheme.outside_label()) continue;
    Check(scheme.LabelOf(scheme.tag(label), scheme.type_index(label)) == label,
          "each label is found by its tag and type");
    bool is_reached = scheme.MayStart(label), is_left = scheme.MayEnd(label);
    for (size_t other = 0; other < scheme.label_count(); ++other) {
      is_reached = is_reached || scheme.MayFollow(other, label);
      is_left = is_left || scheme.MayFollow(label, other);
    }
    Check(is_reached && is_left, "each label can stand in a sequence");
  }
}

bool IsProbability(double p) { return p >= 0 && p <= 1; }

void CheckSpans(const SpanMarginals& marginals, double tau, size_t max_spans) {
  TypeThresholds thresholds;
  thresholds.fill(tau);
  const size_t tokens = marginals.chain().tokens();
  const std::vector<TaggedSpan> found = marginals.FindSpans(thresholds, max_spans);
  Check(found.size() <= max_spans, "no more spans than asked for");
  std::vector<double> covered(tokens, 0);
  const TaggedSpan* previous = nullptr;
  for (const TaggedSpan& span : found) {
    Check(span.tokens.begin < span.tokens.end && span.tokens.end <= tokens, "spans lie in the window");
    Check(IsProbability(span.probability) && span.probability >= tau, "a span reaches tau");
    const double asked = marginals.Probability(span.tokens, span.type);
    Check(std::abs(asked - span.probability) <= 1e-9,
          "a span found has the probability that it has when asked for");
    Check(previous == nullptr || previous->tokens < span.tokens ||
              (previous->tokens == span.tokens && previous->type < span.type),
          "spans are in order, none twice");
    previous = &span;
    for (size_t i = span.tokens.begin; i < span.tokens.end; ++i) covered[i] += span.probability;
  }
  for (const double p : covered) Check(p <= 1 + 1e-6, "spans on one token exclude one another");
}

void CheckWindow(const LabelScheme& scheme, const std::vector<float>& scores, double tau) {
  const absl::StatusOr<Chain> chain = Chain::FromScores(scheme, scores);
  if (!chain.ok()) return;
  const SpanMarginals marginals(*chain);
  CheckSpans(marginals, tau, 1 << 20);
  CheckSpans(marginals, tau, 3);
  size_t end = 0;
  for (const PathSpan& span : BestPath(*chain)) {
    Check(
        span.tokens.begin >= end && span.tokens.begin < span.tokens.end && span.tokens.end <= chain->tokens(),
        "the best path's spans are in order, without overlaps");
    end = span.tokens.end;
  }
  if (chain->tokens() == 0) return;
  for (const double log_odds : marginals.Read({0, chain->tokens()}).log_odds) {
    Check(log_odds >= -15 && log_odds <= 15, "log-odds are bounded");
  }
}

}  // namespace
}  // namespace privet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(bytes), size);
  const size_t end = std::min(rest.find('\xFF'), rest.size());
  const auto scheme = privet::LabelScheme::FromLabels(privet::LinesOf(rest.substr(0, end)));
  if (!scheme.ok()) return 0;
  privet::CheckScheme(*scheme);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  if (rest.size() < 2) return 0;
  const double tau =
      static_cast<unsigned char>(rest[0]) / 256.0 + static_cast<unsigned char>(rest[1]) / 65536.0;
  rest.remove_prefix(2);
  const size_t labels = scheme->label_count();
  std::vector<float> scores(rest.size() / sizeof(float) / labels * labels);
  if (!scores.empty()) std::memcpy(scores.data(), &rest[0], scores.size() * sizeof(float));
  privet::CheckWindow(*scheme, scores, tau);
  // Most bits are huge or tiny numbers; the same as small ones.
  for (float& score : scores) score = std::isfinite(score) ? std::remainder(score, 8.0F) : 0;
  privet::CheckWindow(*scheme, scores, tau);
  return 0;
}
