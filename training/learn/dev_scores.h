// How well a model does on held-out texts while it learns.
#ifndef PRIVET_TRAINING_LEARN_DEV_SCORES_H_
#define PRIVET_TRAINING_LEARN_DEV_SCORES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/taxonomy.h"
#include "qwen3/packed_tokens.h"
#include "tagging/best_path.h"
#include "tagging/label_scheme.h"
#include "tagging/span_marginals.h"
#include "training/judge/curve.h"
#include "training/learn/examples.h"

namespace privet {

// Exact matches: same borders, same type.
struct SpanCounts {
  int64_t right = 0;
  int64_t found = 0;
  int64_t gold = 0;

  double precision() const {
    return found == 0 ? 0 : static_cast<double>(right) / static_cast<double>(found);
  }
  double recall() const { return gold == 0 ? 0 : static_cast<double>(right) / static_cast<double>(gold); }
  double f1() const {
    return found + gold == 0 ? 0 : 2 * static_cast<double>(right) / static_cast<double>(found + gold);
  }
};

struct DevScores {
  SpanCounts best_path;                      // of the best labelling or set: the plain baseline
  std::map<EntityType, SpanCounts> by_type;  // of the same
  int64_t overlapping = 0;                   // gold spans that a found one of their type touches
  std::vector<CurvePoint> curve;             // of likely spans, from high thresholds to low
  double recall_at_precision = 0;            // at the configured precision
  double precision_at_recall = 0;            // at the configured recall
};

inline constexpr double kLowestDevProbability = 0.01;  // of spans that the curve knows

struct DevWindow {
  const DevText* text = nullptr;
  const Window* window = nullptr;
};

// What a model finds in a window; ranges are of the window's tokens.
struct WindowFindings {
  std::vector<PathSpan> best;      // its answer: no two overlap
  std::vector<TaggedSpan> likely;  // those of kLowestDevProbability at least, which may overlap
};

// The findings of each window of a packed batch, whose sequences they are.
using FindFunction = std::function<absl::StatusOr<std::vector<WindowFindings>>(const PackedTokens&,
                                                                               std::span<const DevWindow>)>;

// Scores [tokens x labels] of a packed batch, row-major.
using ScoreFunction = std::function<std::vector<float>(const PackedTokens&)>;

// Runs all windows of all texts, in batches of up to `batch_tokens`. Spans of types that a record does not
// cover are not judged. For the curve each text keeps its spans of at least 1 % probability that do not
// overlap a more probable one.
absl::StatusOr<DevScores> ScoreDev(std::span<const DevText> texts, const LabelScheme& scheme,
                                   const FindFunction& find, int64_t batch_tokens, double at);

// The same for a tagger: the most probable labelling, and span marginals.
absl::StatusOr<DevScores> ScoreTaggerDev(std::span<const DevText> texts, const LabelScheme& scheme,
                                         const ScoreFunction& score, int64_t batch_tokens, double at);

}  // namespace privet

#endif  // PRIVET_TRAINING_LEARN_DEV_SCORES_H_
